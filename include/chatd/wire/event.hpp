#pragma once
// What happens in a room, as one plain value: the vocabulary that every dialect spells in its own
// way (wire/form.hpp). Views borrow from whoever made the event; valid for the call.

#include <cstdint>
#include <string_view>

#include "chatd/base/position.hpp"
#include "chatd/base/uuid.hpp"

namespace chatd::wire {

enum class EventKind : std::uint8_t {
    // Numbered, stored, resumed.
    message,   ///< `from` said `body`; `target` is the message it answers, if any
    action,    ///< `from` did `body` (/me)
    edited,    ///< `from` changed `target` into `body`
    redacted,  ///< `from` took `target` back
    reacted,   ///< `from` put `body` (an emoji, a word) on `target`, or took it off again (`off`)
    topic,     ///< `from` set the topic to `body`; an empty one clears it
    // In the log for order, but neither numbered nor stored.
    joined,       ///< `from` came
    left,         ///< `from` went; `body` is the reason
    renamed,      ///< `from` is now called `body`
    joined_many,  ///< so many came that naming each would be noise; `body`: wire/crowd.hpp
    left_many,    ///< the same of those who went
};
inline constexpr std::size_t event_kind_count = 11;

struct Event {
    EventKind kind = EventKind::message;
    std::string_view room{};  ///< without '#', as first written
    std::string_view from{};  ///< a nick; empty for the `_many` kinds
    std::string_view body{};  ///< UTF-8; at most limits::body_bytes_max
    std::string_view key{};   ///< the publisher's own, at most limits::key_bytes_max; often none
    Uuid id{};                ///< the server's, version 7; of numbered events alone
    Position at{};            ///< of numbered events alone; the log gives it
    Position target{};        ///< see the kinds; none for all others
    bool off = false;         ///< of `reacted`
    bool removed = false;     ///< a message or action taken back: its body is not shown any more
};

/// Numbered events are stored and resumed; those about people are not (and may go missing).
constexpr bool is_numbered(EventKind kind) noexcept {
    return kind <= EventKind::topic;
}

/// What can be edited, redacted, reacted to and answered.
constexpr bool is_said(EventKind kind) noexcept {
    return kind <= EventKind::action;
}

}  // namespace chatd::wire
