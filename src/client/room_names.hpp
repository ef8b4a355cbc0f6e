#pragma once
// Names of rooms as people write them and as the server compares them: with or without '#', in any
// case. Pure functions, any thread.

#include <algorithm>
#include <string_view>

namespace chatd::client {

inline std::string_view bare_room(std::string_view written) noexcept {
    return written.starts_with('#') ? written.substr(1) : written;
}

/// Names are ASCII (PROTOCOL.md 5).
inline bool same_room(std::string_view one, std::string_view other) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [&](char left, char right) { return lower(left) == lower(right); });
}

}  // namespace chatd::client
