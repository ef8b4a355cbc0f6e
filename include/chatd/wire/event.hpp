#pragma once
// What happens in a room, as one plain value: the vocabulary that every dialect spells in its own
// way (wire/form.hpp). Views borrow from whoever made the event; valid for the call.

#include <cstdint>
#include <string_view>

namespace chatd::wire {

enum class EventKind : std::uint8_t {
    message,      ///< `from` said `body`
    action,       ///< `from` did `body` (/me)
    joined,       ///< `from` came
    left,         ///< `from` went; `body` is the reason
    renamed,      ///< `from` is now called `body`
    joined_many,  ///< `body` is how many came, where naming each would be noise
    left_many,    ///< `body` is how many went
};

struct Event {
    EventKind kind = EventKind::message;
    std::string_view room{};  ///< without '#', as first written
    std::string_view from{};  ///< a nick; empty for the `_many` kinds
    std::string_view body{};  ///< UTF-8; at most limits::body_bytes_max
};

/// Messages and actions carry a number; events about people do not (and may go missing).
constexpr bool is_numbered(EventKind kind) noexcept {
    return kind <= EventKind::action;
}

}  // namespace chatd::wire
