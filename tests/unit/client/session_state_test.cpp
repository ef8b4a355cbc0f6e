#include "chatd/client/session_state.hpp"

#include <string>

#include "support/catch.hpp"

using namespace chatd::client;

TEST_CASE("a state is read as it was printed, in one line", "[client][session_state]") {
    const SessionState state{
        .server = "b:4399",
        .token = "secret",
        .nick = "ana",
        .rooms = {{"lobby", {3, 41}}, {"dev", {}}},
        .unsaid = {{.key = "k-1", .room = "dev", .body = "two\nlines, \"quoted\" 👍"},
                   {.key = "k-2",
                    .room = "lobby",
                    .body = "waves",
                    .action = true,
                    .reply_to = {3, 40},
                    .perhaps_said = true}},
        .elsewhere = {{.server = "a:4399", .token = "other", .rooms = {{"lobby", {2, 7}}}}}};
    const std::string text = print_state(state);
    CHECK(text.find('\n') == std::string::npos);
    const auto read = parse_state(text);
    REQUIRE(read.has_value());
    CHECK(*read == state);
    CHECK(parse_state(print_state({})).value() == SessionState{});
}

TEST_CASE("what is missing from a state is empty, what is strange is ignored",
          "[client][session_state]") {
    CHECK(parse_state("{}").value() == SessionState{});
    CHECK(parse_state(R"({"token":7,"rooms":[{"room":"dev","last":"x"}],"new":1})").value() ==
          SessionState{.rooms = {{"dev", {}}}});
}

TEST_CASE("what is no state is refused with a sentence", "[client][session_state]") {
    for (const char* text : {"", "token", "[]", "{\"token\":", "7"}) {
        INFO(text);
        REQUIRE_FALSE(parse_state(text).has_value());
        CHECK(parse_state(text).error().find("JSON object") != std::string::npos);
    }
    CHECK(parse_state(R"({"rooms":{}})").error().find("rooms") != std::string::npos);
    CHECK(parse_state(R"({"unsaid":7})").error().find("unsaid") != std::string::npos);
}
