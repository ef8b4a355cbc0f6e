#pragma once
// ASCII characters by the names that grammars give them. Pure functions, any thread.

#include <string_view>

namespace chatd::wire {

constexpr bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/// RFC 9110 5.6.2: tchar.
constexpr bool is_token_character(char c) noexcept {
    return is_alphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// CR, LF, NUL and the like, DEL among them; HTAB is none.
constexpr bool is_control(char c) noexcept {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

/// The value of a hex digit in either case, or -1.
constexpr int hex_digit_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace chatd::wire
