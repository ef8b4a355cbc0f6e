#include "store/keeper.hpp"

#include <cerrno>
#include <cstdlib>

#include "failing_disk.hpp"
#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

std::vector<store::Entry> some_group(KeeperFixture& fixture, Seq first) {
    std::vector<store::Entry> group;
    fixture.add(group, said("dev", {1, first}, "kept words"));
    fixture.add(group, about(wire::EventKind::edited, "dev", {1, first + 1}, {1, first}, "edited"));
    fixture.add(group, chat::ReadHistory{.query = 2, .room = "dev", .after = {1, first - 1}});
    fixture.add(group, about(wire::EventKind::redacted, "dev", {1, first + 2}, {1, first}));
    fixture.add(group, chat::KeepRoom{"ops", first});
    return group;
}

}  // namespace

TEST_CASE("a group is answered with its last write, then its pages in order", "[store][keeper]") {
    KeeperFixture fixture;
    const auto answers =
        fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::ReadHistory{.query = 5, .room = "dev"},
                          said("dev", {1, 1}, "hi"), chat::ReadHistory{.query = 6, .room = "dev"},
                          chat::ReadSearch{.query = 7, .text = "hi"});
    REQUIRE(answers.size() == 4);
    CHECK(std::get<chat::Committed>(answers[0]).ticket == 2);
    // A read sees the writes before it, and only these.
    CHECK(std::get<chat::HistoryPage>(answers[1]).query == 5);
    CHECK(std::get<chat::HistoryPage>(answers[1]).events.empty());
    CHECK(std::get<chat::HistoryPage>(answers[2]).events.size() == 1);
    CHECK(std::get<chat::SearchPage>(answers[3]).hits.size() == 1);
}

TEST_CASE("a group of reads alone commits nothing", "[store][keeper]") {
    KeeperFixture fixture;
    const auto answers = fixture.carry_out(chat::ReadPrivates{3, 1});
    REQUIRE(answers.size() == 1);
    CHECK(std::get<chat::PrivatesPage>(answers[0]).query == 3);
    CHECK(fixture.counters().commits == 0);
}

TEST_CASE("commits and what they kept are counted", "[store][keeper]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "hi"));
    fixture.carry_out(said("dev", {1, 2}, "ho"), chat::ReadHistory{.query = 6, .room = "dev"});
    const auto counters = fixture.counters();
    CHECK(counters.commits == 2);
    CHECK(counters.writes == 3);
    CHECK(counters.events_kept == 2);
    CHECK(counters.event_bytes_kept > 2 * sizeof "hi");
    CHECK(counters.errors == 0);
    CHECK(counters.database_bytes >= 10 * 4096);
}

TEST_CASE("whichever disk operation fails, a group is kept whole when tried again, or not at all",
          "[store][keeper]") {
    // The Nth write or truncation fails, for N = 1, 2, 3 ... until none is left to fail.
    int failed_count = 0;
    for (int nth = 1;; ++nth) {
        INFO("operation " << nth);
        KeeperFixture fixture;
        fixture.options.sync_full = true;
        fixture.open_after_clean_end();
        fixture.carry_out(chat::KeepRoom{"dev", 1});
        fixture.say_lines("dev", 1, 1, 300);
        const auto group = some_group(fixture, 301);
        std::vector<chat::StoreAnswer> answers;
        bool done = false;
        {
            const FailingDisk disk(nth, nth % 2 == 0 ? ENOSPC : EIO);
            done = fixture.keeper->carry_out(group, answers);
        }
        if (!done) {
            ++failed_count;
            CHECK(answers.empty());
            CHECK_FALSE(fixture.keeper->trouble().empty());
            CHECK(fixture.after("dev", {1, 300}).events.empty());
            REQUIRE(fixture.keeper->carry_out(group, answers));
        }
        CHECK(answers.size() == 2);
        CHECK(fixture.after("dev", {1, 300}).events.size() == 3);
        CHECK(fixture.search("words").hits.empty());
        CHECK(fixture.search("line 300").hits.size() == 1);
        fixture.open_after_crash();
        CHECK(fixture.after("dev", {1, 300}).events.size() == 3);
        if (done) break;
    }
    CHECK(failed_count >= 3);
}

TEST_CASE("a full disk is told by its name", "[store][keeper]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    std::vector<chat::StoreAnswer> answers;
    {
        const FailingDisk disk(1, ENOSPC);
        REQUIRE_FALSE(fixture.keeper->carry_out(some_group(fixture, 1), answers));
    }
    CHECK(fixture.keeper->trouble() == "database or disk is full");
    CHECK(fixture.counters().errors == 1);
}

TEST_CASE("a room that was made in a group that failed is made again", "[store][keeper]") {
    KeeperFixture fixture;
    std::vector<store::Entry> group;
    fixture.add(group, chat::KeepRoom{"dev", 1});
    fixture.add(group, said("dev", {1, 1}, "hi"));
    std::vector<chat::StoreAnswer> answers;
    {
        const FailingDisk disk(1, EIO);
        REQUIRE_FALSE(fixture.keeper->carry_out(group, answers));
    }
    CHECK(fixture.after("dev", {1, 0}).events.empty());
    REQUIRE(fixture.keeper->carry_out(group, answers));
    CHECK(fixture.after("dev", {1, 0}).events.size() == 1);
    CHECK(fixture.counters().events_kept == 1);
}
