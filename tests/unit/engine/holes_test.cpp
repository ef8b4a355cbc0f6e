// Numbers that the store was too far behind to keep.
#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("past the queue's bound keyed messages are refused, others leave a declared hole",
          "[engine][holes]") {
    engine::EngineConfig config = remembering();
    RememberingWorld world([&] {
        config.store_queue_max = 8;
        return config;
    }());
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    const Bot bot = join_bot(world.driver, "robo");
    world.store.stalled = true;
    std::string lines;
    for (int number = 1; number <= 12; ++number)
        lines += std::to_string(number) + "\n";
    world.driver.say(ana, lines);
    CHECK(lines_of(bob.take()).size() == 12);
    bot.client->received.clear();
    const Json refused =
        first_of(world.driver.ask(*bot.client, call(2, "say", R"({"key":"k","body":"x"})")));
    CHECK(refused.at("error", "data", "code") == "STORE_BEHIND");
    CHECK(refused.at("error", "data", "retry") == "true");
    CHECK(refused.at("error", "data", "retry_after_ms") == "1000");
    world.unstall();
    world.driver.say(ana, "13\n");
    const FakeStore::KeptRoom& room = world.store.rooms.at("lobby");
    REQUIRE(room.holes.size() == 1);
    CHECK(room.holes[0].from == 9);
    CHECK(room.holes[0].to == 12);
    CHECK(room.events.size() == 9);
    CHECK(room.events.back().body == "13");
}

TEST_CASE("a hole is told though nobody says anything more", "[engine][holes]") {
    engine::EngineConfig config = remembering();
    config.store_queue_max = 4;
    RememberingWorld world(config);
    Client& ana = world.driver.join("ana");
    world.store.stalled = true;
    world.driver.say(ana, "1\n2\n3\n4\n5\n6\n");
    SECTION("when the store takes writes again") {
        world.unstall();
    }
    SECTION("when the store is about to stop") {
        world.driver.engine.store_stopping();
        std::vector<chat::Persist> told = world.driver.engine.take_persists();
        REQUIRE(told.size() == 1);
        CHECK(std::holds_alternative<chat::KeepHole>(told[0]));
        world.store.take(std::move(told));
        world.unstall();
    }
    const FakeStore::KeptRoom& room = world.store.rooms.at("lobby");
    REQUIRE(room.holes.size() == 1);
    CHECK(room.holes[0].from == 5);
    CHECK(room.holes[0].to == 6);
}
