// What the store is asked, and what of its state is told.
#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("a question to the store pauses its asker alone", "[engine][queries]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(bob, "one\n");
    ana.received.clear();
    world.store.stalled = true;
    world.driver.say(ana, "/history\n/ping 1\n");
    CHECK(ana.take().empty());
    world.driver.say(bob, "two\n");
    CHECK(ana.take() == "<bob> two\n");
    world.unstall();
    const auto lines = lines_of(ana.take());
    REQUIRE(lines.size() == 3);  // what there was when it was asked
    CHECK(lines[0].ends_with("<bob> one"));
    CHECK(lines[1].starts_with("NOTE HISTORY END 1 "));
    CHECK(lines[2] == "NOTE PING PONG :1");
}

TEST_CASE("who asked for notices is told when the store cannot write", "[engine][queries]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/notices on\n");
    ana.received.clear();
    world.driver.engine.store_answered(chat::StoreTrouble{"disk full"}, world.driver.now);
    world.driver.settle();
    CHECK(ana.take().starts_with("NOTE * STORE_TROUBLE :"));
    world.driver.engine.store_answered(chat::StoreTrouble{}, world.driver.now);
    world.driver.settle();
    CHECK(ana.take() == "NOTE * STORE_OK :What is said is kept again.\n");
    CHECK(bob.take().empty());
}
