// Answers, and lines of schedules, that wait until the store has committed what they are about.

#include <algorithm>
#include <utility>

#include "chatd/base/planted.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

using chat::Room;
using wire::Outcome;

std::optional<Outcome> when_durable(Core& core, Connection& connection, wire::Reply&& reply,
                                    chat::Ticket ticket, Ask& ask) {
    const bool durable = ticket <= core.store.committed;
    if (durable || planted(Planted::acknowledged_early)) return Outcome(std::move(reply));
    ++connection.make_uncommon().owed;
    if (ask.in_order()) ++connection.asked;
    // Tickets ascend, but for a repetition, whose answer comes with what it repeats.
    const auto place = std::upper_bound(
        core.awaited_commits.begin(), core.awaited_commits.end(), ticket,
        [](chat::Ticket wanted, const AwaitedCommit& other) { return wanted < other.ticket; });
    core.awaited_commits.insert(place, {.ticket = ticket,
                                        .connection = connection.id,
                                        .ask = std::move(ask),
                                        .reply = std::move(reply),
                                        .room = {}});
    return std::nullopt;
}

void show_fired(Core& core) {
    for (const AwaitedCommit& awaited : core.awaited_commits) {
        Room* room = core.rooms.find(awaited.room);
        if (room == nullptr || room->fired.empty()) continue;
        room->fired.clear();
        room->visible_end = chat::log_index_unbounded;
        mark_dirty(core, *room, awaited.room);
    }
}

void commit(Core& core, chat::Ticket ticket) {
    StoreStanding& store = core.store;
    while (store.committed < ticket) {
        CHATD_ASSERT(!store.bytes.empty());
        store.bytes_sum -= store.bytes.front();
        store.bytes.pop_front();
        ++store.committed;
    }
    while (!core.awaited_commits.empty() && core.awaited_commits.front().ticket <= ticket) {
        AwaitedCommit awaited = std::move(core.awaited_commits.front());
        core.awaited_commits.pop_front();
        if (Room* room = core.rooms.find(awaited.room)) {
            std::erase_if(room->fired, [&](LogIndex index) { return index <= awaited.fired; });
            room->visible_end =
                room->fired.empty() ? chat::log_index_unbounded : room->fired.front();
            mark_dirty(core, *room, awaited.room);
            forget_if_empty(core, awaited.room);
        }
        Connection* connection = core.connections.find(awaited.connection);
        if (connection == nullptr || connection->phase >= Phase::lingering) continue;
        --connection->uncommon->owed;
        if (awaited.ask.in_order()) --connection->asked;
        answer(core, *connection, awaited.ask, std::move(awaited.reply));
        core.mark_ready(*connection);
        resume_if_possible(core, *connection);
    }
}

}  // namespace chatd::engine
