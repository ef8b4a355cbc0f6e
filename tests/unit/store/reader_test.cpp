#include "store/reader.hpp"

#include <algorithm>
#include <map>

#include "chatd/base/prng.hpp"
#include "store/schema.hpp"
#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

// How SQLite means to run a statement.
std::string plan_of(store::Database& database, const std::string& sql) {
    store::Statement statement(database, "EXPLAIN QUERY PLAN " + sql);
    store::Query query(statement);
    std::string plan;
    while (query.next())
        plan += std::string(query.text(3)) + "\n";
    REQUIRE_FALSE(query.failed());
    return plan;
}

// Steps of SQLite's machine that reading a page takes.
int steps_of(store::Database& database, const std::function<void()>& read) {
    int steps = 0;
    sqlite3_progress_handler(
        database.handle(), 1,
        [](void* count) {
            ++*static_cast<int*>(count);
            return 0;
        },
        &steps);
    read();
    sqlite3_progress_handler(database.handle(), 0, nullptr, nullptr);
    return steps;
}

}  // namespace

TEST_CASE("a room that nobody keeps has an empty page", "[store][reader]") {
    KeeperFixture fixture;
    const auto page = fixture.after("dev", {1, 0});
    CHECK(page.query == 1);
    CHECK(page.events.empty());
    CHECK_FALSE(page.more);
    CHECK_FALSE(page.missing_from);
    CHECK(page.error.empty());
}

TEST_CASE("pages go forward from a position, back from one, and back from the end",
          "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 10);
    using Bodies = std::vector<std::string>;

    auto page = fixture.after("dev", {1, 3}, 2);
    CHECK(bodies_of(page.events) == Bodies{"line 4", "line 5"});
    CHECK(page.more);
    page = fixture.after("dev", {1, 8}, 2);
    CHECK(bodies_of(page.events) == Bodies{"line 9", "line 10"});
    CHECK_FALSE(page.more);
    page = fixture.before("dev", {1, 4}, 2);
    CHECK(bodies_of(page.events) == Bodies{"line 2", "line 3"});
    CHECK(page.more);
    page = fixture.before("dev", {1, 3}, 2);
    CHECK(bodies_of(page.events) == Bodies{"line 1", "line 2"});
    CHECK_FALSE(page.more);
    page = fixture.before("dev", {}, 2);
    CHECK(bodies_of(page.events) == Bodies{"line 9", "line 10"});
    CHECK(page.more);
    CHECK(fixture.after("dev", {1, 10}).events.empty());
    CHECK(fixture.before("dev", {1, 1}).events.empty());
}

TEST_CASE("a page has the usual size without a limit, and never more than the largest",
          "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, limits::history_page_max + 1);
    CHECK(fixture.after("dev", {1, 0}, 0).events.size() == limits::history_page_default);
    CHECK(fixture.after("dev", {1, 0}, 100'000).events.size() == limits::history_page_max);
    CHECK(fixture.before("dev", {}, 100'000).events.size() == limits::history_page_max);
}

TEST_CASE("a page ends before its bodies pass the bytes asked for, but holds at least one event",
          "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 9);  // six bytes each
    const auto sized = [&fixture](Position after, std::size_t bytes_max) {
        return fixture.ask<chat::HistoryPage>(chat::ReadHistory{
            .query = 1, .room = "dev", .after = after, .limit = 100, .bytes_max = bytes_max});
    };
    CHECK(sized({1, 0}, 12).events.size() == 2);
    CHECK(sized({1, 0}, 12).more);
    CHECK(sized({1, 0}, 17).events.size() == 2);
    CHECK(sized({1, 0}, 1).events.size() == 1);
    CHECK(sized({1, 0}, 54).events.size() == 9);
    CHECK_FALSE(sized({1, 0}, 54).more);
    CHECK(sized({}, 12).events.size() == 2);
    CHECK(sized({}, 12).more);
    CHECK(sized({}, 1).events.size() == 1);
}

TEST_CASE("pages run on from one epoch into the next", "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 3);
    fixture.carry_out(chat::KeepRoom{"dev", 4}, chat::KeepRoom{"dev", 7});
    fixture.say_lines("dev", 7, 1, 3);
    auto page = fixture.after("dev", {1, 2});
    CHECK(positions_of(page.events) == std::vector<Position>{{1, 3}, {7, 1}, {7, 2}, {7, 3}});
    CHECK_FALSE(page.missing_from);
    page = fixture.after("dev", {1, 99});
    CHECK(positions_of(page.events) == std::vector<Position>{{7, 1}, {7, 2}, {7, 3}});
    CHECK_FALSE(page.missing_from);
    page = fixture.before("dev", {7, 2}, 2);
    CHECK(positions_of(page.events) == std::vector<Position>{{1, 3}, {7, 1}});
    CHECK(page.more);
}

TEST_CASE("a hole ends a page, and the next one begins with what is missing", "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 3);
    fixture.carry_out(chat::KeepHole{"dev", 1, 4, 6});
    fixture.say_lines("dev", 1, 7, 2);

    auto page = fixture.after("dev", {1, 1});
    CHECK(positions_of(page.events) == std::vector<Position>{{1, 2}, {1, 3}});
    CHECK(page.more);
    CHECK_FALSE(page.missing_from);
    page = fixture.after("dev", {1, 3});
    CHECK(page.missing_from == Position{1, 4});
    CHECK(page.missing_to == Position{1, 6});
    CHECK(positions_of(page.events) == std::vector<Position>{{1, 7}, {1, 8}});
    page = fixture.after("dev", {1, 5});
    CHECK(page.missing_from == Position{1, 6});
    CHECK(page.missing_to == Position{1, 6});
    CHECK(fixture.before("dev", {}).events.size() == 5);
}

TEST_CASE("a hole at the end is missing too, also when its epoch has ended", "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 2);
    fixture.carry_out(chat::KeepHole{"dev", 1, 3, 4});
    auto page = fixture.after("dev", {1, 2});
    CHECK(page.events.empty());
    CHECK_FALSE(page.more);
    CHECK(page.missing_from == Position{1, 3});
    CHECK(page.missing_to == Position{1, 4});

    fixture.carry_out(chat::KeepRoom{"dev", 5}, chat::KeepHole{"dev", 1, 5, 6},
                      chat::KeepHole{"dev", 5, 1, 1});
    fixture.say_lines("dev", 5, 2, 1);
    page = fixture.after("dev", {1, 2});
    CHECK(page.missing_from == Position{1, 3});
    CHECK(page.missing_to == Position{5, 1});
    CHECK(positions_of(page.events) == std::vector<Position>{{5, 2}});
}

TEST_CASE("one message is found as it stands, with its author", "[store][reader]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "hi"));
    const auto found = fixture.find("DEV", {1, 1});
    CHECK(found.query == 1);
    CHECK(found.author == 7);
    REQUIRE(found.event);
    CHECK(found.event->body == "hi");
    CHECK_FALSE(fixture.find("dev", {1, 2}).event);
    CHECK_FALSE(fixture.find("dev", {2, 1}).event);
    CHECK_FALSE(fixture.find("ops", {1, 1}).event);
}

TEST_CASE("pages are index ranges: one at any depth takes as many steps as the first",
          "[store][reader]") {
    KeeperFixture fixture;
    constexpr Seq event_count = 100'000;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepRoom{"ops", 1});
    for (Seq seq = 1; seq <= event_count; seq += 4'000) {
        fixture.say_lines("dev", 1, seq, 4'000);
        fixture.say_lines("ops", 1, seq, 4'000);
    }
    REQUIRE(fixture.keeper->end());
    fixture.keeper.reset();

    auto database = store::Database::open(store::database_path(fixture.directory.path()),
                                          store::Database::Mode::read_only);
    REQUIRE(database);
    store::RoomTable rooms(*database);
    store::Reader reader(*database, rooms);
    const std::string range = "SEARCH events USING INDEX events_at (room=? AND (epoch,seq)";
    CHECK(plan_of(*database, reader.page_after_sql()) == range + ">(?,?))\n");
    CHECK(plan_of(*database, reader.page_before_sql()) == range + "<(?,?))\n");

    const auto steps_after = [&](Seq seq) {
        return steps_of(*database, [&] {
            const auto page = reader.history({.room = "dev", .after = {1, seq}, .limit = 100});
            CHECK(page.events.size() == 100);
        });
    };
    const auto steps_before = [&](Seq seq) {
        return steps_of(*database, [&] {
            const auto page = reader.history({.room = "dev", .before = {1, seq}, .limit = 100});
            CHECK(page.events.size() == 100);
        });
    };
    const int first = steps_after(1);
    CHECK(std::abs(steps_after(50'000) - first) < 100);
    CHECK(std::abs(steps_after(99'800) - first) < 100);
    const int last = steps_before(99'999);
    CHECK(std::abs(steps_before(50'000) - last) < 100);
    CHECK(std::abs(steps_before(200) - last) < 100);
}

// A model of one room: every number that was given, and the body if the event is still there.
TEST_CASE("over holes, epochs and retention, pages give every number once or name it missing",
          "[store][reader]") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        INFO("seed " << seed);
        Prng prng(seed);
        KeeperFixture fixture;
        fixture.options.retention.room_count_max = prng.between(5, 60);
        fixture.open_after_clean_end();
        Epoch epoch = 1;
        Seq seq = 0;
        std::map<Position, bool> given;  // whether it was kept
        fixture.carry_out(chat::KeepRoom{"dev", epoch});
        for (int step = 0; step < 60; ++step) {
            const Seq count = prng.between(1, 5);
            switch (prng.below(8)) {
                case 0:
                    epoch += prng.between(1, 3);
                    seq = 0;
                    fixture.carry_out(chat::KeepRoom{"dev", epoch});
                    break;
                case 1:
                    fixture.carry_out(chat::KeepHole{"dev", epoch, seq + 1, seq + count});
                    for (Seq number = 1; number <= count; ++number)
                        given[{epoch, ++seq}] = false;
                    break;
                case 2:
                    fixture.tend();
                    break;
                default:
                    fixture.say_lines("dev", epoch, seq + 1, count);
                    for (Seq number = 1; number <= count; ++number)
                        given[{epoch, ++seq}] = true;
            }
        }
        // Retention takes the oldest; which those are, pages backwards tell.
        std::vector<Position> there;
        for (Position before;;) {
            const auto page =
                fixture.before("dev", before, static_cast<std::uint32_t>(prng.between(1, 9)));
            if (page.events.empty()) break;
            const auto positions = positions_of(page.events);
            there.insert(there.begin(), positions.begin(), positions.end());
            before = there.front();
            CHECK(page.more == (given.begin()->first < before &&
                                !fixture.before("dev", before, 1).events.empty()));
        }
        std::vector<Position> kept;
        for (const auto& [at, is_kept] : given) {
            if (is_kept) kept.push_back(at);
        }
        REQUIRE(there.size() <= kept.size());
        REQUIRE(std::equal(there.rbegin(), there.rend(), kept.rbegin()));

        // Forwards from anywhere: each number after it comes, or lies in a range said to be
        // missing.
        for (int walk = 0; walk < 20; ++walk) {
            Position after{prng.below(epoch + 2), prng.below(12)};
            if (!after) after.epoch = 1;
            auto expected = given.upper_bound(after);
            for (bool more = true; more;) {
                const auto page =
                    fixture.after("dev", after, static_cast<std::uint32_t>(prng.between(1, 9)));
                more = page.more;
                if (page.missing_from) {
                    REQUIRE(expected != given.end());
                    REQUIRE(page.missing_from == expected->first);
                    for (; expected != given.end() && expected->first <= page.missing_to;
                         ++expected)
                        REQUIRE(std::find(there.begin(), there.end(), expected->first) ==
                                there.end());
                    REQUIRE(std::prev(expected)->first == page.missing_to);
                }
                for (const auto& event : page.events) {
                    REQUIRE(expected != given.end());
                    REQUIRE(event.at == expected->first);
                    ++expected;
                    after = event.at;
                }
                REQUIRE((!more || !page.events.empty()));
            }
            CHECK(expected == given.end());
        }
    }
}
