#include "event_lines.hpp"

#include <string>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

// 2026-11-26T12:00:00.000Z
constexpr UnixMs noon_of_lines = 1'795'694'400'000;

std::string json_line_of(const client::Event& event) {
    const auto numbered = numbered_event(event);
    REQUIRE(numbered);
    std::string line;
    append_json_line(line, *numbered);
    return line;
}

std::string missing_text(Position from, Position to) {
    std::string line;
    append_missing(line, "ops", from, to);
    return line;
}

}  // namespace

TEST_CASE("what has a number is a line of export", "[terminal][event_lines]") {
    client::Message said{.room = "ops",
                         .at = {3, 41},
                         .id = {},
                         .ts = noon_of_lines,
                         .from = "ana",
                         .body = "two\nlines",
                         .key = "k",
                         .reply_to = {3, 1},
                         .action = true,
                         .removed = true,
                         .own = false};
    said.id.bytes[0] = 1;
    CHECK(json_line_of(said) ==
          R"({"room":"ops","epoch":3,"seq":41,"id":"01000000-0000-0000-0000-000000000000",)"
          R"("ts":"2026-11-26T12:00:00.000Z","from":"ana","kind":"action","body":"two\nlines",)"
          R"("key":"k","target":{"epoch":3,"seq":1},"removed":true})"
          "\n");
    CHECK(json_line_of(client::Edited{"ops", {3, 42}, noon_of_lines, "ana", {3, 41}, "better"}) ==
          R"({"room":"ops","epoch":3,"seq":42,"ts":"2026-11-26T12:00:00.000Z","from":"ana",)"
          R"("kind":"edited","body":"better","target":{"epoch":3,"seq":41}})"
          "\n");
    CHECK(json_line_of(client::Redacted{"ops", {3, 43}, noon_of_lines, "ana", {3, 41}})
              .find(R"("kind":"redacted","body":"","target")") != std::string::npos);
    CHECK(json_line_of(client::Reacted{"ops", {3, 44}, noon_of_lines, "ana", {3, 41}, "+1", true})
              .find(R"("kind":"reacted","body":"+1","target":{"epoch":3,"seq":41},"off":true})") !=
          std::string::npos);
    CHECK(json_line_of(client::TopicSet{"ops", {3, 45}, noon_of_lines, "ana", "new"})
              .find(R"("kind":"topic","body":"new"})") != std::string::npos);
}

TEST_CASE("what has no number is no line", "[terminal][event_lines]") {
    CHECK_FALSE(numbered_event(client::Offline{"gone"}));
    CHECK_FALSE(numbered_event(client::Private{"ana", "psst", noon_of_lines}));
    CHECK_FALSE(numbered_event(client::Renamed{"ops", "ana", "eve", false}));
}

TEST_CASE("gaps name what is gone", "[terminal][event_lines]") {
    std::string line;
    append_gap_line(line, {"ops", 3, 5, 9});
    CHECK(line == "{\"kind\":\"gap\",\"room\":\"ops\",\"epoch\":3,\"from\":5,\"to\":9}\n");
    CHECK(missing_text({3, 5}, {3, 9}) == "#ops 3:5-3:9 is gone for good.");
    CHECK(missing_text({3, 5}, {3, 5}) == "#ops 3:5 is gone for good.");
    CHECK(missing_text({}, {}) == "#ops has lost something after the position that was asked for.");
}

TEST_CASE("what a server has and one has not read is not gone", "[terminal][event_lines]") {
    const client::RoomStanding standing{.room = "ops",
                                        .at = {7, 20},
                                        .recovered = false,
                                        .missing_from = {7, 1},
                                        .missing_to = {7, 20}};
    CHECK(standing.position_unknown());
    std::string line;
    append_unread(line, standing);
    CHECK(line ==
          "#ops 7:1-7:20 was not read: this server does not know what came before. --since all "
          "prints what it has.");
}

TEST_CASE("what a server lost is missing only to who has not got it", "[terminal][event_lines]") {
    client::RoomStanding standing{.room = "ops",
                                  .at = {4, 1},
                                  .recovered = false,
                                  .missing_from = {3, 5},
                                  .missing_to = {3, 9}};
    CHECK(missing_after(standing, {3, 4}) == std::pair(Position{3, 5}, Position{3, 9}));
    CHECK(missing_after(standing, {}) == std::pair(Position{3, 5}, Position{3, 9}));
    CHECK(missing_after(standing, {3, 7}) == std::pair(Position{3, 8}, Position{3, 9}));
    CHECK_FALSE(missing_after(standing, {3, 9}));
    CHECK_FALSE(missing_after(standing, {4, 0}));
    standing.recovered = true;
    CHECK_FALSE(missing_after(standing, {}));
    CHECK_FALSE(missing_after(client::RoomStanding{.room = "ops", .recovered = false}, {}));
}

TEST_CASE("a position of another server clips nothing of what was not read",
          "[terminal][event_lines]") {
    const client::RoomStanding standing{.room = "ops",
                                        .at = {1, 30},
                                        .recovered = false,
                                        .missing_from = {1, 1},
                                        .missing_to = {1, 30}};
    const std::pair whole(Position{1, 1}, Position{1, 30});
    CHECK(missing_after(standing, {1, 50}) == whole);
    CHECK(missing_after(standing, {1, 20}) == whole);
}

TEST_CASE("names that a terminal would obey are made safe", "[terminal][event_lines]") {
    const auto event = with_safe_names({.room = "o\x1bs", .from = "e\nve", .body = "as\nit is"});
    CHECK(event.room == "o␛s");
    CHECK(event.from == "e␊ve");
    CHECK(event.body == "as\nit is");
    std::string line;
    append_missing(line, "o\x1bs", {3, 5}, {3, 5});
    CHECK(line == "#o␛s 3:5 is gone for good.");
}
