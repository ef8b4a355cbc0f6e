#include "chatd/client/standing.hpp"

#include "chatd/wire/form.hpp"

namespace chatd::client {

namespace {

std::string_view room_in(const TextEvent& event) noexcept {
    std::string_view context = event.context;
    const std::string_view word = next_word(context);
    return word.starts_with('#') ? word.substr(1) : std::string_view();
}

}  // namespace

bool Standing::received(const TextEvent& event) {
    if (event.severity != TextEvent::Severity::note) return false;
    const std::string nick_before = nick_;
    const std::string room_before = room_;
    if (event.command == "NICK") {
        std::string_view context = event.context;
        if (const auto nick = next_word(context); !nick.empty()) nick_ = nick;
    } else if (event.command == "JOIN" || (event.command == "*" && event.code == "WELCOME")) {
        if (const auto room = room_in(event); !room.empty()) room_ = room;
        if (room_ == wire::lobby_name) in_lobby_ = true;
    } else if (event.command == "LEAVE") {
        if (const auto room = room_in(event); !room.empty()) left(room);
    }
    return nick_ != nick_before || room_ != room_before;
}

// After leaving the current room the lobby is current, if one is still in it.
void Standing::left(std::string_view room) {
    if (room == wire::lobby_name) in_lobby_ = false;
    if (room != room_ && !room_.empty()) return;
    room_ = in_lobby_ ? std::string(wire::lobby_name) : std::string();
}

}  // namespace chatd::client
