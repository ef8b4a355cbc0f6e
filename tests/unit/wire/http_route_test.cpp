#include "chatd/wire/http_route.hpp"

#include <initializer_list>

#include "chatd/base/limits.hpp"
#include "support/asked.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;

namespace {

using Lines = std::initializer_list<std::string_view>;

std::expected<HttpRoute, Problem> routed(std::string_view what, Lines lines = {}) {
    const Asked asked(what, lines);
    return route_request(*asked);
}

/// The route, which must be an R.
template <class R>
R route(std::string_view what, Lines lines = {}) {
    CAPTURE(what);
    auto found = routed(what, lines);
    REQUIRE(found);
    REQUIRE(std::holds_alternative<R>(*found));
    return std::get<R>(std::move(*found));
}

/// "404 NOT_FOUND", or "" for a request that has a route.
std::string problem(std::string_view what, Lines lines = {}) {
    const auto found = routed(what, lines);
    if (found) return {};
    CHECK_FALSE(found.error().detail.empty());
    CHECK_FALSE(http_reason(found.error().status).empty());
    return std::to_string(found.error().status) + " " + std::string(found.error().code);
}

std::string_view allowed(std::string_view what) {
    const auto found = routed(what);
    REQUIRE_FALSE(found);
    CHECK(found.error().status == 405);
    return found.error().extra;
}

}  // namespace

TEST_CASE("fixed paths lead where they say", "[wire][http-route]") {
    for (const std::string method : {"GET", "HEAD"}) {
        CHECK(route<AssetRoute>(method + " /").path == "/");
        CHECK(route<AssetRoute>(method + " /?%zz").path == "/");
        CHECK(route<AssetRoute>(method + " /assets/a-1.js").path == "/assets/a-1.js");
        route<HealthRoute>(method + " /healthz");
        route<ReadyRoute>(method + " /readyz");
        route<MetricsRoute>(method + " /metrics");
        route<OpenRpcRoute>(method + " /rpc/openrpc.json");
        route<RoomsRoute>(method + " /v1/rooms");
        route<SchedulesRoute>(method + " /v1/schedules");
    }
    route<HealthRoute>("GET http://a/healthz");
    CHECK_FALSE(route<WebSocketRoute>("GET /ws").echo);
    CHECK(route<WebSocketRoute>("GET /echo").echo);
    route<WebSocketRoute>("POST /ws");
    CHECK_FALSE(route<WebSocketRoute>("GET /", {"Upgrade: websocket", "Connection: Upgrade"}).echo);
    route<WebSocketRoute>("GET /nothing", {"Upgrade: websocket", "Connection: Upgrade"});
}

TEST_CASE("nothing is at other paths, and no path is shortened", "[wire][http-route]") {
    for (const char* path : {"/nothing",
                             "/%68ealthz",
                             "/healthz/",
                             "//healthz",
                             "/ws/",
                             "/rpc/",
                             "/rpc/openrpc",
                             "/v1",
                             "/v1/",
                             "/v1/room",
                             "/v1/rooms/",
                             "/v1/rooms/dev",
                             "/v1/rooms/dev/",
                             "/v1/rooms/dev/messages/",
                             "/v1/rooms/dev/message",
                             "/v1/rooms/dev/messages/1",
                             "/v1/search/",
                             "/v1/rooms/a/b/messages",
                             "/v1/../metrics",
                             "/./healthz",
                             "/v1/x/../rooms",
                             "/v1/%72ooms",
                             "/v1/schedules/1/2",
                             "/V1/rooms",
                             "/v1/search/x/messages",
                             "/v2/rooms",
                             "/v1/rooms/../../metrics"}) {
        CAPTURE(path);
        CHECK(problem("GET " + std::string(path)) == "404 NOT_FOUND");
        CHECK(problem("POST " + std::string(path)) == "404 NOT_FOUND");
    }
    CHECK(problem("OPTIONS *") == "404 NOT_FOUND");
    CHECK(problem("CONNECT a:80") == "404 NOT_FOUND");
}

TEST_CASE("a method that a path does not take is answered with those it does",
          "[wire][http-route]") {
    const std::pair<const char*, const char*> table[] = {
        {"POST /", "GET, HEAD"},
        {"OPTIONS /", "GET, HEAD"},
        {"DELETE /healthz", "GET, HEAD"},
        {"PUT /readyz", "GET, HEAD"},
        {"POST /metrics", "GET, HEAD"},
        {"POST /rpc/openrpc.json", "GET, HEAD"},
        {"GET /rpc", "POST"},
        {"HEAD /rpc", "POST"},
        {"POST /v1/rooms", "GET, HEAD"},
        {"DELETE /v1/rooms/dev/messages", "GET, HEAD, POST"},
        {"PUT /v1/rooms/%/messages", "GET, HEAD, POST"},
        {"POST /v1/rooms/dev/events", "GET, HEAD"},
        {"POST /v1/search?q=x", "GET, HEAD"},
        {"DELETE /v1/schedules", "GET, HEAD, POST"},
        {"GET /v1/schedules/1", "PUT, DELETE"},
        {"POST /v1/schedules/1", "PUT, DELETE"},
    };
    for (const auto& [what, allow] : table) {
        CAPTURE(what);
        CHECK(allowed(what) == "Allow: " + std::string(allow) + "\r\n");
    }
}

TEST_CASE("a page of history is asked for by position and length", "[wire][http-route]") {
    const auto newest = route<HistoryRoute>("GET /v1/rooms/dev/messages");
    CHECK(newest.room == "dev");
    CHECK_FALSE(newest.after);
    CHECK_FALSE(newest.before);
    CHECK(newest.limit == 0);

    const auto after = route<HistoryRoute>("HEAD /v1/rooms/dev/messages?after=3:0&limit=500");
    CHECK(after.after == Position{3, 0});
    CHECK(after.limit == 500);
    const History request = after.request();
    CHECK(request.room == "dev");
    CHECK(request.after == Position{3, 0});
    CHECK_FALSE(request.before);
    CHECK(request.limit == 500);

    const auto before = route<HistoryRoute>("GET /v1/rooms/dev/messages?before=1%3A42&other=x");
    CHECK(before.before == Position{1, 42});
    CHECK(before.request().before == Position{1, 42});
}

TEST_CASE("positions and limits outside their grammar are refused", "[wire][http-route]") {
    const std::string path = "GET /v1/rooms/dev/messages?";
    for (const char* bad : {"",
                            "1",
                            ":",
                            "1:",
                            ":1",
                            "0:1",
                            "-1:1",
                            "1:-1",
                            "+1:1",
                            "1:1:1",
                            "1;1",
                            "01:1",
                            "1:00",
                            "1:%201",
                            "x:y",
                            "1:0x1",
                            "9007199254740993:1",
                            "1:9007199254740993",
                            "99999999999999999999:1",
                            "1:99999999999999999999"}) {
        CAPTURE(bad);
        CHECK(problem(path + "after=" + bad) == "400 BAD_POSITION");
        CHECK(problem(path + "before=" + bad) == "400 BAD_POSITION");
    }
    CHECK(route<HistoryRoute>(path + "after=9007199254740992:9007199254740992").after ==
          Position{json_integer_max, json_integer_max});
    for (const char* bad : {"", "0", "501", "-1", "+5", "05", "1.5", "5x", "99999999999"}) {
        CAPTURE(bad);
        CHECK(problem(path + "limit=" + bad) == "400 BAD_ARGUMENT");
    }
    CHECK(route<HistoryRoute>(path + "limit=1").limit == 1);
    CHECK(problem(path + "after=1:1&before=1:9") == "400 BAD_ARGUMENT");
    CHECK(problem(path + "limit=1&limit=1") == "400 BAD_ARGUMENT");
    CHECK(problem(path + "limit=%") == "400 BAD_ARGUMENT");
    CHECK(problem(path + "x=%ff") == "400 BAD_ARGUMENT");
}

TEST_CASE("a problem names the parameter and its bounds", "[wire][http-route]") {
    const auto found = routed("GET /v1/rooms/dev/messages?limit=501");
    REQUIRE_FALSE(found);
    CHECK(found.error().detail == "`limit` is a number from 1 to 500.");
    const auto position = routed("GET /v1/rooms/dev/messages?before=x");
    REQUIRE_FALSE(position);
    CHECK(position.error().detail.find("`before` is EPOCH:SEQ") == 0);
}

TEST_CASE("a room's name is decoded after the path is cut", "[wire][http-route]") {
    const auto room = [](std::string_view segment) {
        return route<HistoryRoute>("GET /v1/rooms/" + std::string(segment) + "/messages").room;
    };
    CHECK(room("d%65v") == "dev");
    CHECK(room("%23dev") == "#dev");
    CHECK(room("a%2Fb") == "a/b");
    CHECK(room("..") == "..");
    CHECK(room("%2e%2e") == "..");
    CHECK(room("a+b") == "a+b");
    CHECK(room("%E2%82%AC") == "\xe2\x82\xac");
    const std::string longest(limits::name_bytes_max, 'r');
    CHECK(room(longest) == longest);
    CHECK(room("%23" + longest) == "#" + longest);
    for (const std::string& bad : {std::string(""), std::string("%23"), longest + "r",
                                   "%23" + longest + "r", std::string("%"), std::string("%4"),
                                   std::string("%00"), std::string("%ff"), std::string("a%C3")}) {
        CAPTURE(bad);
        CHECK(problem("GET /v1/rooms/" + bad + "/messages") == "400 BAD_ROOM");
        CHECK(problem("GET /v1/rooms/" + bad + "/events") == "400 BAD_ROOM");
        CHECK(problem("POST /v1/rooms/" + bad + "/messages") == "400 BAD_ROOM");
    }
}

TEST_CASE("what curl sends is said", "[wire][http-route]") {
    const auto said =
        route<SayRoute>("POST /v1/rooms/ops/messages",
                        {"Content-Length: 8", "Content-Type: application/x-www-form-urlencoded"});
    CHECK(said.room == "ops");
    CHECK(said.as.empty());
    CHECK(said.key.empty());
    CHECK(said.body_kind == BodyKind::plain);
    const auto named = route<SayRoute>("POST /v1/rooms/ops/messages?as=deploy-bot&key=build+17%2F3",
                                       {"Content-Type: application/json"});
    CHECK(named.as == "deploy-bot");
    CHECK(named.key == "build 17/3");
    CHECK(named.body_kind == BodyKind::json);
}

TEST_CASE("a bad name, key or type of what is said is refused", "[wire][http-route]") {
    const std::string path = "POST /v1/rooms/ops/messages";
    CHECK(problem(path + "?as=") == "400 BAD_NICK");
    CHECK(problem(path + "?as=" + std::string(limits::name_bytes_max, 'n')).empty());
    CHECK(problem(path + "?as=" + std::string(limits::name_bytes_max + 1, 'n')) == "400 BAD_NICK");
    CHECK(problem(path + "?key=") == "400 BAD_KEY");
    CHECK(problem(path + "?key=" + std::string(limits::key_bytes_max, 'k')).empty());
    CHECK(problem(path + "?key=" + std::string(limits::key_bytes_max + 1, 'k')) == "400 BAD_KEY");
    CHECK(problem(path + "?key=%00") == "400 BAD_ARGUMENT");
    CHECK(problem(path + "?as=a&as=b") == "400 BAD_ARGUMENT");
    CHECK(problem(path, {"Content-Type: text/html"}) == "415 BAD_CONTENT_TYPE");
}

TEST_CASE("a stream of events begins where its reader left off", "[wire][http-route]") {
    const std::string path = "GET /v1/rooms/dev/events";
    CHECK_FALSE(route<EventsRoute>(path).after);
    CHECK_FALSE(route<EventsRoute>(path, {"Last-Event-ID:"}).after);
    CHECK(route<EventsRoute>(path + "?after=1:2").after == Position{1, 2});
    CHECK(route<EventsRoute>(path, {"Last-Event-ID: 7:3"}).after == Position{7, 3});
    const auto back =
        route<EventsRoute>(path + "?after=1:2&slow_reader=latest", {"last-event-id: 7:3"});
    CHECK(back.after == Position{7, 3});
    CHECK(back.request().room == "dev");
    CHECK(back.request().since == Position{7, 3});
    CHECK(back.request().slow_reader == SlowReader::latest);
    CHECK_FALSE(route<EventsRoute>(path).slow_reader);
    CHECK(route<EventsRoute>(path + "?slow_reader=backfill").slow_reader == SlowReader::backfill);
    CHECK(route<EventsRoute>(path + "?slow_reader=oldest").slow_reader == SlowReader::oldest);
    CHECK(route<EventsRoute>(path + "?slow_reader=close").slow_reader == SlowReader::close);

    CHECK(problem(path, {"Last-Event-ID: garbage"}) == "400 BAD_POSITION");
    CHECK(problem(path, {"Last-Event-ID: 1:1", "Last-Event-ID: 1:1"}) == "400 BAD_POSITION");
    CHECK(problem(path + "?after=7") == "400 BAD_POSITION");
    CHECK(problem(path + "?after=x", {"Last-Event-ID: 1:1"}) == "400 BAD_POSITION");
    CHECK(problem(path + "?slow_reader=") == "400 BAD_ARGUMENT");
    CHECK(problem(path + "?slow_reader=Close") == "400 BAD_ARGUMENT");
}

TEST_CASE("a search has words and perhaps bounds", "[wire][http-route]") {
    const auto found =
        route<SearchRoute>("GET /v1/search?q=%22two+words%22+from:ana&room=dev&limit=100&skip=0");
    CHECK(found.query == "\"two words\" from:ana");
    CHECK(found.room == "dev");
    CHECK(found.limit == 100);
    CHECK(found.skip == 0);
    CHECK(found.request().query == found.query);
    CHECK(found.request().room == "dev");
    CHECK(found.request().limit == 100);
    const auto plain = route<SearchRoute>("GET /v1/search?q=x&skip=1000");
    CHECK(plain.room.empty());
    CHECK(plain.limit == 0);
    CHECK(plain.request().skip == 1000);

    CHECK(problem("GET /v1/search") == "400 BAD_QUERY");
    CHECK(problem("GET /v1/search?q=") == "400 BAD_QUERY");
    const std::string longest(limits::search_query_bytes_max, 'q');
    CHECK(problem("GET /v1/search?q=" + longest).empty());
    CHECK(problem("GET /v1/search?q=" + longest + "q") == "400 BAD_QUERY");
    CHECK(problem("GET /v1/search?q=" + std::string(16'000, 'q')) == "400 BAD_QUERY");
    CHECK(problem("GET /v1/search?q=%zz") == "400 BAD_ARGUMENT");
    CHECK(problem("GET /v1/search?q=x&limit=101") == "400 BAD_ARGUMENT");
    CHECK(problem("GET /v1/search?q=x&limit=0") == "400 BAD_ARGUMENT");
    CHECK(problem("GET /v1/search?q=x&skip=1001") == "400 BAD_ARGUMENT");
    CHECK(problem("GET /v1/search?q=x&room=") == "400 BAD_ROOM");
}

TEST_CASE("JSON-RPC and schedules are posted", "[wire][http-route]") {
    route<RpcRoute>("POST /rpc", {"Content-Type: application/json"});
    route<RpcRoute>("POST /rpc", {"Content-Type: application/x-www-form-urlencoded"});
    CHECK(problem("POST /rpc", {"Content-Type: application/xml"}) == "415 BAD_CONTENT_TYPE");
    CHECK(route<ScheduleRoute>("POST /v1/schedules", {"Content-Type: application/json"}).id == 0);
    CHECK(route<ScheduleRoute>("PUT /v1/schedules/7", {"Content-Type: application/json"}).id == 7);
    CHECK(route<UnscheduleRoute>("DELETE /v1/schedules/9007199254740992").id == json_integer_max);
    CHECK(problem("PUT /v1/schedules/7", {"Content-Type: text/html"}) == "415 BAD_CONTENT_TYPE");
    for (const char* bad : {"", "0", "-1", "x", "07", "7x", "9007199254740993", "%37"}) {
        CAPTURE(bad);
        CHECK(problem("DELETE /v1/schedules/" + std::string(bad)) == "404 NO_SUCH_SCHEDULE");
    }
}

TEST_CASE("a page of connections is asked for by its place and size", "[wire][http-route]") {
    const auto first = route<ConnectionsRoute>("GET /v1/connections");
    CHECK(first.after == 0);
    CHECK(first.limit == 0);
    const auto next = route<ConnectionsRoute>("HEAD /v1/connections?after=4294967295&limit=100");
    CHECK(next.after == UINT32_MAX);
    CHECK(next.limit == 100);
    CHECK(allowed("POST /v1/connections") == "Allow: GET, HEAD\r\n");
    for (const char* bad : {"after=-1", "after=4294967296", "limit=0", "limit=101", "limit=x"}) {
        CAPTURE(bad);
        CHECK(problem("GET /v1/connections?" + std::string(bad)) == "400 BAD_ARGUMENT");
    }
    CHECK(problem("GET /v1/connections/7") == "404 NOT_FOUND");
}

TEST_CASE("a route says how much body it takes", "[wire][http-route]") {
    CHECK(content_bytes_max(AssetRoute{}) == 0);
    CHECK(content_bytes_max(HistoryRoute{}) == 0);
    CHECK(content_bytes_max(UnscheduleRoute{}) == 0);
    CHECK(content_bytes_max(SayRoute{}) == limits::body_bytes_max + 2);
    CHECK(content_bytes_max(SayRoute{.room = "dev", .body_kind = BodyKind::json}) ==
          limits::rpc_text_bytes_max);
    CHECK(content_bytes_max(RpcRoute{}) == limits::rpc_text_bytes_max);
    CHECK(content_bytes_max(ScheduleRoute{}) == limits::rpc_text_bytes_max);
}
