#pragma once
// What a client can ask for: the whole vocabulary, one value per request. Text commands
// (wire/text_request.hpp), JSON-RPC (wire/json_request.hpp) and HTTP (wire/http_route.hpp) are
// three spellings of it; what one can ask for, all can (`hello` and `resume` are JSON's own, `help`
// is text's).
// Views borrow from the input they were decoded from; valid for the call. Rooms are written with or
// without '#'; an empty room is the connection's current one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "chatd/base/position.hpp"

namespace chatd::wire {

/// What happens to a reader whose next lines were trimmed away.
enum class SlowReader : std::uint8_t {
    backfill,  ///< what is gone from memory comes from the store, in order
    oldest,    ///< a gap notice names what is gone, then the oldest lines that are left
    latest,    ///< a gap notice names everything up to now, then what comes from now on
    close,     ///< the connection is closed
};

struct Say {
    std::string_view room{};
    std::string_view body{};
    bool action = false;     ///< /me
    std::string_view key{};  ///< at most limits::key_bytes_max; acknowledged and never said twice
    Position reply_to{};     ///< none, or the message it answers
};
struct Edit {
    std::string_view room{};
    Position target{};  ///< epoch 0: the room's present one
    std::string_view body{};
};
struct Redact {
    std::string_view room{};
    Position target{};
};
struct React {
    std::string_view room{};
    Position target{};
    std::string_view reaction{};  ///< at most limits::reaction_bytes_max
    bool off = false;
};
struct Topic {
    std::string_view room{};
    std::optional<std::string_view> text{};  ///< none: only asks; empty: clears it
};
struct Typing {
    std::string_view room{};
    bool on = true;
};
/// Tells the others how far one has read.
struct Read {
    std::string_view room{};
    Position at{};
};
struct Nick {
    std::string_view name{};
};
struct Join {
    std::string_view room{};
    std::optional<Position> since{};          ///< the last one the client has: what follows comes
    std::optional<SlowReader> slow_reader{};  ///< for this room alone
};
struct Leave {
    std::string_view room{};
};
struct Rooms {};
struct Who {
    std::string_view room{};
};
struct History {
    std::string_view room{};
    Position after{};   ///< the first ones after it, oldest first
    Position before{};  ///< the last ones before it, oldest first; neither: the newest there are
    std::uint32_t limit = 0;  ///< 0: the usual number
};
/// Words, "phrases", from:NICK, in:ROOM, before:TIME, after:TIME (wire/search_query.hpp).
struct Search {
    std::string_view query{};
    std::string_view room{};  ///< empty: every room
    std::uint32_t limit = 0;
    std::uint32_t skip = 0;  ///< of the best, for the next page
};
struct Msg {
    std::string_view nick{};
    std::string_view body{};
};
struct Ping {
    std::string_view token{};
};
struct Notices {
    bool on = false;
};
/// Subscribes to the datagrams of the lobby, newest first; hz 0 unsubscribes.
struct Datagrams {
    std::uint32_t hz = 0;
};
/// Sends one datagram to the raw UDP peers.
struct Datagram {
    std::vector<std::byte> payload{};
};

/// When a scheduled line is said (wire/time_text.hpp reads the spellings).
struct When {
    enum class Kind : std::uint8_t {
        after,        ///< `ms` from now
        at,           ///< at `ms` since 1970
        time_of_day,  ///< the next time the server's zone shows `ms` since midnight
        every,        ///< each `ms`, the first one `ms` from now
    };
    Kind kind = Kind::after;
    std::int64_t ms = 0;
};
struct Schedule {
    std::uint64_t id = 0;  ///< 0: a new one; else the one it replaces
    std::string_view room{};
    std::string_view body{};
    bool action = false;
    When when{};
};
struct Schedules {};
struct Unschedule {
    std::uint64_t id = 0;
};
struct Stats {};
/// A page of the live connections; told to who asks from this machine.
struct Connections {
    std::uint32_t after = 0;  ///< ConnectionsReply::next of the page before; 0: the first page
    std::uint32_t limit = 0;  ///< 0: the usual number
};

/// A room and how far the client has it.
struct RoomSince {
    std::string_view room{};
    std::optional<Position> since{};
    std::optional<SlowReader> slow_reader{};
};
/// Opens a session, which the token of the answer names from then on.
struct Hello {
    std::string_view nick{};
    std::optional<std::vector<RoomSince>> rooms{};  ///< none: the lobby
    std::optional<bool> notices{};
};
/// Attaches this connection to the session of `token`.
struct Resume {
    std::string_view token{};
    std::optional<std::vector<RoomSince>> rooms{};  ///< none: the lobby
    std::optional<bool> notices{};
};

struct Help {};
struct Quit {};

using Request =
    std::variant<Say, Edit, Redact, React, Topic, Typing, Read, Nick, Join, Leave, Rooms, Who,
                 History, Search, Msg, Ping, Notices, Datagrams, Datagram, Schedule, Schedules,
                 Unschedule, Stats, Connections, Hello, Resume, Help, Quit>;

}  // namespace chatd::wire
