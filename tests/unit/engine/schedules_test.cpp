// Lines that are said later.
#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("a scheduled line is said on time, once, when its commit is there",
          "[engine][schedules]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    CHECK(world.driver.ask(ana, "/in 10m tea\n").starts_with("NOTE IN OK 1 "));
    world.driver.pass(std::chrono::seconds{599});
    CHECK(bob.take().empty());
    world.store.stalled = true;
    world.driver.pass(std::chrono::seconds{2});
    CHECK(bob.take().empty());  // it waits for its commit …
    world.driver.say(ana, "meanwhile\n");
    CHECK(bob.take().empty());  // … and what follows it waits behind it
    world.unstall();
    CHECK(bob.take() == "<ana> tea\n<ana> meanwhile\n");
    CHECK(world.store.schedules.empty());
    world.driver.pass(std::chrono::hours{1});
    CHECK(bob.take().empty());
}

TEST_CASE("a scheduled line that finds no place for its room comes later and says so",
          "[engine][schedules]") {
    engine::EngineConfig config = remembering();
    config.rooms_max = 2;
    RememberingWorld world(config);
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/join later\n/in #later 1m tea\n/leave later\n");
    world.driver.say(bob, "/join other\nfirst\n");
    world.driver.pass(std::chrono::seconds{90});
    CHECK(world.driver.ask(ana, "/schedules\n").find(" #later ") != std::string::npos);
    world.driver.say(bob, "/leave other\n");
    world.driver.pass(std::chrono::minutes{2});
    const auto said = lines_of(world.driver.ask(ana, "/join later\n/history\n"));
    REQUIRE(said.size() >= 3);
    CHECK(said[1].find("<ana> tea (late: due ") != std::string::npos);
    CHECK(world.store.schedules.empty());
}

TEST_CASE("a schedule that repeats goes on until it is taken out", "[engine][schedules]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/every 1m tick\n");
    world.driver.pass(std::chrono::seconds{185});
    CHECK(bob.take() == "<ana> tick\n<ana> tick\n<ana> tick\n");
    CHECK(world.driver.ask(bob, "/unschedule 1\n").starts_with("FAIL UNSCHEDULE NO_SUCH"));
    CHECK(world.driver.ask(ana, "/unschedule 1\n").find("NOTE UNSCHEDULE OK") != std::string::npos);
    bob.received.clear();
    world.driver.pass(std::chrono::hours{1});
    CHECK(bob.take().empty());
}
