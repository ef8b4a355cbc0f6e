// Typing and read markers: told to those who are there, the newest of each person, when nothing
// else waits for them; never in the log, never stored.

#include <algorithm>

#include "chatd/wire/form.hpp"
#include "chatd/wire/json_event.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Ephemeral;
using chat::Room;

void tell(Core& core, RoomId id, Ephemeral&& told) {
    Room& room = core.rooms[id];
    if (room.is_crowd()) return;  // nobody could follow who is typing
    const auto same = std::find_if(
        room.ephemerals.begin(), room.ephemerals.end(),
        [&](const Ephemeral& other) { return other.kind == told.kind && other.nick == told.nick; });
    if (same != room.ephemerals.end()) room.ephemerals.erase(same);
    if (room.ephemerals.size() == limits::ephemerals_max) {
        room.ephemerals.erase(room.ephemerals.begin());
    }
    told.version = ++room.ephemeral_version;
    room.ephemerals.push_back(std::move(told));
    for (const std::uint32_t index : room.members) {
        Connection& reader = core.connections[core.memberships.at_index(index)->connection];
        if (shows_ephemerals(reader)) core.mark_ready(reader);
    }
}

void append_json(std::string& line, const Room& room, const Ephemeral& told) {
    const bool typing = told.kind == Ephemeral::Kind::typing;
    std::string params;
    if (typing) {
        wire::append_typing_json(params, room.name(), told.nick, told.on);
    } else {
        wire::append_read_json(params, room.name(), told.nick, told.at);
    }
    wire::append_notification(line, typing ? "typing" : "read", params);
}

void append_text(std::string& line, const Room& room, const Ephemeral& told) {
    if (told.kind == Ephemeral::Kind::typing) {
        wire::append_typing_text(line, room.name(), told.nick, told.on);
    } else {
        wire::append_read_text(line, room.name(), told.nick, told.at, room.log.epoch());
    }
}

}  // namespace

// A text client's notices are off at first, so that scripts stay simple.
bool shows_ephemerals(const Connection& reader) noexcept {
    return reader.json || reader.notices;
}

void tell_typing(Core& core, RoomId room, std::string_view nick, bool on) {
    tell(core, room, {.kind = Ephemeral::Kind::typing, .nick = std::string(nick), .on = on});
}

void tell_read(Core& core, RoomId room, std::string_view nick, Position at) {
    tell(core, room, {.kind = Ephemeral::Kind::read, .nick = std::string(nick), .at = at});
}

void append_ephemerals(Core& core, const Connection& reader, chat::Membership& membership,
                       std::string& out) {
    const Room& room = core.room_of(membership);
    if (membership.ephemeral_seen == room.ephemeral_version) return;
    for (const Ephemeral& told : room.ephemerals) {
        if (told.version <= membership.ephemeral_seen || told.nick == reader.nick()) continue;
        core.line.clear();
        if (reader.json) {
            append_json(core.line, room, told);
        } else {
            append_text(core.line, room, told);
        }
        wire::append_line(out, reader.framed(), core.line);
    }
    membership.ephemeral_seen = room.ephemeral_version;
}

}  // namespace chatd::engine
