#include "chatd/client/target.hpp"

#include "support/catch.hpp"

using namespace chatd::client;

TEST_CASE("a target is read as people type it", "[client][target]") {
    struct Case {
        const char* text;
        const char* host;
        std::uint16_t port;
    };
    const Case cases[] = {
        {"", "localhost", 4399},
        {"localhost", "localhost", 4399},
        {"localhost:4400", "localhost", 4400},
        {":4400", "localhost", 4400},
        {"chat.example.org", "chat.example.org", 4399},
        {"chat.example.org:1", "chat.example.org", 1},
        {"127.0.0.1:65535", "127.0.0.1", 65535},
        {"::1", "::1", 4399},
        {"[::1]", "::1", 4399},
        {"[::1]:4400", "::1", 4400},
        {"2001:db8::7", "2001:db8::7", 4399},
        {"fe80::1%2", "fe80::1%2", 4399},
        {"[fe80::1%eth0]:80", "fe80::1%eth0", 80},
        {"::", "::", 4399},
        {"host:00080", "host", 80},
        {"bücher.example", "bücher.example", 4399},
    };
    for (const Case& wanted : cases) {
        CAPTURE(wanted.text);
        const auto target = parse_target(wanted.text, 4399);
        REQUIRE(target);
        CHECK(target->host == wanted.host);
        CHECK(target->port == wanted.port);
        CHECK(parse_target(target->text(), 1) == target);
    }
}

TEST_CASE("what is no target is refused in one sentence that quotes it", "[client][target]") {
    const char* const cases[] = {
        "host:",     "host:x",    "host:0",      "host:65536",
        "host:-1",   "host:+1",   "host: 1",     "host:1 ",
        "[::1",      "[::1]x",    "[::1]:",      "[::1]:0",
        "[]",        "[host]:1",  "[127.0.0.1]", "1:2:3",
        "::1:4399x", "fe80::1%",  "http://a",    "a b",
        "a/b",       "user@host", "host\n",      "::1]",
        "\x1b[2J",   "host:1:2",  "[[::1]]",     "host:9999999999999999999999",
    };
    for (const char* text : cases) {
        CAPTURE(text);
        const auto target = parse_target(text, 4399);
        REQUIRE_FALSE(target);
        CHECK(target.error().ends_with('.'));
        CHECK(target.error().starts_with('"'));
        CHECK(target.error().find_first_of("\n\x1b") == std::string::npos);
    }
    CHECK_FALSE(parse_target(std::string(256, 'a'), 4399));
    CHECK(parse_target(std::string(255, 'a'), 4399));
}
