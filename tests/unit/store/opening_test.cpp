#include "store/opening.hpp"

#include <filesystem>

#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

constexpr Epoch epoch_of_start = start_of_time / 1'000;

const chat::RestoredRoom& only_room(const KeeperFixture& fixture) {
    REQUIRE(fixture.restored.rooms.size() == 1);
    return fixture.restored.rooms[0];
}

}  // namespace

TEST_CASE("a new store has nothing to restore", "[store][opening]") {
    const KeeperFixture fixture;
    CHECK(fixture.restored.rooms.empty());
    CHECK(fixture.restored.sessions.empty());
    CHECK(fixture.restored.keys.empty());
    CHECK(fixture.restored.schedules.empty());
    CHECK(fixture.restored.last_session == 0);
    CHECK(fixture.restored.last_schedule == 0);
}

TEST_CASE("after a clean stop a room goes on in its epoch", "[store][opening]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"Dev", 3}, said("dev", {3, 1}, "hi"),
                      about(wire::EventKind::topic, "dev", {3, 2}, {}, "plans"));
    fixture.open_after_clean_end();
    const auto& room = only_room(fixture);
    CHECK(room.room == "Dev");
    CHECK(room.epoch == 3);
    CHECK(room.last == 2);
    CHECK(room.topic == "plans");
    CHECK(room.topic_from == "ana");
    CHECK(room.ended.empty());
    CHECK(bodies_of(room.newest) == std::vector<std::string>{"hi", "plans"});
}

TEST_CASE("after a crash every room has a new epoch, and the old one its last committed number",
          "[store][opening]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 3}, said("dev", {3, 1}, "hi"),
                      chat::KeepRoom{"silent", 4});
    fixture.open_after_crash();
    REQUIRE(fixture.restored.rooms.size() == 2);
    for (const auto& room : fixture.restored.rooms) {
        CHECK(room.epoch == epoch_of_start);
        CHECK(room.last == 0);
        REQUIRE(room.ended.size() == 1);
        CHECK(room.ended[0].epoch == (room.room == "dev" ? 3 : 4));
        CHECK(room.ended[0].last == (room.room == "dev" ? 1 : 0));
    }
    // Numbers may have been given that were never committed: the room without any is no exception.
    fixture.carry_out(said("dev", {epoch_of_start, 1}, "again"));
    CHECK(fixture.after("dev", {3, 0}).events.size() == 2);
}

TEST_CASE("each crash makes a larger epoch, also when the clock stands or goes back",
          "[store][opening]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 3});
    fixture.open_after_crash();
    CHECK(only_room(fixture).epoch == epoch_of_start);
    fixture.open_after_crash();
    CHECK(only_room(fixture).epoch == epoch_of_start + 1);
    store_time -= 1'000'000;
    fixture.open_after_crash();
    CHECK(only_room(fixture).epoch == epoch_of_start + 2);
}

TEST_CASE("each start has an epoch for rooms that are new in it, later than all before",
          "[store][opening]") {
    KeeperFixture fixture;
    CHECK(fixture.restored.epoch == epoch_of_start);
    fixture.open_after_crash();
    CHECK(fixture.restored.epoch == epoch_of_start + 1);
    store_time -= 1'000'000;
    fixture.open_after_crash();
    CHECK(fixture.restored.epoch == epoch_of_start + 2);
}

TEST_CASE("the last epochs of a room are remembered, not all of them", "[store][opening]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 3});
    for (std::uint32_t crash = 0; crash < limits::epochs_kept_max + 5; ++crash)
        fixture.open_after_crash();
    const auto& room = only_room(fixture);
    REQUIRE(room.ended.size() == limits::epochs_kept_max);
    CHECK(room.ended.front().epoch == room.epoch - limits::epochs_kept_max);
    CHECK(room.ended.back().epoch == room.epoch - 1);
}

TEST_CASE("a copy that was put back is not taken for the file that was stopped cleanly",
          "[store][opening]") {
    KeeperFixture fixture;
    const std::string path = store::database_path(fixture.directory.path());
    fixture.carry_out(chat::KeepRoom{"dev", 3}, said("dev", {3, 1}, "hi"));
    REQUIRE(fixture.keeper->end());
    fixture.keeper.reset();
    std::filesystem::copy_file(path, path + ".backup");
    fixture.open();
    CHECK(only_room(fixture).epoch == 3);
    fixture.carry_out(said("dev", {3, 2}, "lost"));
    REQUIRE(fixture.keeper->end());
    fixture.keeper.reset();
    std::filesystem::rename(path + ".backup", path);

    fixture.open();
    CHECK(only_room(fixture).epoch == epoch_of_start);
    CHECK(only_room(fixture).ended.back().last == 1);
}

TEST_CASE("the newest events are restored within the bounds of a room and of all",
          "[store][opening]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"old", 1}, chat::KeepRoom{"new", 1});
    fixture.say_lines("old", 1, 1, 20);
    fixture.say_lines("new", 1, 1, 20);
    fixture.options.restore.room_count_max = 5;
    fixture.open_after_clean_end();
    REQUIRE(fixture.restored.rooms.size() == 2);
    CHECK(fixture.restored.rooms[0].room == "new");
    for (const auto& room : fixture.restored.rooms) {
        CHECK(positions_of(room.newest) ==
              std::vector<Position>{{1, 16}, {1, 17}, {1, 18}, {1, 19}, {1, 20}});
        CHECK(room.last == 20);
    }

    const std::size_t event_bytes = sizeof(wire::KeptEvent) + 20;  // room, author, body
    fixture.options.restore.room_bytes_max = 4 * event_bytes;
    fixture.options.restore.total_bytes_max = 6 * event_bytes;
    fixture.open_after_clean_end();
    CHECK(fixture.restored.rooms[0].room == "new");
    CHECK(fixture.restored.rooms[0].newest.size() == 4);
    CHECK(fixture.restored.rooms[1].newest.size() == 2);
    CHECK(fixture.restored.rooms[1].last == 20);
}

TEST_CASE("sessions come back with what waits for them, and their numbers are not given again",
          "[store][opening]") {
    KeeperFixture fixture;
    chat::TokenHash token{};
    token[0] = 1;
    token[31] = 255;
    fixture.carry_out(chat::KeepSession{5, token, "ana", 11}, chat::KeepSession{9, {}, "bob", 12},
                      chat::KeepPrivate{5, "bob", "psst", 13},
                      chat::KeepSession{5, token, "anna", 14}, chat::DropSession{9});
    fixture.open_after_clean_end();
    REQUIRE(fixture.restored.sessions.size() == 1);
    const auto& session = fixture.restored.sessions[0];
    CHECK(session.session == 5);
    CHECK(session.token == token);
    CHECK(session.nick == "anna");
    CHECK(session.seen_at == 14);
    CHECK(session.privates == 1);
    CHECK(fixture.restored.last_session == 9);
}

TEST_CASE("the keys of the last two minutes come back, oldest first", "[store][opening]") {
    KeeperFixture fixture;
    const auto keyed = [](Seq seq, std::string key) {
        auto write = said("dev", {1, seq}, "body " + std::to_string(seq));
        write.event.key = std::move(key);
        return write;
    };
    fixture.carry_out(chat::KeepRoom{"Dev", 1}, keyed(1, "k1"));
    store_time += 60'000;
    auto nobody = keyed(3, "k3");
    nobody.author = 0;
    fixture.carry_out(keyed(2, "k2"), nobody, keyed(4, ""), keyed(5, "k5"));
    store_time += 61'000;
    fixture.open_after_clean_end();
    REQUIRE(fixture.restored.keys.size() == 2);
    const auto& key = fixture.restored.keys[0];
    CHECK(key.session == 7);
    CHECK(key.key == "k2");
    CHECK(key.room == "Dev");
    CHECK(key.at == Position{1, 2});
    CHECK(key.body == "body 2");
    CHECK(time_of(key.id) == start_of_time + 60'000);
    CHECK(fixture.restored.keys[1].key == "k5");
}
