// What is said to one person alone and kept for them.
#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("a private message to a session that is away is kept for it", "[engine][privates]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    const Bot bot = join_bot(world.driver, "robo");
    world.driver.reset(*bot.client);
    CHECK(world.driver.ask(ana, "/msg robo later\n").starts_with("NOTE MSG KEPT robo"));
    Client& again = world.driver.open();
    const auto lines =
        lines_of(world.driver.ask(again, call(1, "resume", "{\"token\":\"" + bot.token + "\"}")));
    REQUIRE(lines.size() == 2);
    CHECK(Json(lines[1]).at("method") == "private");
    CHECK(Json(lines[1]).at("params", "body") == "later");
    CHECK(world.store.privates.empty());
}

TEST_CASE("kept private messages are bounded", "[engine][privates]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    const Bot bot = join_bot(world.driver, "robo");
    world.driver.reset(*bot.client);
    for (std::uint32_t count = 0; count < limits::privates_kept_max; ++count)
        world.driver.say(ana, "/msg robo hi\n");
    CHECK(world.driver.ask(ana, "/msg robo hi\n").starts_with("FAIL MSG RECIPIENT_FULL"));
}
