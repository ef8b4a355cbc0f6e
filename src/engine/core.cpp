#include "engine/core.hpp"

namespace chatd::engine {

Core::Core(const EngineConfig& engine_config, const DatagramsConfig& datagrams_config, Time start,
           chat::Restored&& restored)
    : config(engine_config),
      began(start),
      now(start),
      unix_now(engine_config.unix_start),
      connections(engine_config.connections_max),
      rooms(engine_config.rooms_max),
      memberships(engine_config.memberships_max),
      streams(engine_config.connections_max),
      flights(engine_config.connections_max),
      nicks(engine_config.seed),
      wheel(start),
      ids(engine_config.seed),
      run(static_cast<std::uint32_t>(ids.next() >> 33) | 1),
      sessions(engine_config.sessions_max),
      sessions_swept(start),
      catch_ups(engine_config.memberships_max),
      batches(limits::rpc_batches_max),
      datagrams(datagrams_config) {
    restore(*this, std::move(restored));
    wire::Errc error = wire::Errc::none;
    chat::Room* const room = find_or_make_room(*this, wire::lobby_name, lobby, error);
    CHATD_ASSERT(room != nullptr);
    keep_room(*this, *room);
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
