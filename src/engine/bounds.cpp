// Memory kept within its bounds: trimming logs, dropping encodings, cancelling the sends that alone
// keep trimmed segments. Runs at the end of a turn, after everyone was handed what is.

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chatd/base/planted.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using chat::Room;
using Kind = Output::Kind;

void unlink_oldest(Core& core, Room& room) {
    chat::move_resting_cursors(room, core.memberships, room.log.edge_after_unlink(),
                               [&](const Membership& membership) {
                                   core.mark_ready(core.connections[membership.connection]);
                               });
    room.log.unlink_oldest();
}

// The rooms that have something to trim, the one appended to longest ago first.
std::vector<Room*> rooms_by_idleness(Core& core) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_turn;
    for (std::uint32_t index = 0; index < core.rooms.index_end(); ++index) {
        const Room* room = core.rooms.at_index(index);
        if (room != nullptr && room->log.segment_count() > 0) {
            by_turn.emplace_back(room->appended_turn, index);
        }
    }
    std::sort(by_turn.begin(), by_turn.end());
    std::vector<Room*> idlest_first;
    idlest_first.reserve(by_turn.size());
    for (const auto& [turn, index] : by_turn)
        idlest_first.push_back(core.rooms.at_index(index));
    return idlest_first;
}

void drop_idle_runs(Core& core, Room& room, std::size_t bytes_max) {
    room.log.drop_runs(bytes_max, [&](LogIndex first, LogIndex end) {
        return std::any_of(room.members.begin(), room.members.end(), [&](std::uint32_t index) {
            const LogIndex cursor = core.memberships.at_index(index)->cursor;
            return cursor >= first && cursor < end;
        });
    });
}

void enforce_room_bounds(Core& core, Room& room) {
    while (room.log.canonical_bytes() > core.config.log.room_bytes_max &&
           room.log.segment_count() > 1) {
        unlink_oldest(core, room);
    }
    if (room.log.run_bytes() > core.config.log.room_bytes_max) {
        drop_idle_runs(core, room, core.config.log.room_bytes_max);
    }
    while (room.log.run_bytes() > core.config.log.room_bytes_max && room.log.segment_count() > 1) {
        unlink_oldest(core, room);
    }
}

// Past a bound for all rooms a sixteenth is freed at once, so that the rooms are not looked through
// for every segment: canonical bytes by trimming, encodings by dropping and then by trimming.
void enforce_total_bounds(Core& core) {
    const std::size_t bytes_max = core.config.log.total_bytes_max;
    const std::size_t target = bytes_max - bytes_max / 16;
    const chat::LogTotals& totals = core.log_totals;
    if (totals.canonical_bytes <= bytes_max && totals.run_bytes <= bytes_max) return;
    const std::vector<Room*> idlest_first = rooms_by_idleness(core);
    if (totals.canonical_bytes > bytes_max) {
        for (Room* room : idlest_first) {
            while (totals.canonical_bytes > target && room->log.segment_count() > 0) {
                unlink_oldest(core, *room);
            }
        }
    }
    if (totals.run_bytes <= bytes_max) return;
    for (Room* room : idlest_first) {
        if (totals.run_bytes > target) drop_idle_runs(core, *room, 0);
    }
    for (Room* room : idlest_first) {
        while (totals.run_bytes > target && room->log.segment_count() > 1) {
            unlink_oldest(core, *room);
        }
    }
}

bool flies_from(const InFlight& flight, const chat::Run* run) {
    return flight.span.segment != nullptr && flight.span.segment->unlinked &&
           flight.span.run == run;
}

// Cancels every send from one run of an unlinked segment; a run is freed with its last pin.
void cancel_sends_from(Core& core, const chat::Run* run) {
    for (std::uint32_t index = 0; index < core.flights.index_end(); ++index) {
        InFlight* flight = core.flights.at_index(index);
        if (flight == nullptr || !flies_from(*flight, run) || flight->cancelled_at != time_never)
            continue;
        flight->cancelled_at = core.now;
        core.outputs.push_back({Kind::cancel, flight->connection, {}});
        arm_timer(core, core.connections[flight->connection]);
    }
}

// Past the bound of what only flying sends keep, the longest-held of them are cancelled.
void enforce_unlinked_bound(Core& core) {
    const std::size_t bytes_max = core.config.log.unlinked_bytes_max;
    if (core.log_totals.unlinked_bytes <= bytes_max || planted(Planted::cancel_forgotten)) return;
    struct Held {
        std::uint64_t turn = 0;
        bool cancelled = false;
    };
    std::unordered_map<const chat::Run*, Held> held;  // by run: its oldest send
    for (std::uint32_t index = 0; index < core.flights.index_end(); ++index) {
        const InFlight* flight = core.flights.at_index(index);
        if (flight == nullptr || flight->span.segment == nullptr || !flight->span.segment->unlinked)
            continue;
        auto [entry, fresh] = held.try_emplace(flight->span.run, Held{flight->turn, true});
        if (!fresh) entry->second.turn = std::min(entry->second.turn, flight->turn);
        if (flight->cancelled_at == time_never) entry->second.cancelled = false;
    }
    std::size_t kept = core.log_totals.unlinked_bytes;
    std::vector<std::pair<std::uint64_t, const chat::Run*>> oldest_first;
    for (const auto& [run, state] : held) {
        if (state.cancelled) {
            kept -= run->bytes_max;
        } else {
            oldest_first.emplace_back(state.turn, run);
        }
    }
    std::sort(oldest_first.begin(), oldest_first.end());
    for (const auto& [turn, run] : oldest_first) {
        if (kept <= bytes_max) return;
        cancel_sends_from(core, run);
        kept -= run->bytes_max;
    }
}

}  // namespace

void enforce_bounds(Core& core) {
    for (const RoomId id : core.flushed_rooms) {
        Room* room = core.rooms.find(id);
        if (room != nullptr) enforce_room_bounds(core, *room);
    }
    core.flushed_rooms.clear();
    for (const RoomId id : std::exchange(core.overfull_rooms, {})) {
        Room* room = core.rooms.find(id);
        if (room == nullptr) continue;
        room->overfull = false;
        enforce_room_bounds(core, *room);
    }
    enforce_total_bounds(core);
    enforce_unlinked_bound(core);
}

}  // namespace chatd::engine
