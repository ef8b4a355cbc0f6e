// What is said and changed in rooms: kept, or refused when it cannot be.
#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("a room in which nothing was said is not kept", "[engine][messages]") {
    RememberingWorld world(remembering());
    Client& ana = world.driver.join("ana");
    world.driver.say(ana, "/join empty\n");
    CHECK_FALSE(world.store.rooms.contains("empty"));
    world.driver.say(ana, "first\n");
    CHECK(world.store.rooms.at("empty").events.size() == 1);
}

TEST_CASE("an edit of what memory no longer holds asks the store who said it",
          "[engine][messages]") {
    engine::EngineConfig config = remembering_little();
    RememberingWorld world(config);
    Bot bot = join_bot(world.driver, "robo");
    Client& ana = world.driver.join("ana");
    world.driver.say(*bot.client, call(2, "say", R"({"body":"frist"})"));
    for (int number = 0; number < 40; ++number)
        world.driver.say(ana, std::to_string(number) + "\n");
    ana.received.clear();
    CHECK(world.driver.ask(ana, "/edit 1 mine\n").starts_with("FAIL EDIT NOT_YOURS"));
    world.driver.say(*bot.client, call(3, "edit", R"({"target":{"seq":1},"body":"first"})"));
    CHECK(ana.take() == "NOTE * EDITED #lobby 1 robo :first\n");
    CHECK(world.store.rooms.at("lobby").events.front().body == "first");
    CHECK(world.driver.ask(ana, "/edit 99 x\n").starts_with("FAIL EDIT NO_SUCH_MESSAGE"));
}

TEST_CASE("what is taken back is shown no more, here and in history", "[engine][messages]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    world.driver.say(ana, "secret\n/redact 1\n");
    Client& bob = world.driver.join("bob");
    const std::string history = world.driver.ask(bob, "/history\n");
    CHECK(history.find("secret") == std::string::npos);
    Client& bot = world.driver.open();
    const std::string events = world.driver.ask(
        bot,
        call(1, "hello", R"({"rooms":[{"room":"lobby","since":{"epoch":1800000000,"seq":0}}]})"));
    CHECK(events.find("secret") == std::string::npos);
    CHECK(events.find("\"removed\":true") != std::string::npos);
    CHECK(world.driver.ask(ana, "/redact 1\n").starts_with("FAIL REDACT NO_SUCH_MESSAGE"));
}

TEST_CASE("what would be acknowledged, or takes back, is refused when it cannot be kept",
          "[engine][messages]") {
    engine::EngineConfig config = remembering();
    config.store_queue_max = 6;
    RememberingWorld world(config);
    Client& ana = world.driver.join("ana");
    world.driver.say(ana, "secret\n");
    const Bot bot = join_bot(world.driver, "robo");
    bot.client->received.clear();
    world.store.stalled = true;
    for (int number = 0; number < 8; ++number)
        world.driver.say(ana, "x\n");
    bot.client->received.clear();
    const Json refused = first_of(world.driver.ask(*bot.client, call(2, "say", R"({"body":"y"})")));
    CHECK(refused.at("error", "data", "code") == "STORE_BEHIND");
    CHECK(world.driver.ask(ana, "/redact 1\n").starts_with("FAIL REDACT STORE_BEHIND"));
    // Carried out by nobody's answer, a redaction would be lost all the same: it is not.
    world.driver.say(*bot.client, notification("react", R"({"target":{"seq":1},"reaction":"+1"})"));
    CHECK(ana.take().empty());
    world.unstall();
    CHECK(world.driver.ask(ana, "/redact 1\n").starts_with("NOTE REDACT OK #lobby "));
}

TEST_CASE("a topic has at most 400 bytes and a reaction 32, and the refusal says so",
          "[engine][messages]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "hi\n");
    const std::string longest(limits::topic_bytes_max, 'x');
    CHECK(driver.ask(ana, "/topic " + longest + "\n").find("NOTE TOPIC OK") != std::string::npos);
    CHECK(driver.ask(ana, "/topic " + longest + "x\n")
              .ends_with(" (a topic has at most 400 bytes)\n"));
    const std::string reaction(limits::reaction_bytes_max + 1, 'x');
    CHECK(driver.ask(ana, "/react 1 " + reaction + "\n").starts_with("FAIL REACT BAD_ARGUMENT :"));
    Client& bot = driver.open();
    const Json refused =
        first_of(driver.ask(bot, call(1, "topic", "{\"topic\":\"" + longest + "x\"}")));
    CHECK(refused.at("error", "data", "detail") == "topic: has at most 400 bytes");
}
