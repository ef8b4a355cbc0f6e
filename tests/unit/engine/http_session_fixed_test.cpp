// The web page, and other bodies that are static: served as they lie, whatever becomes of the
// sends.
#include <array>
#include <string>

#include "chatd/wire/openrpc.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/http_answer.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;

namespace {

const std::string large(300'000, 'x');
const std::array<wire::Asset, 2> assets{{
    {.path = "/",
     .content_type = "text/html; charset=utf-8",
     .hash = "0123",
     .plain = "a page",
     .gzip = "packed"},
    {.path = "/assets/app-4567.js",
     .content_type = "text/javascript; charset=utf-8",
     .hash = "4567",
     .plain = large,
     .gzip = "gz"},
}};

EngineConfig with_assets() {
    EngineConfig config;
    config.assets = assets;
    return config;
}

std::string request(std::string_view line, std::string_view fields = {}) {
    return std::string(line) + " HTTP/1.1\r\nHost: localhost:4399\r\n" + std::string(fields) +
           "\r\n";
}

std::string answer_to(std::string_view bytes) {
    EngineDriver driver(with_assets());
    return driver.ask(driver.connect(), bytes);
}

}  // namespace

TEST_CASE("the page and its files are served", "[engine][http]") {
    const std::string page = answer_to(request("GET /"));
    CHECK(has_status(page, 200));
    CHECK(page.find("Content-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n") !=
          std::string::npos);
    CHECK(page.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
    CHECK(page.ends_with("\r\n\r\na page"));
    CHECK(answer_to(request("GET /", "Accept-Encoding: gzip\r\n")).ends_with("\r\n\r\npacked"));
    const std::string script = answer_to(request("GET /assets/app-4567.js"));
    CHECK(script.ends_with("\r\n\r\n" + large));
    CHECK(has_status(answer_to(request("GET /assets/app-4568.js")), 404));
    CHECK(has_status(answer_to(request("GET /assets/")), 404));
    CHECK(has_status(answer_to(request("DELETE /")), 405));
    CHECK(has_status(answer_to(request("POST /assets/app-4567.js")), 405));
    const std::string same = answer_to(request("GET /", "If-None-Match: \"0123\"\r\n"));
    CHECK(has_status(same, 304));
    CHECK(same.ends_with("\r\n\r\n"));
    CHECK(same.find("Content-Length") == std::string::npos);
}

TEST_CASE("HEAD of the page is GET without the body", "[engine][http]") {
    for (const std::string path : {" /", " /assets/app-4567.js"}) {
        const std::string get = answer_to(request("GET" + path));
        const std::string head = answer_to(request("HEAD" + path));
        CHECK(get.size() > head.size());
        CHECK(get.starts_with(head));
        CHECK(head.ends_with("\r\n\r\n"));
    }
}

TEST_CASE("a link elsewhere leads to the page, and a script elsewhere reads nothing",
          "[engine][http]") {
    const std::string link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    CHECK(has_status(answer_to(request("GET /", link)), 200));
    CHECK(has_status(answer_to(request("GET /metrics", link)), 403));
    CHECK(has_status(answer_to(request("GET /", "Sec-Fetch-Site: cross-site\r\n")), 403));
    CHECK(has_status(answer_to(request("GET /", link + "Origin: http://evil.example\r\n")), 403));
    const std::string upgrade = link + "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    CHECK(has_status(answer_to(request("GET /", upgrade)), 403));
}

TEST_CASE("a static body is sent as it lies, and the connection goes on", "[engine][http]") {
    EngineDriver driver(with_assets());
    Client& client = driver.connect();
    const std::string answers =
        driver.ask(client, request("GET /assets/app-4567.js") + request("GET /") +
                               request("GET /rpc/openrpc.json") + request("GET /healthz"));
    CHECK(answers.find("\r\n\r\n" + large + "HTTP/1.1 200 OK\r\n") != std::string::npos);
    CHECK(answers.find("\r\n\r\na pageHTTP/1.1 200 OK\r\n") != std::string::npos);
    CHECK(answers.find("\r\n\r\n" + std::string(wire::openrpc_document()) + "HTTP/1.1 200 OK") !=
          std::string::npos);
    CHECK(answers.ends_with("\r\n\r\nok\n"));
    // Head and body of the first are a send each; nothing was copied together.
    REQUIRE(client.sends.size() >= 2);
    CHECK(client.sends[0] < 1'500);
    CHECK(client.sends[1] == large.size());
}

TEST_CASE("a static body arrives whole by however short sends", "[engine][http]") {
    for (const std::size_t take_max : {1U, 7U, 4'096U, 299'999U}) {
        EngineConfig config = with_assets();
        const bool bytewise = take_max == 1;
        EngineDriver driver(config);
        Client& client = driver.connect();
        client.take_max = take_max;
        const std::string path = bytewise ? "GET /" : "GET /assets/app-4567.js";
        const std::string answer = driver.ask(client, request(path) + request("GET /healthz"));
        const std::string body = bytewise ? std::string("a page") : large;
        CHECK(answer.find("\r\n\r\n" + body + "HTTP/1.1 200 OK\r\n") != std::string::npos);
        CHECK(answer.ends_with("\r\n\r\nok\n"));
    }
}

TEST_CASE("who asks for large files and does not read holds a head each", "[engine][http]") {
    EngineDriver driver(with_assets());
    Client& client = driver.connect();
    client.stalled = true;
    std::string many;
    for (int count = 0; count < 50; ++count)
        many += request("GET /assets/app-4567.js");
    driver.say(client, many);
    CHECK(client.paused);
    client.stalled = false;
    driver.settle();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = client.received.find(large, at)) != std::string::npos;
         at += large.size()) {
        ++count;
    }
    CHECK(count == 50);
    CHECK_FALSE(client.paused);
}

TEST_CASE("a static body ends with its connection, whole when it can", "[engine][http]") {
    const std::string close = request("GET /assets/app-4567.js", "Connection: close\r\n");
    SECTION("the request was the last one") {
        EngineDriver driver(with_assets());
        Client& client = driver.connect();
        CHECK(driver.ask(client, close).ends_with(large));
        CHECK(client.ended());
    }
    SECTION("their FIN came in between") {
        EngineDriver driver(with_assets());
        Client& client = driver.connect();
        client.stalled = true;
        driver.say(client, request("GET /assets/app-4567.js"));
        driver.half_close(client);
        driver.resume(client);
        CHECK(client.take().ends_with(large));
        CHECK(client.ended());
    }
    SECTION("the server drains in between") {
        EngineDriver driver(with_assets());
        Client& client = driver.connect();
        client.stalled = true;
        driver.say(client, request("GET /assets/app-4567.js"));
        driver.drain();
        driver.resume(client);
        CHECK(client.take().ends_with(large));
        CHECK(client.ended());
    }
    SECTION("it was reset in between") {
        EngineDriver driver(with_assets());
        Client& client = driver.connect();
        client.take_max = 100'000;
        client.stalled = true;
        driver.say(client, request("GET /assets/app-4567.js"));
        client.stalled = false;
        driver.turn();
        driver.turn();
        driver.reset(client);
        CHECK(client.closed);
        CHECK(client.take().size() < large.size());
    }
}
