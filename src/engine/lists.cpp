// What there is here: rooms, people, counters.

#include "engine/requests.hpp"

namespace chatd::engine {

using wire::Outcome;

Outcome list_rooms(const Core& core) {
    wire::RoomsReply reply;
    auto& rooms = const_cast<Core&>(core).rooms;
    for (std::uint32_t index = 0; index < rooms.index_end(); ++index) {
        const chat::Room* room = rooms.at_index(index);
        if (room == nullptr || (room->named_count == 0 && rooms.handle_at(index) != core.lobby)) {
            continue;
        }
        ++reply.total;
        if (reply.rooms.size() == limits::list_lines_max) continue;
        reply.rooms.push_back({room->name(), room->named_count});
    }
    return reply;
}

Outcome list_people(Core& core, RoomId id) {
    const chat::Room& room = core.rooms[id];
    wire::WhoReply reply{.room = room.name(), .nicks = {}, .total = room.named_count};
    for (const std::uint32_t index : room.members) {
        const chat::Membership& member = *core.memberships.at_index(index);
        if (!member.named || reply.nicks.size() == limits::list_lines_max) continue;
        reply.nicks.emplace_back(core.connections[member.connection].nick());
    }
    return reply;
}

Outcome stats_reply(const Core& core) {
    const Counters& counters = core.counters;
    return wire::StatsReply{{
        {"connections", core.connections.size()},
        {"rooms", core.rooms.size()},
        {"nicks", core.nicks.size()},
        {"sessions", core.sessions.size()},
        {"udp_peers", core.datagrams.peer_count()},
        {"messages_total", counters.messages},
        {"private_messages_total", counters.private_messages},
        {"deliveries_total", counters.deliveries},
        {"gap_notices_total", counters.gaps},
        {"store_queue", core.store.bytes.size()},
    }};
}

}  // namespace chatd::engine
