// Who is connected, and how: for everybody on this machine, in pages, in every dialect.
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/json.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::engine;

namespace {

std::string get_request(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost:4399\r\n\r\n";
}
std::string body_after_head(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

Json connections_page(EngineDriver& driver, Client& client, const std::string& query = {}) {
    const std::string answer = driver.ask(client, get_request("/v1/connections" + query));
    REQUIRE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    return Json(body_after_head(answer));
}

std::size_t occurrences(const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++count;
    return count;
}

}  // namespace

TEST_CASE("a page tells of each connection what engine and kernel know", "[engine][connections]") {
    EngineConfig config;
    config.unix_start = 1'795'687'200'000;
    EngineDriver driver(config);
    driver.pass(5s);
    Client& ana = driver.join("ana");
    driver.say(ana, "/join dev\n");
    Client& curl = driver.open();
    const Json page = connections_page(driver, curl);
    CHECK(page.at("total") == "2");
    CHECK(page.at("connections", 0, "dialect") == "text");
    CHECK(page.at("connections", 0, "nick") == "ana");
    CHECK(page.at("connections", 0, "peer") == "127.0.0.1:10000");
    CHECK(page.at("connections", 0, "rooms", 0) == "dev");
    CHECK(page.at("connections", 0, "rooms", 1) == "lobby");
    CHECK(page.at("connections", 0, "since") == "2026-11-26T10:00:05.000Z");
    CHECK(page.at("connections", 0, "behind") == "0");
    CHECK(page.at("connections", 0, "tcp", "state") == "ESTAB");
    CHECK(page.at("connections", 0, "tcp", "rtt_us") == "45");
    CHECK(page.at("connections", 1, "dialect") == "http");
    CHECK(page.at("peers_total") == "0");
}

TEST_CASE("each dialect has its word", "[engine][connections]") {
    EngineDriver driver;
    driver.open();
    driver.join("ana");
    join_bot(driver, "robo");
    driver.ask(driver.open(), upgrade_request);
    driver.ask(driver.open(), upgrade_to("/echo"));
    Client& json = driver.open();
    driver.say(json, upgrade_request);
    driver.say(json, masked_text(R"({"jsonrpc":"2.0","id":1,"method":"ping"})"));
    driver.ask(driver.open(), get_request("/v1/rooms/lobby/events"));
    const Json page = connections_page(driver, driver.open());
    std::vector<std::string> words;
    for (int row = 0; row < 8; ++row)
        words.push_back(page.at("connections", row, "dialect"));
    CHECK(words == std::vector<std::string>{"undecided", "text", "json", "websocket-text",
                                            "websocket-echo", "websocket-json", "events", "http"});
}

TEST_CASE("who reads slowly is seen by what is held for it and how far it is behind",
          "[engine][connections]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& slow = driver.join("slow");
    slow.stalled = true;
    for (int count = 0; count < 10; ++count)
        driver.say(ana, "hello\n");
    const Json page = connections_page(driver, driver.open());
    CHECK(page.at("connections", 1, "nick") == "slow");
    // The first line flies; the nine after it wait in the log.
    CHECK(page.at("connections", 1, "held_bytes") == std::to_string(slow.flying->size()));
    CHECK(page.at("connections", 1, "behind") == "9");
    CHECK(page.at("connections", 0, "behind") == "0");
}

TEST_CASE("text and JSON-RPC are told the same", "[engine][connections]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const std::string lines = driver.ask(ana, "/connections\n");
    CHECK(lines.starts_with("-- 1 text 127.0.0.1:10000 ana #lobby since "));
    CHECK(lines.find(" held 0 behind 0 ESTAB in 0 out 0 ") != std::string::npos);
    CHECK(lines.ends_with("\nNOTE CONNECTIONS END 1 :1 in all.\n"));
    const Bot bot = join_bot(driver, "robo");
    const Json answer(driver.ask(*bot.client, call(7, "connections", R"({"limit":1})")));
    CHECK(answer.at("result", "connections", 0, "nick") == "ana");
    CHECK(answer.at("result", "next") == "1");
}

TEST_CASE("what comes behind the question waits for its answer", "[engine][connections]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.transports_stalled = true;
    CHECK(driver.ask(ana, "/connections\n/ping 1\n").empty());
    driver.transports_stalled = false;
    driver.settle();
    const std::string lines = ana.take();
    CHECK(lines.starts_with("-- 1 text "));
    CHECK(lines.ends_with("\nNOTE PING PONG :1\n"));
}

TEST_CASE("pages go through all connections and peers, each once", "[engine][connections]") {
    EngineDriver driver;
    for (int count = 0; count < 250; ++count)
        driver.open();
    std::set<std::uint16_t> ports;
    for (std::uint16_t port = 2'000; port < 2'130; ++port) {
        driver.engine.datagram_received({.source = ipv4_loopback(port),
                                         .local = ipv4_loopback(8'080),
                                         .payload = as_bytes("hi")},
                                        driver.now);
    }
    driver.settle();
    Client& curl = driver.open();
    std::size_t connections = 0;
    std::size_t peers = 0;
    std::size_t pages = 0;
    std::string after = "0";
    do {
        const std::string text = body_after_head(
            driver.ask(curl, get_request("/v1/connections?limit=90&after=" + after)));
        const Json page(text);
        CHECK(page.at("total") == "251");
        CHECK(page.at("peers_total") == "130");
        const std::size_t connected = occurrences(text, "\"dialect\"");
        const std::size_t heard = occurrences(text, "\"heard\"");
        CHECK(connected + heard <= 90);
        connections += connected;
        peers += heard;
        after = text.find("\"next\"") == std::string::npos ? "" : page.at("next");
        REQUIRE(++pages < 10);
    } while (!after.empty());
    CHECK(connections == 251);
    CHECK(peers == 130);
    CHECK(pages == 5);
}

TEST_CASE("a peer is listed with what it said and got", "[engine][connections]") {
    EngineDriver driver;
    const auto send = [&](std::uint16_t port, std::string_view payload) {
        driver.engine.datagram_received({.source = ipv4_loopback(port),
                                         .local = ipv4_loopback(8'080),
                                         .payload = as_bytes(payload)},
                                        driver.now);
        driver.settle();
    };
    send(2'000, "abc");
    send(2'001, "de");
    send(2'000, "f");
    const Json page = connections_page(driver, driver.open());
    CHECK(page.at("peers", 0, "id") == "udp:1");
    CHECK(page.at("peers", 0, "peer") == "127.0.0.1:2000");
    CHECK(page.at("peers", 0, "received") == "2");
    CHECK(page.at("peers", 0, "received_bytes") == "4");
    CHECK(page.at("peers", 0, "sent") == "1");
    CHECK(page.at("peers", 0, "sent_bytes") == "2");
    CHECK(page.at("peers", 1, "sent_bytes") == "1");
}

TEST_CASE("a page of people in many rooms stays within its bytes", "[engine][connections]") {
    EngineDriver driver;
    for (int person = 0; person < 60; ++person) {
        Client& client = driver.join("p" + std::to_string(person));
        std::string joins;
        for (int room = 0; room < 62; ++room)
            joins += "/join a-room-with-a-long-name-" + std::to_string(room) + "\n";
        driver.say(client, joins);
    }
    const std::string text =
        body_after_head(driver.ask(driver.open(), get_request("/v1/connections")));
    CHECK(text.size() < 2 * limits::connections_page_bytes_max);
    CHECK(Json(text).at("next") != "0");
}

TEST_CASE("elsewhere than on this machine nothing is told", "[engine][connections]") {
    EngineDriver driver;
    Client& far = driver.open(false);
    driver.say(far, "/nick far\n");
    CHECK(driver.ask(far, "/connections\n") ==
          "FAIL CONNECTIONS LOCAL_ONLY :That is told on the server's own machine alone; connect "
          "from there.\n");
    const std::string answer = driver.ask(driver.open(false), get_request("/v1/connections"));
    CHECK(answer.starts_with("HTTP/1.1 403 "));
    CHECK(Json(body_after_head(answer)).at("code") == "LOCAL_ONLY");
    // A page whose name was made to point to this machine asks from there.
    for (const std::string host :
         {"evil.example:4399", "localhost.evil.example", "127.0.0.1.nip"}) {
        CAPTURE(host);
        CHECK(
            driver.ask(driver.open(), "GET /v1/connections HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .starts_with("HTTP/1.1 403 "));
    }
    for (const std::string host : {"127.0.0.1:4399", "[::1]:4399", "LocalHost"}) {
        CAPTURE(host);
        CHECK(
            driver.ask(driver.open(), "GET /v1/connections HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .starts_with("HTTP/1.1 200 "));
    }
}

TEST_CASE("who leaves before the answer costs nobody theirs", "[engine][connections]") {
    EngineDriver driver;
    driver.transports_stalled = true;
    Client& first = driver.open();
    Client& second = driver.open();
    Client& third = driver.open();
    for (Client* client : {&first, &second, &third})
        driver.say(*client, get_request("/v1/connections"));
    driver.reset(first);
    driver.reset(second);
    driver.transports_stalled = false;
    driver.settle();
    const Json page(body_after_head(third.take()));
    CHECK(page.at("total") == "1");
    CHECK(page.at("connections", 0, "peer") == "127.0.0.1:10002");
}

TEST_CASE("a batch of questions is answered one after the other", "[engine][connections]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "robo");
    std::string batch = "[";
    for (int id = 1; id <= 20; ++id) {
        std::string one = call(id, "connections");
        one.pop_back();
        batch += one + (id == 20 ? "]\n" : ",");
    }
    const std::string answer = driver.ask(*bot.client, batch);
    CHECK(occurrences(answer, "\"result\"") == 20);
    CHECK(occurrences(answer, "robo") == 20);
}
