#include "engine/core.hpp"

namespace chatd::engine {

Core::Core(const EngineConfig& engine_config, const DatagramsConfig& datagrams_config, Time start)
    : config(engine_config),
      now(start),
      connections(engine_config.connections_max),
      rooms(engine_config.rooms_max),
      memberships(engine_config.memberships_max),
      streams(engine_config.connections_max),
      flights(engine_config.connections_max),
      nicks(engine_config.seed),
      wheel(start),
      datagrams(datagrams_config) {
    lobby = rooms.emplace(std::string(wire::lobby_name), config.log, log_totals);
    rooms_by_fold.emplace(chat::fold(wire::lobby_name), lobby);
    rooms_by_skeleton.emplace(chat::skeleton(wire::lobby_name), lobby);
}

Stream& Core::stream_of(Connection& connection) {
    if (connection.stream == no_index) connection.stream = streams.emplace().index;
    return *streams.at_index(connection.stream);
}

bool Core::stream_takes(const Connection& connection, std::size_t bytes) noexcept {
    if (connection.stream == no_index) return true;
    return streams.at_index(connection.stream)->held_bytes() + bytes <= config.stream_bytes_max;
}

chat::Membership* Core::membership_in(const Connection& connection, RoomId room) noexcept {
    for (auto index = connection.memberships; index != chat::no_membership;) {
        chat::Membership& membership = *memberships.at_index(index);
        if (membership.room == room) return &membership;
        index = membership.next;
    }
    return nullptr;
}

std::string_view word_of(Ending ending) noexcept {
    switch (ending) {
        case Ending::none:
            return "";
        case Ending::quit:
            return "quit";
        case Ending::closed:
            return "closed";
        case Ending::reset:
            return "reset";
        case Ending::timed_out:
            return "timed out";
        case Ending::protocol:
            return "protocol error";
        case Ending::slow:
            return "too slow";
        case Ending::shutdown:
            return "shutdown";
    }
    return "";
}

}  // namespace chatd::engine
