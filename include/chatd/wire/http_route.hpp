#pragma once
// What an HTTP request asks for: one value per thing that can be asked, decoded from method, path,
// query and fields. The Origin rule (wire/websocket_handshake.hpp) comes before it; bodies come
// after it (wire/http_body.hpp). A route owns its texts. Plain functions, any thread.
//
// Paths are compared as sent, and never shortened: a dot segment is a name like any other. Rooms
// and query values are percent-decoded UTF-8 without NUL; whether a name is a good one is for the
// rooms to say (a room may hold an encoded slash here). What no route knows in a query is ignored.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "chatd/base/position.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/problem.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::wire {

// GET and HEAD.
struct HealthRoute {};     ///< /healthz
struct ReadyRoute {};      ///< /readyz
struct MetricsRoute {};    ///< /metrics
struct OpenRpcRoute {};    ///< /rpc/openrpc.json
struct RoomsRoute {};      ///< /v1/rooms
struct SchedulesRoute {};  ///< /v1/schedules

/// / and all below /assets/: a file of the web page, if there is one.
struct AssetRoute {
    std::string path;
};

/// /ws, /echo, and whatever asks for a WebSocket: check_upgrade() says the rest, method included.
struct WebSocketRoute {
    bool echo = false;
};

/// /v1/rooms/ROOM/messages?after=EPOCH:SEQ or ?before=EPOCH:SEQ, &limit=N
struct HistoryRoute {
    std::string room;
    Position after{};
    Position before{};
    std::uint32_t limit = 0;  ///< 0: not given; else at most limits::history_page_max

    /// Borrows from this.
    History request() const noexcept { return {room, after, before, limit}; }
};

/// /v1/rooms/ROOM/events?after=EPOCH:SEQ&slow_reader=WORD. The field Last-Event-ID counts before
/// `after`: a browser that comes back sends the same URL again.
struct EventsRoute {
    std::string room;
    std::optional<Position> after{};
    std::optional<SlowReader> slow_reader{};

    /// Borrows from this.
    Join request() const noexcept { return {room, after, slow_reader}; }
};

/// /v1/search?q=WORDS&room=ROOM&limit=N&skip=N
struct SearchRoute {
    std::string query;        ///< at most limits::search_query_bytes_max, not empty
    std::string room;         ///< empty: every room
    std::uint32_t limit = 0;  ///< 0: not given; else at most limits::search_hits_max
    std::uint32_t skip = 0;   ///< at most limits::search_skip_max

    /// Borrows from this.
    Search request() const noexcept { return {query, room, limit, skip}; }
};

/// /v1/connections?after=N&limit=N
struct ConnectionsRoute {
    std::uint32_t after = 0;
    std::uint32_t limit = 0;  ///< 0: not given; else at most limits::connections_page_max
};

enum class BodyKind : std::uint8_t {
    plain,  ///< the text itself, see plain_text()
    json,   ///< {"body", "action", "key", "reply_to", "as"}
};

/// POST /v1/rooms/ROOM/messages?as=NICK&key=KEY. What a JSON body names counts before the query.
struct SayRoute {
    std::string room;
    std::string as{};   ///< a nick, empty: not given
    std::string key{};  ///< 1 to limits::key_bytes_max bytes, empty: not given
    BodyKind body_kind = BodyKind::plain;
};

/// POST /rpc.
struct RpcRoute {};

/// POST /v1/schedules, PUT /v1/schedules/ID: the body is JSON as for the method `schedule`.
struct ScheduleRoute {
    std::uint64_t id = 0;  ///< 0: a new one; else the one it replaces
};

/// DELETE /v1/schedules/ID.
struct UnscheduleRoute {
    std::uint64_t id = 0;
};

using HttpRoute =
    std::variant<AssetRoute, HealthRoute, ReadyRoute, MetricsRoute, OpenRpcRoute, WebSocketRoute,
                 RoomsRoute, HistoryRoute, EventsRoute, SearchRoute, ConnectionsRoute, SayRoute,
                 RpcRoute, SchedulesRoute, ScheduleRoute, UnscheduleRoute>;

/// Where a request leads. Problems, after any of which the connection may go on:
///   400  BAD_ARGUMENT, BAD_POSITION, BAD_ROOM, BAD_NICK, BAD_KEY, BAD_QUERY: a path or query that
///        says what it must not, or lacks what it needs
///   404  NOT_FOUND: nothing is at that path
///   405  WRONG_METHOD, with Allow
///   415  BAD_CONTENT_TYPE: a POST or PUT that is not plain text, JSON or what `curl -d` says, not
///        in UTF-8, or in a content coding
std::expected<HttpRoute, Problem> route_request(const HttpRequest& request);

/// 404 NOT_FOUND.
Problem problem_not_found();

/// How many bytes of body a route takes; 0: it wants none.
std::size_t content_bytes_max(const HttpRoute& route) noexcept;

/// The text of a plain body: all of it, without one line end at its end. It may hold others.
std::string_view plain_text(std::string_view body) noexcept;

/// The token of `Authorization: Bearer TOKEN` (RFC 6750 2.1), borrowed from the head; empty when
/// there is no Authorization. Problems: 400 for more than one Authorization, 401 BAD_TOKEN for
/// another scheme or a token that is none.
std::expected<std::string_view, Problem> bearer_token(const HttpRequest& request);

}  // namespace chatd::wire
