// Rooms over HTTP: history, saying by POST, JSON-RPC by POST, Server-Sent Events.
#include "support/catch.hpp"
#include "support/http_answer.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

std::string get(std::string_view target, std::string_view fields = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost:4399\r\n" +
           std::string(fields) + "\r\n";
}
std::string post(std::string_view target, std::string_view body, std::string_view fields = {}) {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: localhost:4399\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}
constexpr std::string_view json_type = "Content-Type: application/json\r\n";

}  // namespace

TEST_CASE("what curl posts is said in the room, by a guest", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "/join ops\n");
    ana.received.clear();
    Client& curl = driver.open();
    const std::string answer =
        driver.ask(curl, post("/v1/rooms/ops/messages", "deployed",
                              "Content-Type: application/x-www-form-urlencoded\r\n"));
    CHECK(has_status(answer, 201));
    CHECK(Json(body_of(answer)).at("seq") == "1");
    CHECK(ana.take() == "#ops <guest-1> deployed\n");
}

TEST_CASE("a body cut anywhere, or in chunks, is the same message", "[engine][http]") {
    const std::string whole = post("/v1/rooms/lobby/messages?as=cron", "one\ntwo\n");
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        EngineDriver driver;
        Client& ana = driver.join("ana");
        Client& curl = driver.open();
        driver.say(curl, std::string_view(whole).substr(0, cut));
        driver.say(curl, std::string_view(whole).substr(cut));
        CHECK(ana.take() == "<cron> one\n<cron> two\n");
    }
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& curl = driver.open();
    const std::string chunked =
        "POST /v1/rooms/lobby/messages HTTP/1.1\r\nHost: localhost:4399\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n";
    CHECK(has_status(driver.ask(curl, chunked), 201));
    CHECK(ana.take() == "<guest-1> one\n");
    // And the connection goes on.
    CHECK(has_status(driver.ask(curl, get("/healthz")), 200));
}

TEST_CASE("a JSON body names author, key and more", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& curl = driver.open();
    const std::string answer =
        driver.ask(curl, post("/v1/rooms/lobby/messages",
                              R"({"body":"waves","action":true,"as":"robo"})", json_type));
    CHECK(has_status(answer, 201));
    CHECK(ana.take() == "* robo waves\n");
}

TEST_CASE("a nick that somebody has cannot be borrowed", "[engine][http]") {
    EngineDriver driver;
    driver.join("ana");
    Client& curl = driver.open();
    const std::string answer = driver.ask(curl, post("/v1/rooms/lobby/messages?as=ana", "hi"));
    CHECK(has_status(answer, 409));
    CHECK(answer.find("Content-Type: application/problem+json") != std::string::npos);
    CHECK(Json(body_of(answer)).at("code") == "NICK_IN_USE");
    CHECK(has_status(driver.ask(curl, post("/v1/rooms/lobby/messages?as=chatd", "hi")), 400));
}

TEST_CASE("history comes from memory when none is kept", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "1\n2\n3\n4\n");
    Client& curl = driver.open();
    const Json newest(body_of(driver.ask(curl, get("/v1/rooms/lobby/messages?limit=2"))));
    CHECK(newest.at("events", 0, "body") == "3");
    CHECK(newest.at("events", 1, "body") == "4");
    CHECK(newest.at("more") == "true");
    const Json after(body_of(driver.ask(curl, get("/v1/rooms/lobby/messages?after=1:1&limit=2"))));
    CHECK(after.at("events", 0, "body") == "2");
    CHECK(after.at("events", 1, "body") == "3");
    const Json before(body_of(driver.ask(curl, get("/v1/rooms/lobby/messages?before=1:2"))));
    CHECK(before.at("events", 0, "body") == "1");
    CHECK(before.at("more") == "false");
    CHECK(has_status(driver.ask(curl, get("/v1/rooms/lobby/messages?after=x")), 400));
}

TEST_CASE("JSON-RPC by POST acts for a bearer or for a guest of one request", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const Bot bot = join_bot(driver, "robo");
    Client& curl = driver.open();
    const std::string say = call(1, "say", R"({"body":"hi"})");
    CHECK(has_status(driver.ask(curl, post("/rpc", say, json_type)), 200));
    CHECK(ana.take() == "<guest-1> hi\n");
    const std::string bearer =
        std::string(json_type) + "Authorization: Bearer " + bot.token + "\r\n";
    const std::string answer = driver.ask(curl, post("/rpc", say, bearer));
    CHECK(Json(body_of(answer)).at("result", "room") == "lobby");
    CHECK(ana.take() == "<robo> hi\n");
    const std::string wrong =
        std::string(json_type) + "Authorization: Bearer " + std::string(43, 'A') + "\r\n";
    const std::string refused = driver.ask(curl, post("/rpc", say, wrong));
    CHECK(has_status(refused, 401));
    CHECK(refused.find("WWW-Authenticate: Bearer") != std::string::npos);
    // Where the next request would begin is not known after a body that was not read.
    CHECK(curl.ended());
    Client& next = driver.open();
    const Json join(
        body_of(driver.ask(next, post("/rpc", call(2, "join", R"({"room":"dev"})"), json_type))));
    CHECK(join.at("error", "data", "code") == "NEEDS_CONNECTION");
    CHECK(has_status(driver.ask(next, post("/rpc", notification("ping"), json_type)), 204));
}

TEST_CASE("a session that ends before the body came is not taken for a guest", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const Bot bot = join_bot(driver, "robo");
    Client& curl = driver.open();
    const std::string whole =
        post("/v1/rooms/lobby/messages", "hi", "Authorization: Bearer " + bot.token + "\r\n");
    driver.say(curl, whole.substr(0, whole.size() - 1));
    driver.ask(*bot.client, call(1, "quit"));
    driver.half_close(*bot.client);
    driver.pass(20s);
    const std::string answer = driver.ask(curl, whole.substr(whole.size() - 1));
    CHECK(has_status(answer, 401));
    CHECK(ana.take() == "");
}

TEST_CASE("a POST is answered once all its calls are taken", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& curl = driver.open();
    const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    const std::string say = R"({"jsonrpc":"2.0","method":"say","params":{"body":"hi"}})";
    for (const std::string& batch : {"[" + ping + "," + say + "]", "[" + say + "," + ping + "]"}) {
        const std::string answer = driver.ask(curl, post("/rpc", batch, json_type));
        CHECK(has_status(answer, 200));
        CHECK(Json(body_of(answer)).at(0, "id") == "1");
        CHECK(lines_of(ana.take()).size() == 1);
    }
    CHECK(has_status(driver.ask(curl, post("/rpc", "[" + say + "]", json_type)), 204));
    CHECK_FALSE(curl.ended());
}

TEST_CASE("a stream of events begins where Last-Event-ID says", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "1\n2\n");
    Client& reader = driver.open();
    const std::string head =
        driver.ask(reader, get("/v1/rooms/lobby/events", "Last-Event-ID: 1:1\r\n"));
    CHECK(has_status(head, 200));
    CHECK(head.find("Content-Type: text/event-stream") != std::string::npos);
    CHECK(head.find("id: 1:2\nevent: message\ndata: {") != std::string::npos);
    CHECK(head.find("\"body\":\"1\"") == std::string::npos);
    driver.say(ana, "3\n");
    const std::string event = reader.take();
    CHECK(event.starts_with("id: 1:3\nevent: message\ndata: {\"room\":\"lobby\""));
    CHECK(event.ends_with("}\n\n"));
    // It is nobody in the room, and stays alive.
    CHECK(driver.ask(ana, "/who\n").find("NOTE WHO END 1 ") != std::string::npos);
    driver.pass(std::chrono::seconds{26});
    CHECK(reader.take() == ": \n\n");
    driver.half_close(reader);
    CHECK(reader.ended());
}

TEST_CASE("a reader of events is told what memory no longer holds", "[engine][http]") {
    engine::EngineConfig config;
    config.log.segment_bytes_min = 256;
    config.log.segment_bytes_max = 256;
    config.log.room_bytes_max = 512;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    for (int number = 0; number < 40; ++number)
        driver.say(ana, std::to_string(number) + "\n");
    Client& reader = driver.open();
    const std::string head = driver.ask(reader, get("/v1/rooms/lobby/events?after=1:3"));
    CHECK(head.find("event: gap\ndata: {\"room\":\"lobby\",\"epoch\":1,\"from\":4,\"to\":") !=
          std::string::npos);
}

TEST_CASE("pipelined requests are answered in order though one waits for the store",
          "[engine][http]") {
    engine::EngineConfig config;
    config.keeps_history = true;
    config.token_seed = "secret";
    FakeStore store;
    EngineDriver driver(config);
    driver.store = &store;
    store.stalled = true;
    Client& curl = driver.open();
    driver.say(curl, post("/v1/rooms/lobby/messages", "hi") + get("/healthz"));
    CHECK(curl.take().empty());
    store.stalled = false;
    driver.settle();
    const std::string answers = curl.take();
    CHECK(has_status(answers, 201));
    CHECK(answers.find("\r\n\r\nok\n") != std::string::npos);
}

TEST_CASE("the OpenRPC document is served", "[engine][http]") {
    EngineDriver driver;
    Client& curl = driver.open();
    const std::string answer = driver.ask(curl, get("/rpc/openrpc.json"));
    CHECK(has_status(answer, 200));
    CHECK(Json(body_of(answer)).at("openrpc").starts_with("1."));
}

TEST_CASE("a stream after a restart without history says what may be missing", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "1\n2\n");
    Client& reader = driver.open();
    const std::string head = driver.ask(reader, get("/v1/rooms/lobby/events?after=77:5"));
    CHECK(head.find("event: gap\ndata: {\"room\":\"lobby\",\"epoch\":1,\"from\":1,\"to\":2}") !=
          std::string::npos);
    Client& asking = driver.open();
    const std::string only_head =
        driver.ask(asking, "HEAD /v1/rooms/lobby/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(has_status(only_head, 200));
    CHECK(only_head.ends_with("\r\n\r\n"));
    CHECK(asking.ended());
}
