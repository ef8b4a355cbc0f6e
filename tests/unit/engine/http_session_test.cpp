#include <string>

#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;

namespace {

std::string request(std::string_view line, std::string_view fields = {}) {
    return std::string(line) + " HTTP/1.1\r\nHost: localhost:4399\r\n" + std::string(fields) +
           "\r\n";
}

std::string answer_to(std::string_view bytes) {
    EngineDriver driver;
    Client& client = driver.connect();
    return driver.ask(client, bytes);
}

bool has_status(std::string_view answer, std::string_view status) {
    return answer.starts_with("HTTP/1.1 " + std::string(status) + " ");
}

}  // namespace

TEST_CASE("what the store has done is in the metrics where history is kept", "[engine][http]") {
    for (const bool keeps : {false, true}) {
        EngineConfig config;
        config.keeps_history = keeps;
        EngineDriver driver(config);
        driver.engine.io_reported({.store = {.queue_refused = 6,
                                             .commits = 3,
                                             .writes = 40,
                                             .writes_refused = 1,
                                             .events_kept = 37,
                                             .event_bytes_kept = 900,
                                             .events_pruned = 5,
                                             .errors = 2,
                                             .commit_ms_last = 7,
                                             .commit_ms_max = 11,
                                             .database_bytes = 4096}});
        Client& client = driver.open();
        const std::string metrics = driver.ask(client, request("GET /metrics"));
        for (const std::string_view line :
             {"store_commits_total 3", "store_writes_total 40", "store_writes_refused_total 1",
              "store_events_kept_total 37", "store_event_bytes_kept_total 900",
              "store_events_pruned_total 5", "store_errors_total 2", "store_queue_full_total 6",
              "store_commit_milliseconds 7", "store_commit_milliseconds_max 11",
              "store_database_bytes 4096", "store_troubled 0"}) {
            INFO(line);
            const std::string whole = "\nchatd_" + std::string(line) + "\n";
            CHECK((metrics.find(whole) != std::string::npos) == keeps);
        }
    }
}

TEST_CASE("each path answers", "[engine][http]") {
    CHECK(answer_to(request("GET /healthz")).ends_with("\r\n\r\nok\n"));
    CHECK(answer_to(request("GET /readyz")).ends_with("\r\n\r\nready\n"));
    const std::string metrics = answer_to(request("GET /metrics"));
    CHECK(metrics.find("Content-Type: text/plain; version=0.0.4") != std::string::npos);
    CHECK(metrics.find("\n# TYPE ") != std::string::npos);
    CHECK(has_status(answer_to(request("GET /healthz?x=1")), "200"));
}

TEST_CASE("HEAD is GET without the body", "[engine][http]") {
    for (const std::string path : {" /healthz", " /rpc/openrpc.json"}) {
        const std::string get = answer_to(request("GET" + path));
        const std::string head = answer_to(request("HEAD" + path));
        CHECK(get.size() > head.size());
        CHECK(get.starts_with(head));
        CHECK(head.ends_with("\r\n\r\n"));
    }
}

TEST_CASE("what cannot be served is refused with its status", "[engine][http]") {
    CHECK(has_status(answer_to(request("GET /nosuch")), "404"));
    const std::string wrong = answer_to(request("DELETE /healthz"));
    CHECK(has_status(wrong, "405"));
    CHECK(wrong.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
    CHECK(has_status(answer_to(request("BREW /")), "501"));
    CHECK(has_status(answer_to("GET / HTTP/1.1\r\n\r\n"), "400"));
    CHECK(has_status(answer_to("GET / HTTP/1.9\r\nHost: localhost\r\n\r\n"), "505"));
    const std::string upgrade = answer_to(request("GET /ws"));
    CHECK(has_status(upgrade, "426"));
    CHECK(upgrade.find("\r\nSec-WebSocket-Version: 13\r\n") != std::string::npos);
}

TEST_CASE("a foreign page is refused, whatever it asks for", "[engine][http]") {
    const std::string evil = "Origin: https://evil.example\r\n";
    CHECK(has_status(answer_to(request("GET /healthz", evil)), "403"));
    CHECK(has_status(answer_to(request("GET /healthz", "Origin: null\r\n")), "403"));
    CHECK(
        has_status(answer_to(request("GET /healthz", "Origin: http://localhost:4399\r\n")), "200"));
    EngineConfig config;
    config.origins = {"https://evil.example"};
    EngineDriver driver(config);
    Client& client = driver.connect();
    CHECK(has_status(driver.ask(client, request("GET /healthz", evil)), "200"));
}

TEST_CASE("a connection is kept alive and answers pipelined requests in order", "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    const std::string both = driver.ask(client, request("GET /healthz") + request("GET /readyz"));
    const auto first = both.find("ok\n");
    const auto second = both.find("ready\n");
    REQUIRE(first != std::string::npos);
    REQUIRE(second != std::string::npos);
    CHECK(first < second);
    CHECK(both.find("Connection: close") == std::string::npos);
    CHECK(driver.ask(client, request("GET /healthz")).ends_with("ok\n"));
    const std::string last =
        driver.ask(client, request("GET /healthz", "Connection: close\r\n") + request("GET /"));
    CHECK(last.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(last.ends_with("ok\n"));
    CHECK(client.got_fin);
}

TEST_CASE("a request with a body is answered and is the last", "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    const std::string answer =
        driver.ask(client, request("POST /healthz", "Content-Length: 5\r\n") + "hello");
    CHECK(has_status(answer, "405"));
    CHECK(client.got_fin);
    CHECK_FALSE(client.closed);  // read on, so that no reset eats the answer
}

TEST_CASE("bytes one at a time and cut anywhere get the same answers", "[engine][http]") {
    const std::string script = request("GET /healthz") + request("HEAD /") +
                               request("GET /nosuch") + request("BREW /") + request("GET /");
    const std::string whole = answer_to(script);
    EngineDriver driver;
    Client& client = driver.connect();
    driver.say_bytewise(client, script);
    CHECK(client.take() == whole);
    for_every_cut(script, [&](std::string_view first, std::string_view second) {
        Client& cut = driver.open();
        driver.receive(cut, first);
        driver.receive(cut, second);
        driver.settle();
        REQUIRE(cut.take() == whole);
        driver.reset(cut);
    });
}

TEST_CASE("a head over 16 KiB is refused with 431", "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    driver.say(client, "GET / HTTP/1.1\r\nHost: localhost\r\n");
    std::string filler;
    while (filler.size() < limits::http_head_bytes_max)
        filler += "X-Filler: 0123456789\r\n";
    CHECK(has_status(driver.ask(client, filler), "431"));
    CHECK(client.got_fin);
}

TEST_CASE("a head has ten seconds from its first byte, however its bytes drip", "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    driver.say(client, "GET / HTTP/1.1\r\n");
    for (int second = 0; second < 9; ++second) {
        driver.pass(1s);
        driver.say(client, "X");
        REQUIRE(client.received.empty());
    }
    driver.pass(1100ms);
    CHECK(has_status(client.take(), "408"));
    CHECK(client.got_fin);
    // The time of the request line is part of it.
    Client& dripping = driver.connect();
    driver.say(dripping, "GET ");
    driver.pass(6s);
    driver.say(dripping, "/ HTTP/1.1\r\n");
    driver.pass(4100ms);
    CHECK(has_status(dripping.take(), "408"));
}

TEST_CASE("a kept connection that asks for nothing is closed after a minute without a word",
          "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    driver.ask(client, request("GET /healthz"));
    driver.pass(59s);
    CHECK_FALSE(client.ended());
    driver.pass(1100ms);
    CHECK(client.ended());
    CHECK(client.received.empty());
}

TEST_CASE("a head that begins late on a kept connection has its ten seconds too",
          "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    driver.ask(client, request("GET /healthz"));
    driver.pass(59s);
    driver.say(client, "GET /healthz HTTP/1.1\r\n");
    driver.pass(5s);
    CHECK(driver.ask(client, "Host: localhost\r\n\r\n").ends_with("ok\n"));
    driver.say(client, "GET ");
    driver.pass(10100ms);
    CHECK(has_status(client.take(), "408"));
}

TEST_CASE("HTTP clients are nobody in the rooms", "[engine][http]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    Client& client = driver.connect();
    driver.ask(client, request("GET /"));
    driver.say(ana, "hello\n");
    CHECK(client.received.empty());
    driver.half_close(client);
    CHECK(client.closed);
    CHECK(ana.received.empty());
}

TEST_CASE("answers not taken hold up the next requests", "[engine][http]") {
    EngineConfig config;
    config.stream_bytes_max = 4'000;
    EngineDriver driver(config);
    Client& client = driver.connect();
    client.stalled = true;
    std::string requests;
    for (int count = 0; count < 50; ++count)
        requests += request("GET /nosuch");
    driver.say(client, requests);
    CHECK(client.paused);
    const auto served = driver.engine.counters().http_requests;
    CHECK(served < 15);
    driver.resume(client);
    CHECK(driver.engine.counters().http_requests == 50);
    CHECK_FALSE(client.paused);
    const std::string page = answer_to(request("GET /nosuch"));
    CHECK(client.received.size() == 50 * page.size());
}

TEST_CASE("readiness ends with the drain", "[engine][http]") {
    EngineDriver driver;
    Client& client = driver.connect();
    driver.ask(client, request("GET /readyz"));
    driver.drain();
    CHECK(client.got_fin);
}
