#pragma once
// Borrowed byte ranges and the two conversions between bytes and text.
// A `Bytes` never owns: it is valid for the call it is passed to unless its comment says longer.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace chatd {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

inline Bytes as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(std::string& target, Bytes source) {
    target.append(reinterpret_cast<const char*>(source.data()), source.size());
}

}  // namespace chatd
