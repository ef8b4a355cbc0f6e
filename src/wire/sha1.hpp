#pragma once
// SHA-1 (RFC 3174). Only RFC 6455's handshake uses it, where it proves nothing but that the
// server read the key; it protects nothing here.

#include <array>

#include "chatd/base/bytes.hpp"

namespace chatd::wire {

using Sha1Digest = std::array<std::byte, 20>;

Sha1Digest sha1(Bytes message) noexcept;

}  // namespace chatd::wire
