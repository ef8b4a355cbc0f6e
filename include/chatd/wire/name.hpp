#pragma once
// Names of rooms and of people as they are written and compared (PROTOCOL.md 5). Which are allowed
// is chat/names.hpp's business. Pure functions, any thread.

#include <string_view>

#include "chatd/base/ascii.hpp"

namespace chatd::wire {

/// The room's name without one leading '#', which is no part of it.
constexpr std::string_view bare_room(std::string_view written) noexcept {
    return written.starts_with('#') ? written.substr(1) : written;
}

/// Names are ASCII, and equal in any case.
constexpr bool same_name(std::string_view left, std::string_view right) noexcept {
    return equal_without_case(left, right);
}

}  // namespace chatd::wire
