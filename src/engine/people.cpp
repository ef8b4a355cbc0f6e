// Nicks, joining and leaving, saying, and the events that others see of it.

#include <algorithm>
#include <utility>

#include "chatd/wire/crowd.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using chat::NickHolder;
using chat::Room;
using wire::Errc;
using wire::Event;
using wire::EventKind;

constexpr Duration events_window = std::chrono::seconds{1};

void append_event(Core& core, Room& room, RoomId id, const Event& event, ConnSerial author) {
    room.log.append(event, author);
    room.appended_turn = core.turn;
    ++core.counters.events;
    mark_dirty(core, room, id);
}

// A new second: what was left out of the last one is told as numbers, before anything else.
void begin_events_window(Core& core, Room& room, RoomId id) {
    room.events_window = core.now;
    room.events_in_window = 0;
    for (auto [count, kind] : {std::pair{&room.joined_untold, EventKind::joined_many},
                               std::pair{&room.left_untold, EventKind::left_many}}) {
        const std::uint32_t untold = std::exchange(*count, 0);
        if (untold == 0 || room.notice_readers == 0) continue;
        const std::string body = wire::crowd_body({.count = untold, .people = room.named_count});
        append_event(core, room, id, {.kind = kind, .body = body}, 0);
    }
}

// Before the number of people changes, which what is told now must not know.
void tell_if_due(Core& core, Room& room, RoomId id) {
    if (core.now - room.events_window >= events_window) begin_events_window(core, room, id);
}

// Tells the room, unless nobody looks; in a crowd, and past what is enough for a second, who came
// and went is counted instead, and the number told when the second is over. After tell_if_due().
void tell(Core& core, Membership& membership, EventKind kind, ConnSerial author,
          std::string_view from, std::string_view body) {
    Room& room = core.room_of(membership);
    if (room.notice_readers == 0) return;
    if (!room.is_crowd() && room.events_in_window < limits::events_per_room_second_max) {
        ++room.events_in_window;
        append_event(core, room, membership.room, {.kind = kind, .from = from, .body = body},
                     author);
        // JSON readers get what they said themselves, so they step over nothing.
        if (!core.connections[membership.connection].json) membership.own_until = room.log.end();
        return;
    }
    if (!std::exchange(room.events_untold, true)) core.untold_rooms.push_back(membership.room);
    if (kind == EventKind::joined) ++room.joined_untold;
    if (kind == EventKind::left) ++room.left_untold;
}

void link_membership(Core& core, Connection& connection, MemberId id) {
    Membership& membership = core.memberships[id];
    membership.next = connection.memberships;
    connection.memberships = id.index;
    ++connection.membership_count;
    Room& room = core.room_of(membership);
    membership.place = static_cast<std::uint32_t>(room.members.size());
    room.members.push_back(id.index);
}

void unlink_membership(Core& core, Connection& connection, Membership& membership,
                       std::uint32_t index) {
    for (std::uint32_t* link = &connection.memberships;;) {
        CHATD_ASSERT(*link != chat::no_membership);
        if (*link == index) {
            *link = membership.next;
            break;
        }
        link = &core.memberships.at_index(*link)->next;
    }
    --connection.membership_count;
    Room& room = core.room_of(membership);
    const std::uint32_t moved = room.members.back();
    room.members[membership.place] = moved;
    core.memberships.at_index(moved)->place = membership.place;
    room.members.pop_back();
}

std::uint32_t index_in(const Core& core, const Connection& connection, const Membership& wanted) {
    auto& memberships = const_cast<Core&>(core).memberships;
    for (auto index = connection.memberships; index != chat::no_membership;) {
        const Membership& membership = *memberships.at_index(index);
        if (&membership == &wanted) return index;
        index = membership.next;
    }
    CHATD_ASSERT(false);
    return chat::no_membership;
}

// Another connection of the same session that is in the room, if any: somebody is there once.
Membership* elsewhere_in(Core& core, const Connection& connection, RoomId room) {
    const Session* session = session_of(core, connection);
    if (session == nullptr) return nullptr;
    for (const ConnId id : session->connections) {
        if (id == connection.id) continue;
        if (Membership* membership = core.membership_in(core.connections[id], room)) {
            return membership;
        }
    }
    return nullptr;
}

void show_person(Core& core, Connection& connection, Membership& membership) {
    if (elsewhere_in(core, connection, membership.room) != nullptr) return;
    Room& room = core.room_of(membership);
    tell_if_due(core, room, membership.room);
    membership.named = true;
    ++room.named_count;
    tell(core, membership, EventKind::joined, connection.serial, connection.nick(), {});
}

void hide_person(Core& core, Connection& connection, Membership& membership,
                 std::string_view reason) {
    if (!membership.named) return;
    membership.named = false;
    if (Membership* other = elsewhere_in(core, connection, membership.room)) {
        other->named = true;
        return;
    }
    Room& room = core.room_of(membership);
    tell_if_due(core, room, membership.room);
    --room.named_count;
    tell(core, membership, EventKind::left, connection.serial, connection.nick(), reason);
}

template <class Visit>
void for_each_membership(Core& core, const Connection& connection, Visit&& visit) {
    for (auto index = connection.memberships; index != chat::no_membership;) {
        Membership& membership = *core.memberships.at_index(index);
        index = membership.next;
        visit(membership);
    }
}

// Visits the connection and those that share its session.
template <class Visit>
void for_each_voice(Core& core, Connection& connection, Visit&& visit) {
    const Session* session = session_of(core, connection);
    if (session == nullptr) return visit(connection);
    for (const ConnId id : session->connections)
        visit(core.connections[id]);
}

}  // namespace

Membership* join_room(Core& core, Connection& connection, std::string_view name, Errc& error) {
    RoomId room_id;
    Room* room = find_or_make_room(core, name, room_id, error);
    if (room == nullptr) return nullptr;
    if (Membership* already = core.membership_in(connection, room_id)) return already;
    if (connection.membership_count >= limits::rooms_per_connection_max ||
        core.memberships.full()) {
        error = Errc::too_many_rooms;
        forget_if_empty(core, room_id);
        return nullptr;
    }
    const MemberId id = core.memberships.emplace();
    Membership& membership = core.memberships[id];
    membership.room = room_id;
    membership.connection = connection.id;
    membership.cursor = room->log.end();
    membership.shows_notices = connection.notices;
    membership.ephemeral_seen = room->ephemeral_version;  // who typed before is no news
    if (connection.notices) ++room->notice_readers;
    link_membership(core, connection, id);
    if (!connection.nick().empty()) show_person(core, connection, membership);
    return &membership;
}

void leave_room(Core& core, Connection& connection, Membership& membership,
                std::string_view reason) {
    const std::uint32_t index = index_in(core, connection, membership);
    const RoomId room_id = membership.room;
    Room& room = core.rooms[room_id];
    if (membership.shows_notices) --room.notice_readers;
    hide_person(core, connection, membership, reason);
    if (membership.catches_up()) end_catch_up(core, membership);
    if (room_id == core.lobby) stop_reading_datagrams(core, connection);
    unlink_membership(core, connection, membership, index);
    if (connection.current == index) connection.current = chat::no_membership;
    core.memberships.erase(core.memberships.handle_at(index));
    forget_if_empty(core, room_id);
}

void leave_all(Core& core, Connection& connection, std::string_view reason) {
    while (connection.memberships != chat::no_membership) {
        leave_room(core, connection, *core.memberships.at_index(connection.memberships), reason);
    }
}

Errc name_connection(Core& core, Connection& connection, std::string_view wanted) {
    CHATD_ASSERT(connection.nick().empty());
    if (wanted.empty()) {
        // Guest numbers only grow, so that a name never passes to another unseen.
        std::string guest;
        do {
            guest = chat::guest_nick(++core.guests);
        } while (core.nicks.take(guest, NickHolder(connection.id)) != Errc::none);
        connection.set_nick(core.nicks.held(guest));
    } else {
        if (const Errc error = chat::check_nick(wanted); error != Errc::none) return error;
        if (const Errc error = core.nicks.take(wanted, NickHolder(connection.id));
            error != Errc::none)
            return error;
        connection.set_nick(core.nicks.held(wanted));
    }
    for_each_membership(core, connection,
                        [&](Membership& membership) { show_person(core, connection, membership); });
    return Errc::none;
}

Errc rename_connection(Core& core, Connection& connection, std::string_view next) {
    if (const Errc error = chat::check_nick(next); error != Errc::none) return error;
    const std::string previous(connection.nick());
    if (previous == next) return Errc::none;
    if (const Errc error = core.nicks.rename(previous, next); error != Errc::none) return error;
    const std::string_view held = core.nicks.held(next);
    for_each_voice(core, connection, [&](Connection& voice) {
        voice.set_nick(held);
        for_each_membership(core, voice, [&](Membership& membership) {
            if (!membership.named) return;
            tell_if_due(core, core.room_of(membership), membership.room);
            tell(core, membership, EventKind::renamed, voice.serial, previous, next);
        });
    });
    if (Session* session = session_of(core, connection)) {
        session->nick = held;
        keep_session(core, *session);
    }
    return Errc::none;
}

void adopt_nick(Core& core, Connection& connection, std::string_view held) {
    CHATD_ASSERT(connection.nick().empty());
    connection.set_nick(held);
    for_each_membership(core, connection,
                        [&](Membership& membership) { show_person(core, connection, membership); });
}

void set_notices(Core& core, Connection& connection, bool on) {
    if (connection.notices == on) return;
    connection.notices = on;
    for_each_membership(core, connection, [&](Membership& membership) {
        Room& room = core.room_of(membership);
        membership.shows_notices = on;
        if (!connection.json) membership.ephemeral_seen = room.ephemeral_version;
        room.notice_readers += on ? 1U : UINT32_MAX;
    });
}

void tell_untold_events(Core& core) {
    std::erase_if(core.untold_rooms, [&](RoomId id) {
        Room* room = core.rooms.find(id);
        if (room == nullptr) return true;
        if (core.now - room->events_window < events_window) return false;
        begin_events_window(core, *room, id);
        room->events_untold = false;
        return true;
    });
}

Time next_untold(const Core& core) noexcept {
    Time earliest = time_never;
    for (const RoomId id : core.untold_rooms) {
        const Room* room = core.rooms.find(id);
        if (room != nullptr) earliest = std::min(earliest, room->events_window + events_window);
    }
    return earliest;
}

std::uint32_t others_in(Core& core, const Connection& connection, RoomId room) {
    const Membership* own = core.membership_in(connection, room);
    const Membership* same = elsewhere_in(core, connection, room);
    const bool counted = (own != nullptr && own->named) || (same != nullptr && same->named);
    return core.rooms[room].named_count - (counted ? 1U : 0U);
}

}  // namespace chatd::engine
