#include "store/upkeep.hpp"

#include "chatd/base/prng.hpp"
#include "chatd/store/check.hpp"
#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

// Whether these bytes stand anywhere in the files of the database.
bool in_files(const KeeperFixture& fixture, const std::string& text) {
    const std::string path = store::database_path(fixture.directory.path());
    return bytes_of_file(path).find(text) != std::string::npos ||
           bytes_of_file(path + "-wal").find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a room keeps its newest events up to the count", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.options.retention.room_count_max = 1'000;
    fixture.open_after_clean_end();
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepRoom{"ops", 1});
    fixture.say_lines("dev", 1, 1, 3'000);
    fixture.say_lines("ops", 1, 1, 900);
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 2'000);
    CHECK(fixture.after("ops", {1, 0}).events.front().at == Position{1, 1});
    const auto page = fixture.after("dev", {1, 0});
    CHECK(page.events.front().at == Position{1, 2'001});
    CHECK(page.missing_from == Position{1, 1});
    CHECK(page.missing_to == Position{1, 2'000});
    CHECK(fixture.search("\"line 2000\" in:dev").hits.empty());
    CHECK(fixture.search("\"line 2001\" in:dev").hits.size() == 1);
    CHECK(fixture.restored.rooms.empty());
}

TEST_CASE("retention goes in steps, and other work goes on between them", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.options.retention.room_count_max = 10;
    fixture.open_after_clean_end();
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 1'000);
    CHECK(fixture.keeper->tend(fixture.tended));
    CHECK(fixture.counters().events_pruned == limits::store_prune_rows_max);
    fixture.say_lines("dev", 1, 1'001, 1);
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 991);
}

TEST_CASE("a room keeps its newest events up to the bytes, as edits and removals change them",
          "[store][upkeep]") {
    KeeperFixture fixture;
    const std::string body(200, 'b');
    const std::uint64_t each = 96 + 3 + body.size();
    fixture.options.retention.room_bytes_max = 10 * each;
    fixture.open_after_clean_end();
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    for (Seq seq = 1; seq <= 12; ++seq)
        fixture.carry_out(said("dev", {1, seq}, body));
    fixture.tend();
    CHECK(fixture.after("dev", {1, 0}).events.size() == 10);

    // A message that was edited and removed counts for nothing but its two rows.
    fixture.carry_out(about(wire::EventKind::edited, "dev", {1, 13}, {1, 12}, body + body),
                      about(wire::EventKind::redacted, "dev", {1, 14}, {1, 12}));
    fixture.tend();
    std::uint64_t bytes = 0;
    for (const auto& event : fixture.after("dev", {1, 0}).events)
        bytes += 99 + event.body.size();
    CHECK(bytes <= 10 * each);
    CHECK(bytes > 9 * each);
}

TEST_CASE("events go when they are too old", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.options.retention.age = std::chrono::hours(1);
    fixture.open_after_clean_end();
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepRoom{"ops", 1});
    fixture.say_lines("dev", 1, 1, 600);
    fixture.say_lines("ops", 1, 1, 10);
    store_time += 3'000'000;
    fixture.say_lines("dev", 1, 601, 5);
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 0);
    store_time += 600'001;
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 610);
    CHECK(fixture.after("dev", {1, 0}).events.size() == 5);
    CHECK(fixture.after("ops", {1, 0}).missing_to == Position{1, 10});
}

TEST_CASE("an event from a clock that was wrong delays those behind it by a minute at most",
          "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.options.retention.age = std::chrono::hours(1);
    fixture.options.retention.room_count_max = 10;
    fixture.open_after_clean_end();
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    const UnixMs right = store_time;
    store_time += 1'000'000'000;
    fixture.say_lines("dev", 1, 1, 1);
    fixture.tend();  // what is looked at again in a minute is so by the right clock
    store_time = right;
    fixture.say_lines("dev", 1, 2, 9);
    store_time += 3'600'001;
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 0);  // the oldest is from a time to come
    fixture.say_lines("dev", 1, 11, 1);            // and goes by the count
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 1);
    store_time += 60'000;
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 10);
    CHECK(fixture.after("dev", {1, 0}).events.size() == 1);
}

TEST_CASE("a smaller bound than before takes effect at the next start", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 100);
    fixture.options.retention.room_count_max = 20;
    fixture.open_after_clean_end();
    fixture.tend();
    CHECK(fixture.after("dev", {1, 0}).events.size() == 20);
    CHECK(fixture.restored.rooms[0].last == 100);
    // Numbers that are gone stay given.
    fixture.open_after_clean_end();
    CHECK(fixture.restored.rooms[0].last == 100);
}

TEST_CASE("the file shrinks again when much has gone", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.options.retention.age = std::chrono::hours(1);
    fixture.open_after_clean_end();
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    for (Seq seq = 1; seq <= 2'000; ++seq)
        fixture.carry_out(said("dev", {1, seq}, std::string(2'000, 'b')));
    const auto size = [&fixture] {
        fixture.carry_out(chat::DropPrivates{1});
        return fixture.counters().database_bytes;
    };
    const auto before = size();
    store_time += 3'600'001;
    fixture.tend();
    CHECK(fixture.counters().events_pruned == 2'000);
    CHECK(size() < before);
    CHECK(size() < (limits::store_free_pages_max + 200) * 4'096);
}

TEST_CASE("after a removal nothing of it is left in any file, not even its words",
          "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    // Other events before and after, of many sizes, in many groups, some edited: pages split and
    // cells move. What is removed has words of its own, short and long.
    Prng prng(3);
    Seq seq = 0;
    std::vector<std::pair<Position, std::string>> secrets;
    for (int group = 0; group < 150; ++group) {
        std::vector<store::Entry> entries;
        for (int line = 0; line < 20; ++line) {
            std::string body(prng.between(1, line == 7 ? 4'000 : 300), 'a');
            for (char& letter : body)
                letter = prng.chance(15) ? ' ' : static_cast<char>('a' + prng.below(26));
            const Position at{1, ++seq};
            if (prng.chance(2)) {
                const std::string secret =
                    "zq" + std::to_string(group) + "q" + std::to_string(line);
                secrets.emplace_back(at, secret);
                body.insert(body.size() / 2, " " + secret + "start " + secret + "end ");
            }
            fixture.add(entries, said("dev", at, body));
            if (prng.chance(10) && seq > 50) {
                const Position target{1, seq - prng.between(1, 49)};
                fixture.add(entries, about(wire::EventKind::edited, "dev", {1, ++seq}, target,
                                           std::string(prng.below(600), 'e')));
            }
        }
        fixture.carry_out_group(entries);
    }
    for (const auto& [at, secret] : secrets) {
        fixture.carry_out(
            about(wire::EventKind::edited, "dev", {1, ++seq}, at, "now " + secret + "changed"));
    }
    fixture.tend();
    REQUIRE(secrets.size() > 30);
    REQUIRE(in_files(fixture, secrets[0].second));

    for (const auto& [at, secret] : secrets)
        fixture.carry_out(about(wire::EventKind::redacted, "dev", {1, ++seq}, at));
    fixture.tend();
    int left = 0;
    for (const auto& [at, secret] : secrets) {
        left += in_files(fixture, secret + "start") || in_files(fixture, secret + "end") ||
                        in_files(fixture, secret + "changed")
                    ? 1
                    : 0;
    }
    CHECK(left == 0);
    // Terms are stored by what they add to the one before, so the whole secret need not be there.
    CHECK_FALSE(in_files(fixture, "qstart"));
    CHECK(store::check_store(fixture.directory.path()) == "ok");
    CHECK(fixture.search("eeeeee").error == "");
}

TEST_CASE("a scrub that a crash interrupted is done after the next start", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "xylophone"));
    fixture.carry_out(about(wire::EventKind::redacted, "dev", {1, 2}, {1, 1}));
    CHECK(in_files(fixture, "xylophone"));
    fixture.open_after_crash();
    fixture.tend();
    CHECK_FALSE(in_files(fixture, "xylophone"));
}

TEST_CASE("a scrub is begun once a minute at most", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "xylophone"),
                      said("dev", {1, 2}, "trombone"));
    fixture.carry_out(about(wire::EventKind::redacted, "dev", {1, 3}, {1, 1}));
    fixture.tend();
    CHECK_FALSE(in_files(fixture, "xylophone"));
    fixture.carry_out(about(wire::EventKind::redacted, "dev", {1, 4}, {1, 2}));
    fixture.tend();
    CHECK(in_files(fixture, "trombone"));
    store_time += 60'000;
    fixture.tend();
    CHECK_FALSE(in_files(fixture, "trombone"));
}

TEST_CASE("a reader beside the store puts a scrub off, no more", "[store][upkeep]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "xylophone"));
    auto reader = store::Database::open(store::database_path(fixture.directory.path()),
                                        store::Database::Mode::read_only);
    REQUIRE(reader);
    REQUIRE(reader->run("BEGIN; SELECT count(*) FROM events"));
    fixture.carry_out(about(wire::EventKind::redacted, "dev", {1, 2}, {1, 1}));
    fixture.tend();
    CHECK(in_files(fixture, "xylophone"));
    fixture.carry_out(said("dev", {1, 3}, "life goes on"));
    REQUIRE(reader->run("COMMIT"));
    fixture.tend();
    CHECK_FALSE(in_files(fixture, "xylophone"));
}
