#include "store/writer.hpp"

#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;
using wire::EventKind;

TEST_CASE("an event comes back as it was given", "[store][writer]") {
    KeeperFixture fixture;
    chat::KeepEvent write = said("Dev", {1, 1}, "h\xc3\xa9llo\nyou");
    write.event.key = "k1";
    write.event.target = {1, 9};
    chat::KeepEvent off = about(EventKind::reacted, "dev", {1, 2}, {1, 1}, "+1");
    off.event.off = true;
    const auto answers = fixture.carry_out(chat::KeepRoom{"Dev", 1}, write, off);
    REQUIRE(answers.size() == 1);
    CHECK(std::get<chat::Committed>(answers[0]).ticket == 3);

    const auto page = fixture.after("DEV", {1, 0});
    REQUIRE(page.events.size() == 2);
    const wire::KeptEvent& event = page.events[0];
    CHECK(event.kind == EventKind::message);
    CHECK(event.room == "Dev");
    CHECK(event.from == "ana");
    CHECK(event.body == write.event.body);
    CHECK(event.key == "k1");
    CHECK(event.id == write.event.id);
    CHECK(event.at == Position{1, 1});
    CHECK(event.target == Position{1, 9});
    CHECK_FALSE(event.off);
    CHECK_FALSE(event.removed);
    CHECK(page.events[1].room == "Dev");
    CHECK(page.events[1].off);
}

TEST_CASE("events of every numbered kind are kept in their order", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "a"),
                      chat::KeepEvent{event_of(EventKind::action, "dev", {1, 2}, "waves"), 7},
                      about(EventKind::edited, "dev", {1, 3}, {1, 1}, "b"),
                      about(EventKind::reacted, "dev", {1, 4}, {1, 1}, "+1"),
                      about(EventKind::redacted, "dev", {1, 5}, {1, 2}),
                      about(EventKind::topic, "dev", {1, 6}, {}, "plans"));
    std::vector<EventKind> kinds;
    for (const auto& event : fixture.after("dev", {1, 0}).events)
        kinds.push_back(event.kind);
    CHECK(kinds == std::vector{EventKind::message, EventKind::action, EventKind::edited,
                               EventKind::reacted, EventKind::redacted, EventKind::topic});
}

TEST_CASE("an edit changes what is shown and found of its message, and is kept itself",
          "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "the old words"),
                      about(EventKind::edited, "dev", {1, 2}, {1, 1}, "some new words"));
    CHECK(bodies_of(fixture.after("dev", {1, 0}).events) ==
          std::vector<std::string>{"some new words", "some new words"});
    CHECK(fixture.search("old").hits.empty());
    REQUIRE(fixture.search("new").hits.size() == 1);
    CHECK(fixture.search("new").hits[0].event.at == Position{1, 1});
}

TEST_CASE("a redaction takes the body from history, from the search and from its edits",
          "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "secret one"),
                      said("dev", {1, 2}, "harmless"),
                      about(EventKind::edited, "dev", {1, 3}, {1, 1}, "secret two"),
                      about(EventKind::redacted, "dev", {1, 4}, {1, 1}, "sorry"));
    const auto page = fixture.after("dev", {1, 0});
    CHECK(bodies_of(page.events) == std::vector<std::string>{"", "harmless", "", "sorry"});
    CHECK(page.events[0].removed);
    CHECK_FALSE(page.events[1].removed);
    CHECK(page.events[2].removed);
    CHECK_FALSE(page.events[3].removed);
    CHECK(fixture.search("secret").hits.empty());
    CHECK(fixture.find("dev", {1, 1}).event->removed);
}

TEST_CASE("an edit that comes after the redaction brings nothing back", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "secret"),
                      about(EventKind::redacted, "dev", {1, 2}, {1, 1}),
                      about(EventKind::edited, "dev", {1, 3}, {1, 1}, "secret again"),
                      about(EventKind::redacted, "dev", {1, 4}, {1, 1}));
    const auto page = fixture.after("dev", {1, 0});
    CHECK(bodies_of(page.events) == std::vector<std::string>{"", "", "", ""});
    CHECK(page.events[2].removed);
    CHECK(fixture.search("secret").hits.empty());
}

TEST_CASE("only what was said can be edited or redacted", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, about(EventKind::topic, "dev", {1, 1}, {}, "plans"),
                      about(EventKind::redacted, "dev", {1, 2}, {1, 1}),
                      about(EventKind::edited, "dev", {1, 3}, {1, 99}, "of nothing"));
    CHECK(bodies_of(fixture.after("dev", {1, 0}).events) ==
          std::vector<std::string>{"plans", "", "of nothing"});
}

TEST_CASE("a number is never kept twice: the first event stays", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "first"),
                      said("dev", {1, 1}, "second"), said("dev", {1, 2}, "next"));
    CHECK(bodies_of(fixture.after("dev", {1, 0}).events) ==
          std::vector<std::string>{"first", "next"});
    CHECK(fixture.counters().writes_refused == 1);
    CHECK(fixture.counters().events_kept == 2);
    CHECK(fixture.search("second").hits.empty());
}

TEST_CASE("an edit that is refused changes nothing", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "first"),
                      about(EventKind::edited, "dev", {1, 1}, {1, 1}, "changed"));
    CHECK(bodies_of(fixture.after("dev", {1, 0}).events) == std::vector<std::string>{"first"});
}

TEST_CASE("writes that contradict what is kept are refused and counted", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 5}, said("nowhere", {1, 1}, "lost"),
                      said("dev", {4, 1}, "old epoch"), said("dev", {6, 1}, "new epoch"),
                      said("dev", {5, 0}, "no number"), chat::KeepRoom{"dev", 4},
                      chat::KeepRoom{"other", 0}, chat::KeepHole{"nowhere", 1, 1, 2},
                      chat::KeepHole{"dev", 6, 1, 2}, chat::KeepHole{"dev", 5, 3, 2},
                      about(EventKind::joined, "dev", {5, 1}, {}));
    CHECK(fixture.counters().writes_refused == 10);
    CHECK(fixture.after("dev", {1, 0}).events.empty());
}

TEST_CASE("a new epoch of a room ends the old one where it stood", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "a"), said("dev", {1, 2}, "b"),
                      chat::KeepRoom{"dev", 9}, said("dev", {9, 1}, "c"));
    fixture.open_after_clean_end();
    REQUIRE(fixture.restored.rooms.size() == 1);
    const auto& room = fixture.restored.rooms[0];
    CHECK(room.epoch == 9);
    CHECK(room.last == 1);
    REQUIRE(room.ended.size() == 1);
    CHECK(room.ended[0].epoch == 1);
    CHECK(room.ended[0].last == 2);
}

TEST_CASE("a dropped session takes its private messages along", "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepSession{3, {}, "ana", 5}, chat::KeepSession{4, {}, "bob", 5},
                      chat::KeepPrivate{3, "bob", "hi", 6}, chat::KeepPrivate{4, "ana", "ho", 7},
                      chat::DropSession{3});
    CHECK(fixture.ask<chat::PrivatesPage>(chat::ReadPrivates{1, 3}).messages.empty());
    CHECK(fixture.ask<chat::PrivatesPage>(chat::ReadPrivates{1, 4}).messages.size() == 1);
}

TEST_CASE("private messages are read in their order, and dropped once handed over",
          "[store][writer]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepPrivate{3, "bob", "one", 6}, chat::KeepPrivate{3, "eve", "two", 7});
    const auto page = fixture.ask<chat::PrivatesPage>(chat::ReadPrivates{8, 3});
    CHECK(page.query == 8);
    REQUIRE(page.messages.size() == 2);
    CHECK(page.messages[0].from == "bob");
    CHECK(page.messages[0].body == "one");
    CHECK(page.messages[0].at == 6);
    CHECK(page.messages[1].body == "two");
    fixture.carry_out(chat::DropPrivates{3});
    CHECK(fixture.ask<chat::PrivatesPage>(chat::ReadPrivates{8, 3}).messages.empty());
}

TEST_CASE("a schedule that fires once ends with its line, one that repeats moves on",
          "[store][writer]") {
    KeeperFixture fixture;
    const wire::ScheduleEntry once{.id = 1, .room = "dev", .body = "tea", .due = 100};
    const wire::ScheduleEntry daily{.id = 2,
                                    .room = "dev",
                                    .body = "standup",
                                    .action = true,
                                    .due = 200,
                                    .every_ms = 50,
                                    .zone_offset_s = -3'600};
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepSchedule{7, "ana", once},
                      chat::KeepSchedule{7, "ana", daily},
                      chat::FireSchedule{1, said("dev", {1, 1}, "tea"), {}},
                      chat::FireSchedule{2, said("dev", {1, 2}, "standup"), 250});
    CHECK(bodies_of(fixture.after("dev", {1, 0}).events) ==
          std::vector<std::string>{"tea", "standup"});
    fixture.open_after_clean_end();
    REQUIRE(fixture.restored.schedules.size() == 1);
    const auto& left = fixture.restored.schedules[0];
    CHECK(left.session == 7);
    CHECK(left.nick == "ana");
    CHECK(left.entry.id == 2);
    CHECK(left.entry.body == "standup");
    CHECK(left.entry.action);
    CHECK(left.entry.due == 250);
    CHECK(left.entry.every_ms == 50);
    CHECK(left.entry.zone_offset_s == -3'600);
    CHECK(fixture.restored.last_schedule == 2);

    fixture.carry_out(chat::DropSchedule{2});
    fixture.open_after_clean_end();
    CHECK(fixture.restored.schedules.empty());
    CHECK(fixture.restored.last_schedule == 2);
}
