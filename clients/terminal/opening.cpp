#include "opening.hpp"

#include <fmt/core.h>

#include "chatd/wire/name.hpp"

#include "paint.hpp"

namespace chatd::terminal {

Opening::Opening(std::string_view nick, std::string_view room)
    : nick_(nick),
      room_(wire::bare_room(room)),
      nick_pending_(!nick.empty()),
      room_pending_(!room.empty()) {
    if (nick_pending_) commands_ += fmt::format("/nick {}\n", nick_);
    if (room_pending_) commands_ += fmt::format("/join #{}\n", room_);
}

void Opening::received(const client::TextEvent& event) {
    if (event.kind != client::TextEvent::Kind::reply) return;
    const bool about_nick = nick_pending_ && event.command == "NICK" && event.code != "GUEST";
    const bool about_room = room_pending_ && event.command == "JOIN";
    if (!about_nick && !about_room) return;
    if (about_nick) nick_pending_ = false;
    if (about_room) room_pending_ = false;
    if (event.severity != client::TextEvent::Severity::fail || refused()) return;
    std::string reason;
    append_safe(reason, event.body);
    refusal_ = about_nick ? fmt::format("--nick {}: {}", nick_, reason)
                          : fmt::format("--room {}: {}", room_, reason);
}

}  // namespace chatd::terminal
