#include "chatd/wire/http_route.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "chatd/base/limits.hpp"
#include "chatd/wire/websocket_handshake.hpp"
#include "wire/http_content.hpp"
#include "wire/query.hpp"

namespace chatd::wire {

namespace {

using Routed = std::expected<HttpRoute, Problem>;
using Refused = std::optional<Problem>;

constexpr std::string_view v1_prefix = "/v1/";
constexpr std::string_view assets_prefix = "/assets/";
constexpr std::string_view allow_read = "Allow: GET, HEAD\r\n";
constexpr std::string_view allow_post = "Allow: POST\r\n";
constexpr std::string_view allow_read_post = "Allow: GET, HEAD, POST\r\n";
constexpr std::string_view allow_put_delete = "Allow: PUT, DELETE\r\n";

// -- refusals --------------------------------------------------------------------------------

std::unexpected<Problem> refuse(Errc error, std::string_view sentence) {
    return std::unexpected(problem_saying(error, sentence));
}

std::unexpected<Problem> not_found() {
    return std::unexpected(problem_not_found());
}

std::unexpected<Problem> wrong_method(std::string_view allow) {
    return std::unexpected(Problem{.status = 405,
                                   .code = "WRONG_METHOD",
                                   .detail = "This path takes other methods; Allow names them.",
                                   .extra = allow});
}

// -- methods ---------------------------------------------------------------------------------

bool reads(const HttpRequest& request) noexcept {
    return request.method == HttpMethod::get || request.method == HttpMethod::head;
}

Routed read_only(const HttpRequest& request, HttpRoute route) {
    if (!reads(request)) return wrong_method(allow_read);
    return route;
}

/// A route whose body is JSON, whatever it is called: `curl -d` calls it a form.
Routed with_json(const HttpRequest& request, HttpRoute route) {
    const auto kind = body_kind_of(request);
    if (!kind) return std::unexpected(kind.error());
    return route;
}

// -- values ----------------------------------------------------------------------------------

/// All of `text` is one decimal number of at most `max`, written in its one way.
template <class Number>
bool parse_number(std::string_view text, Number max, Number& value) noexcept {
    if (text.size() > 1 && text.starts_with('0')) return false;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    return parsed.ec == std::errc{} && parsed.ptr == end && value <= max;
}

/// "EPOCH:SEQ", as the ids of events are written.
std::optional<Position> parse_event_id(std::string_view text) noexcept {
    Position position;
    const std::size_t colon = text.find(':');
    if (colon == text.npos) return {};
    if (!parse_number(text.substr(0, colon), json_integer_max, position.epoch) ||
        !parse_number(text.substr(colon + 1), json_integer_max, position.seq) || !position) {
        return {};
    }
    return position;
}

std::optional<SlowReader> parse_slow_reader(std::string_view word) noexcept {
    if (word == "backfill") return SlowReader::backfill;
    if (word == "oldest") return SlowReader::oldest;
    if (word == "latest") return SlowReader::latest;
    if (word == "close") return SlowReader::close;
    return {};
}

Refused read_position(const Query& query, std::string_view name, Position& position) {
    const std::string* text = query.find(name);
    if (!text) return {};
    const auto parsed = parse_event_id(*text);
    if (!parsed) {
        return problem_saying(
            Errc::bad_position,
            fmt::format("`{}` is EPOCH:SEQ, as in the id of an event: 1:42.", name));
    }
    position = *parsed;
    return {};
}

Refused read_number(const Query& query, std::string_view name, std::uint32_t min, std::uint32_t max,
                    std::uint32_t& number) {
    const std::string* text = query.find(name);
    if (!text) return {};
    if (!parse_number(*text, max, number) || number < min) {
        return problem_saying(Errc::bad_argument,
                              fmt::format("`{}` is a number from {} to {}.", name, min, max));
    }
    return {};
}

/// A room may be written with its '#', which is `%23` in a URL.
Refused read_room(const std::optional<std::string>& decoded, std::string& room) {
    const std::size_t mark_bytes = decoded && decoded->starts_with('#') ? 1 : 0;
    if (!decoded || decoded->size() == mark_bytes ||
        decoded->size() > limits::name_bytes_max + mark_bytes) {
        return problem_of(Errc::bad_room);
    }
    room = *decoded;
    return {};
}

// -- routes below /v1 ------------------------------------------------------------------------

Routed route_history(std::string room, const Query& query) {
    HistoryRoute route{.room = std::move(room)};
    Refused refused = read_position(query, "after", route.after);
    if (!refused) refused = read_position(query, "before", route.before);
    if (!refused) refused = read_number(query, "limit", 1, limits::history_page_max, route.limit);
    if (refused) return std::unexpected(*refused);
    if (route.after && route.before) {
        return refuse(Errc::bad_argument, "Give `after` or `before`, not both.");
    }
    return route;
}

Routed route_say(const HttpRequest& request, std::string room, const Query& query) {
    SayRoute route{.room = std::move(room)};
    if (const std::string* as = query.find("as")) {
        if (as->empty() || as->size() > limits::name_bytes_max) {
            return std::unexpected(problem_of(Errc::bad_nick));
        }
        route.as = *as;
    }
    if (const std::string* key = query.find("key")) {
        if (key->empty() || key->size() > limits::key_bytes_max) {
            return std::unexpected(problem_of(Errc::bad_key));
        }
        route.key = *key;
    }
    const auto kind = body_kind_of(request);
    if (!kind) return std::unexpected(kind.error());
    route.body_kind = *kind;
    return route;
}

Routed route_events(const HttpRequest& request, std::string room, const Query& query) {
    EventsRoute route{.room = std::move(room)};
    Position after;
    if (Refused refused = read_position(query, "after", after)) return std::unexpected(*refused);
    if (after) route.after = after;
    const std::string_view last = request.field("Last-Event-ID");
    if (!last.empty()) {
        route.after = parse_event_id(last);
        if (!route.after || request.count("Last-Event-ID") > 1) {
            return refuse(Errc::bad_position,
                          "Last-Event-ID is EPOCH:SEQ, the id of the last event, sent once.");
        }
    }
    if (const std::string* word = query.find("slow_reader")) {
        route.slow_reader = parse_slow_reader(*word);
        if (!route.slow_reader) {
            return refuse(Errc::bad_argument,
                          "`slow_reader` is backfill, oldest, latest or close.");
        }
    }
    return route;
}

Routed route_search(const Query& query) {
    SearchRoute route;
    const std::string* words = query.find("q");
    if (!words || words->empty()) {
        return refuse(Errc::bad_query, "Say what to search for: /v1/search?q=WORDS.");
    }
    if (words->size() > limits::search_query_bytes_max) {
        return refuse(Errc::bad_query,
                      fmt::format("`q` has at most {} bytes.", limits::search_query_bytes_max));
    }
    route.query = *words;
    Refused refused = read_number(query, "limit", 1, limits::search_hits_max, route.limit);
    if (!refused) refused = read_number(query, "skip", 0, limits::search_skip_max, route.skip);
    if (!refused && query.find("room")) refused = read_room(*query.find("room"), route.room);
    if (refused) return std::unexpected(*refused);
    return route;
}

Routed route_connections(const Query& query) {
    ConnectionsRoute route;
    Refused refused = read_number(query, "after", 0, UINT32_MAX, route.after);
    if (!refused) {
        refused = read_number(query, "limit", 1, limits::connections_page_max, route.limit);
    }
    if (refused) return std::unexpected(*refused);
    return route;
}

Routed route_room(const HttpRequest& request, std::string_view segment, std::string_view what) {
    const bool messages = what == "messages";
    if (!messages && what != "events") return not_found();
    const bool says = messages && request.method == HttpMethod::post;
    if (!says && !reads(request)) return wrong_method(messages ? allow_read_post : allow_read);
    std::string room;
    if (Refused refused = read_room(percent_decode(segment, false), room)) {
        return std::unexpected(*refused);
    }
    const auto query = Query::decode(request.query);
    if (!query) return refuse(Errc::bad_argument, query.error());
    if (says) return route_say(request, std::move(room), *query);
    if (messages) return route_history(std::move(room), *query);
    return route_events(request, std::move(room), *query);
}

Routed route_schedules(const HttpRequest& request) {
    if (request.method == HttpMethod::post) return with_json(request, ScheduleRoute{});
    if (!reads(request)) return wrong_method(allow_read_post);
    return SchedulesRoute{};
}

Routed route_schedule(const HttpRequest& request, std::string_view segment) {
    const bool replaces = request.method == HttpMethod::put;
    if (!replaces && request.method != HttpMethod::remove) return wrong_method(allow_put_delete);
    std::uint64_t id = 0;
    if (!parse_number(segment, json_integer_max, id) || id == 0) {
        return std::unexpected(problem_of(Errc::no_such_schedule));
    }
    if (replaces) return with_json(request, ScheduleRoute{id});
    return UnscheduleRoute{id};
}

struct Segments {
    static constexpr std::size_t count_max = 3;  // rooms/ROOM/messages
    std::array<std::string_view, count_max> at;
    std::size_t count = 0;  // one more than count_max: too many for any route
};

Segments segments_of(std::string_view path) noexcept {
    Segments segments;
    for (;;) {
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segments.count < Segments::count_max) segments.at[segments.count] = segment;
        ++segments.count;
        if (segment.size() == path.size() || segments.count > Segments::count_max) return segments;
        path.remove_prefix(segment.size() + 1);
    }
}

Routed route_v1(const HttpRequest& request) {
    const auto [at, count] = segments_of(request.path.substr(v1_prefix.size()));
    if (count == 1 && at[0] == "rooms") return read_only(request, RoomsRoute{});
    if (count == 3 && at[0] == "rooms") return route_room(request, at[1], at[2]);
    if (count == 1 && at[0] == "schedules") return route_schedules(request);
    if (count == 2 && at[0] == "schedules") return route_schedule(request, at[1]);
    const bool searches = count == 1 && at[0] == "search";
    if (!searches && (count != 1 || at[0] != "connections")) return not_found();
    if (!reads(request)) return wrong_method(allow_read);
    const auto query = Query::decode(request.query);
    if (!query) return refuse(Errc::bad_argument, query.error());
    return searches ? route_search(*query) : route_connections(*query);
}

}  // namespace

Routed route_request(const HttpRequest& request) {
    const std::string_view path = request.path;
    if (asks_for_websocket(request) || path == "/ws" || path == "/echo") {
        return WebSocketRoute{.echo = path == "/echo"};
    }
    if (path == "/" || path.starts_with(assets_prefix)) {
        return read_only(request, AssetRoute{std::string(path)});
    }
    if (path == "/healthz") return read_only(request, HealthRoute{});
    if (path == "/readyz") return read_only(request, ReadyRoute{});
    if (path == "/metrics") return read_only(request, MetricsRoute{});
    if (path == "/rpc/openrpc.json") return read_only(request, OpenRpcRoute{});
    if (path == "/rpc") {
        if (request.method != HttpMethod::post) return wrong_method(allow_post);
        return with_json(request, RpcRoute{});
    }
    if (path.starts_with(v1_prefix)) return route_v1(request);
    return not_found();
}

Problem problem_not_found() {
    return {.status = 404,
            .code = "NOT_FOUND",
            .detail =
                "Nothing is here. There is /, /ws, /rpc, /rpc/openrpc.json, /v1/rooms, "
                "/v1/rooms/ROOM/messages, /v1/rooms/ROOM/events, /v1/search, /v1/schedules, "
                "/v1/connections, /echo, /healthz, /readyz and /metrics."};
}

std::size_t content_bytes_max(const HttpRoute& route) noexcept {
    constexpr std::size_t line_end_bytes_max = 2;
    if (const auto* say = std::get_if<SayRoute>(&route)) {
        return say->body_kind == BodyKind::plain ? limits::body_bytes_max + line_end_bytes_max
                                                 : limits::rpc_text_bytes_max;
    }
    const bool takes_json =
        std::holds_alternative<RpcRoute>(route) || std::holds_alternative<ScheduleRoute>(route);
    return takes_json ? limits::rpc_text_bytes_max : 0;
}

}  // namespace chatd::wire
