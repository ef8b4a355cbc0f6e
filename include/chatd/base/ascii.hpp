#pragma once
// ASCII letters in either case. Names, header fields and tokens are compared so; all other bytes
// are themselves, whatever the locale. Pure functions, any thread.

#include <algorithm>
#include <string_view>

namespace chatd {

constexpr char ascii_lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

constexpr bool equal_without_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, ascii_lower, ascii_lower);
}

}  // namespace chatd
