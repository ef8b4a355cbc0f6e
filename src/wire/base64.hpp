#pragma once
// Base64 (RFC 4648 4), standard alphabet, padded.

#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"

namespace chatd::wire {

std::string base64_encode(Bytes bytes);

/// How many bytes `text` stands for, nothing when it is not base64: a length that is no multiple
/// of four, a foreign character, padding elsewhere than at the end. Bits that the padding leaves
/// over are not looked at, as RFC 4648 3.5 allows: clients that draw 22 characters exist.
std::optional<std::size_t> base64_decoded_bytes(std::string_view text) noexcept;

}  // namespace chatd::wire
