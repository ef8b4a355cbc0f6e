#pragma once
// What dispatch() and carry_out_once() share: the requests that do not depend on who is a member of
// what. Each gives its outcome, or none when that comes later by `ask`.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core.hpp"

namespace chatd::engine {

inline std::unexpected<wire::Failure> failure(wire::Errc error, std::string detail = {}) {
    return std::unexpected(wire::Failure{.error = error, .detail = std::move(detail)});
}

// A number alone means the room's present epoch.
inline Position in_epoch(Position position, const chat::Room& room) noexcept {
    if (position.epoch == 0 && position.seq != 0) position.epoch = room.log.epoch();
    return position;
}

// What a change makes happen in its room; author, number and id come later.
inline wire::Event event_of(const wire::Edit& edit) noexcept {
    return {.kind = wire::EventKind::edited, .body = edit.body, .target = edit.target};
}
inline wire::Event event_of(const wire::Redact& redact) noexcept {
    return {.kind = wire::EventKind::redacted, .target = redact.target};
}
inline wire::Event event_of(const wire::React& react) noexcept {
    return {.kind = wire::EventKind::reacted,
            .body = react.reaction,
            .target = react.target,
            .off = react.off};
}
inline wire::Event event_of(const wire::Topic& topic) noexcept {
    return {.kind = wire::EventKind::topic, .body = topic.text.value_or("")};
}

// -- lists.cpp -------------------------------------------------------------------------------

wire::Outcome list_rooms(const Core& core);
wire::Outcome list_people(Core& core, RoomId room);
wire::Outcome stats_reply(const Core& core);

// -- connections.cpp -------------------------------------------------------------------------

std::optional<wire::Outcome> ask_connections(Core& core, Connection& connection,
                                             const wire::Connections& wanted, Ask& ask);

// -- privates.cpp, posts.cpp -----------------------------------------------------------------

std::optional<wire::Outcome> private_message(Core& core, Connection& connection,
                                             const Speaker& speaker, const wire::Msg& msg,
                                             Ask& ask);
wire::Outcome post_datagram(Core& core, const Connection& connection, std::string_view nick,
                            const wire::Datagram& datagram);

// -- reads.cpp -------------------------------------------------------------------------------

/// `room` is null when it is not in memory.
std::optional<wire::Outcome> read_history(Core& core, Connection& connection, std::string_view name,
                                          const chat::Room* room, const wire::History& history,
                                          Ask& ask);
std::optional<wire::Outcome> read_search(Core& core, Connection& connection,
                                         const wire::Search& search, Ask& ask);

// -- join.cpp --------------------------------------------------------------------------------

/// Joins, or finds the membership; with `since` what follows that position comes first.
chat::Membership* join_at(Core& core, Connection& connection, std::string_view room,
                          std::optional<Position> since, wire::Errc& error);
wire::RoomStanding standing_after_join(Core& core, const Connection& connection,
                                       const chat::Membership& membership,
                                       std::optional<Position> since);
/// Joins all the rooms of a hello, or the lobby if it names none, and adds their standings.
std::optional<wire::Failure> join_all(Core& core, Connection& connection,
                                      const std::optional<std::vector<wire::RoomSince>>& rooms,
                                      std::vector<wire::RoomStanding>& standings);

}  // namespace chatd::engine
