// Joining at a position: what follows it comes first, from the log or else from the store, and the
// verdict says whether that is all of it.

#include <algorithm>
#include <utility>

#include "chatd/base/planted.hpp"
#include "chatd/wire/name.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using chat::Room;
using wire::Errc;

const chat::EpochEnd* ended_epoch(const Room& room, Epoch epoch) {
    const auto found = std::find_if(room.ended_epochs.begin(), room.ended_epochs.end(),
                                    [&](const chat::EpochEnd& end) { return end.epoch == epoch; });
    return found == room.ended_epochs.end() ? nullptr : &*found;
}

struct Verdict {
    Position from;  ///< where the reader goes on
    bool recovered = true;
    Position missing_from{};
    Position missing_to{};
};

// The first hole in what is kept after `position`; the one that is still open among them.
std::optional<chat::Hole> hole_after(const Room& room, Position position) {
    for (const chat::Hole& hole : room.kept.holes) {
        if (Position{hole.epoch, hole.to} > position) return hole;
    }
    if (room.hole_from == 0 || position >= Position{room.log.epoch(), room.hole_to}) {
        return std::nullopt;
    }
    return chat::Hole{room.log.epoch(), room.hole_from, room.hole_to};
}

// The number after `position`: past the end of its epoch the first of the next one.
Position following(const Room& room, Position position) {
    const chat::EpochEnd* end = ended_epoch(room, position.epoch);
    if (end == nullptr || position.seq < end->last) return {position.epoch, position.seq + 1};
    for (const chat::EpochEnd& later : room.ended_epochs) {
        if (later.epoch > position.epoch && later.last > 0) return {later.epoch, 1};
    }
    return {room.log.epoch(), 1};
}

// A position that was never given, or is of a tail that did not survive.
Verdict from_unknown(const Room& room, Position since, const chat::EpochEnd* end) {
    const Position last = room.log.last();
    if (end == nullptr) {
        // Of an epoch that nobody knows: all of the present one may be new to the reader.
        Verdict verdict{.from = last, .recovered = false};
        if (since.epoch != last.epoch && last.seq > 0) {
            verdict.missing_from = {last.epoch, 1};
            verdict.missing_to = last;
        }
        return verdict;
    }
    // Of the old epoch nothing after `end` is known any more; the reader goes on from the next.
    return {.from = {end->epoch, end->last},
            .recovered = false,
            .missing_from = {end->epoch, end->last + 1},
            .missing_to = since};
}

// The beginning of the epoch after one that nobody knows.
Position next_beginning(const Room& room, Position since) {
    for (const chat::EpochEnd& later : room.ended_epochs) {
        if (later.epoch > since.epoch) return {later.epoch, 0};
    }
    return {room.log.epoch(), 0};
}

Verdict judge(const Core& core, const Room& room, Position named) {
    const Position since = in_epoch(named, room);
    const Position last = room.log.last();
    if (since.epoch == last.epoch && since.seq > last.seq)
        return from_unknown(room, since, nullptr);
    if (since.epoch != last.epoch) {
        const chat::EpochEnd* end = ended_epoch(room, since.epoch);
        // The store knows an epoch from its first number on. One that it does not know had none,
        // unless a crash took it: whoever was at its beginning gets all there is, and is told so.
        const bool unused = core.config.keeps_history && since.seq == 0 && end == nullptr &&
                            since.epoch < last.epoch;
        if (unused) {
            Verdict verdict = judge(core, room, next_beginning(room, since));
            verdict.recovered = false;
            return verdict;
        }
        const bool given = end != nullptr && since.seq <= end->last;
        if (!given && !planted(Planted::tail_promised)) return from_unknown(room, since, end);
    }
    if (room.log.holds_after(since)) return {.from = since};
    const Position edge =
        core.config.keeps_history ? room.kept.after : room.log.before(room.log.first());
    if (edge && since < edge) {
        return {.from = edge,
                .recovered = false,
                .missing_from = following(room, since),
                .missing_to = edge};
    }
    if (const auto hole = hole_after(room, since)) {
        return {.from = since,
                .recovered = false,
                .missing_from = std::max(Position{hole->epoch, hole->from}, following(room, since)),
                .missing_to = {hole->epoch, hole->to}};
    }
    return {.from = since};
}

// The membership as it would be joined anew at another position; what flies of the old one finds
// nothing to move any more.
Membership& renewed(Core& core, Connection& connection, Membership& old) {
    const MemberId id = core.memberships.emplace();
    Membership& fresh = core.memberships[id];
    Room& room = core.room_of(old);
    fresh.room = old.room;
    fresh.connection = old.connection;
    fresh.place = old.place;
    fresh.next = old.next;
    fresh.named = old.named;
    fresh.shows_notices = old.shows_notices;
    fresh.ephemeral_seen = old.ephemeral_seen;
    if (old.slow_reader() != chat::slow_reader_of_server) {
        fresh.make_detour().slow_reader = old.slow_reader();
    }
    fresh.cursor = room.log.end();
    const std::uint32_t old_index = room.members[old.place];
    if (old.catches_up()) end_catch_up(core, old);
    room.members[old.place] = id.index;
    for (std::uint32_t* link = &connection.memberships;;
         link = &core.memberships.at_index(*link)->next) {
        CHATD_ASSERT(*link != chat::no_membership);
        if (*link != old_index) continue;
        *link = id.index;
        break;
    }
    if (connection.current == old_index) connection.current = id.index;
    core.memberships.erase(core.memberships.handle_at(old_index));
    return fresh;
}

void start_at(Core& core, Connection& connection, Membership& membership, Position from) {
    const Room& room = core.room_of(membership);
    if (room.log.holds_after(from)) {
        membership.cursor = room.log.index_after(from);
    } else if (core.config.keeps_history) {
        begin_catch_up(core, connection, membership, from);
    } else {
        membership.cursor = room.log.first();
    }
    if (!connection.json) membership.own_until = room.log.end();
    core.mark_ready(connection);
}

}  // namespace

Membership* join_at(Core& core, Connection& connection, std::string_view written,
                    std::optional<Position> since, Errc& error) {
    const std::string_view name = wire::bare_room(written);
    RoomId id;
    const Room* room = find_room(core, name, id);
    const bool already = room != nullptr && core.membership_in(connection, id) != nullptr;
    if (already && since && core.memberships.full()) {
        error = Errc::too_many_rooms;
        return nullptr;
    }
    Membership* membership = join_room(core, connection, name, error);
    if (membership == nullptr || !since) return membership;
    if (already) membership = &renewed(core, connection, *membership);
    start_at(core, connection, *membership, judge(core, core.room_of(*membership), *since).from);
    return membership;
}

wire::RoomStanding standing_after_join(Core& core, const Connection& connection,
                                       const Membership& membership,
                                       std::optional<Position> since) {
    const Room& room = core.room_of(membership);
    wire::RoomStanding standing{.room = room.name(),
                                .at = room.log.last(),
                                .others = others_in(core, connection, membership.room),
                                .topic = room.topic};
    if (!since) return standing;
    const Verdict verdict = judge(core, room, *since);
    standing.recovered = verdict.recovered;
    standing.missing_from = verdict.missing_from;
    standing.missing_to = verdict.missing_to;
    return standing;
}

std::optional<wire::Failure> join_all(Core& core, Connection& connection,
                                      const std::optional<std::vector<wire::RoomSince>>& rooms,
                                      std::vector<wire::RoomStanding>& standings) {
    const std::vector<wire::RoomSince> lobby{{.room = wire::lobby_name}};
    for (const wire::RoomSince& wanted : rooms ? *rooms : lobby) {
        Errc error = Errc::none;
        Membership* membership = join_at(core, connection, wanted.room, wanted.since, error);
        if (membership == nullptr) {
            return wire::Failure{.error = error, .detail = std::string(wanted.room)};
        }
        if (wanted.slow_reader) {
            membership->make_detour().slow_reader = static_cast<std::uint8_t>(*wanted.slow_reader);
        }
        if (connection.current == chat::no_membership) set_current(core, connection, *membership);
        standings.push_back(standing_after_join(core, connection, *membership, wanted.since));
    }
    return std::nullopt;
}

}  // namespace chatd::engine
