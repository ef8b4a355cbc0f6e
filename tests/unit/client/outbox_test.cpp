#include "chatd/client/outbox.hpp"

#include <string>

#include "support/catch.hpp"

using namespace chatd::client;

namespace {

Outbox::Line line(std::string key, std::string body = "hello") {
    return {.key = std::move(key), .room = "dev", .body = std::move(body)};
}

}  // namespace

TEST_CASE("lines stay in their order and are found by key and by request", "[client][outbox]") {
    Outbox outbox;
    outbox.add(line("a"));
    outbox.add(line("b"));
    REQUIRE(outbox.find_key("b") != nullptr);
    CHECK(outbox.find_key("c") == nullptr);
    CHECK(outbox.find_request(0) == nullptr);
    outbox.left(*outbox.find_key("b"), 7);
    CHECK(outbox.on_their_way() == 1);
    REQUIRE(outbox.find_request(7) != nullptr);
    CHECK(outbox.find_request(7)->key == "b");
    CHECK(outbox.find_request(7)->perhaps_said);
    CHECK(outbox.remove(*outbox.find_request(7)).key == "b");
    CHECK(outbox.on_their_way() == 0);
    CHECK(outbox.lines().front().key == "a");
    CHECK(outbox.size() == 1);
}

TEST_CASE("the end of a connection leaves lines perhaps said, a refusal does not",
          "[client][outbox]") {
    Outbox outbox;
    outbox.add(line("a"));
    outbox.add(line("b"));
    outbox.left(*outbox.find_key("a"), 1);
    outbox.left(*outbox.find_key("b"), 2);
    outbox.came_back(*outbox.find_request(2));
    outbox.connection_ended();
    CHECK(outbox.on_their_way() == 0);
    CHECK(outbox.find_key("a")->perhaps_said);
    CHECK_FALSE(outbox.find_key("b")->perhaps_said);
    CHECK(outbox.find_request(1) == nullptr);
    // What an earlier sending did is not known because a later one did nothing.
    outbox.left(*outbox.find_key("a"), 3);
    outbox.came_back(*outbox.find_request(3));
    CHECK(outbox.find_key("a")->perhaps_said);
}

TEST_CASE("what does not fit is told beforehand", "[client][outbox]") {
    Outbox outbox({.lines_max = 2, .bytes_max = 8, .body_bytes_max = 6});
    CHECK(outbox.refusal(6).empty());
    CHECK(outbox.refusal(7).find("size") != std::string_view::npos);
    CHECK(outbox.refusal(0).find("nothing") != std::string_view::npos);
    outbox.add(line("a", "123456"));
    CHECK(outbox.refusal(2).empty());
    CHECK(outbox.refusal(3).find("Too many") != std::string_view::npos);
    outbox.add(line("b", "1"));
    CHECK_FALSE(outbox.refusal(1).empty());
    outbox.remove(*outbox.find_key("a"));
    CHECK(outbox.refusal(6).empty());
}
