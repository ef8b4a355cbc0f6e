// What the store is told and what waits for it: acknowledgements, holes, trouble, schedules,
// private messages to those who are away.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

struct World {
    FakeStore store;
    EngineDriver driver;

    explicit World(const engine::EngineConfig& config = remembering()) : driver(config) {
        driver.store = &store;
        driver.settle();
    }
    /// The store catches up.
    void unstall() {
        store.stalled = false;
        driver.settle();
    }
};

Json first_of(const std::string& received) {
    return Json(lines_of(received).at(0));
}

}  // namespace

TEST_CASE("an acknowledgement follows the commit, delivery does not wait for it",
          "[engine][store]") {
    World world;
    Client& ana = world.driver.join("ana");
    const Bot bot = join_bot(world.driver, "robo");
    bot.client->received.clear();
    world.store.stalled = true;
    world.driver.say(*bot.client, call(2, "say", R"({"key":"k","body":"hi"})"));
    CHECK(ana.take() == "<robo> hi\n");
    auto lines = lines_of(bot.client->take());
    REQUIRE(lines.size() == 1);
    CHECK(Json(lines[0]).at("method") == "message");
    world.unstall();
    CHECK(first_of(bot.client->take()).at("result", "seq") == "1");
}

TEST_CASE("the answers of a batch come when all its commits are there", "[engine][store]") {
    World world;
    const Bot bot = join_bot(world.driver, "robo");
    bot.client->received.clear();
    world.store.stalled = true;
    world.driver.say(*bot.client,
                     R"([{"jsonrpc":"2.0","id":2,"method":"say","params":{"body":"a"}},)"
                     R"({"jsonrpc":"2.0","id":3,"method":"ping"}])"
                     "\n");
    CHECK(lines_of(bot.client->take()).size() == 1);  // the event alone
    world.unstall();
    const Json answers = first_of(bot.client->take());
    CHECK(answers.at(0, "id") == "3");
    CHECK(answers.at(1, "result", "seq") == "1");
}

TEST_CASE("a half-closed bot gets its answer before the end", "[engine][store]") {
    World world;
    const Bot bot = join_bot(world.driver, "robo");
    bot.client->received.clear();
    world.store.stalled = true;
    world.driver.say(*bot.client, call(2, "say", R"({"key":"k","body":"hi"})"));
    world.driver.half_close(*bot.client);
    CHECK_FALSE(bot.client->ended());
    world.unstall();
    CHECK(bot.client->received.find("\"id\":2") != std::string::npos);
    CHECK(bot.client->ended());
}

TEST_CASE("a question to the store pauses its asker alone", "[engine][store]") {
    World world;
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

TEST_CASE("past the queue's bound keyed messages are refused, others leave a declared hole",
          "[engine][store]") {
    engine::EngineConfig config = remembering();
    World world([&] {
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

TEST_CASE("a hole is told though nobody says anything more", "[engine][store]") {
    engine::EngineConfig config = remembering();
    config.store_queue_max = 4;
    World world(config);
    Client& ana = world.driver.join("ana");
    world.store.stalled = true;
    world.driver.say(ana, "1\n2\n3\n4\n5\n6\n");
    SECTION("when the store takes writes again") {
        world.unstall();
    }
    SECTION("when the store is about to stop") {
        world.driver.engine.store_stopping();
        world.unstall();
    }
    const FakeStore::KeptRoom& room = world.store.rooms.at("lobby");
    REQUIRE(room.holes.size() == 1);
    CHECK(room.holes[0].from == 5);
    CHECK(room.holes[0].to == 6);
}

TEST_CASE("a room in which nothing was said is not kept", "[engine][store]") {
    World world(remembering());
    Client& ana = world.driver.join("ana");
    world.driver.say(ana, "/join empty\n");
    CHECK_FALSE(world.store.rooms.contains("empty"));
    world.driver.say(ana, "first\n");
    CHECK(world.store.rooms.at("empty").events.size() == 1);
}

TEST_CASE("an edit of what memory no longer holds asks the store who said it", "[engine][store]") {
    engine::EngineConfig config = remembering_little();
    World world(config);
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

TEST_CASE("what is taken back is shown no more, here and in history", "[engine][store]") {
    World world;
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

TEST_CASE("a private message to a session that is away is kept for it", "[engine][store]") {
    World world;
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

TEST_CASE("kept private messages are bounded", "[engine][store]") {
    World world;
    Client& ana = world.driver.join("ana");
    const Bot bot = join_bot(world.driver, "robo");
    world.driver.reset(*bot.client);
    for (std::uint32_t count = 0; count < limits::privates_kept_max; ++count)
        world.driver.say(ana, "/msg robo hi\n");
    CHECK(world.driver.ask(ana, "/msg robo hi\n").starts_with("FAIL MSG RECIPIENT_FULL"));
}

TEST_CASE("a scheduled line is said on time, once, when its commit is there", "[engine][store]") {
    World world;
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

TEST_CASE("a schedule that repeats goes on until it is taken out", "[engine][store]") {
    World world;
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

TEST_CASE("a text command's answer has the number, and waits for its commit in order",
          "[engine][store]") {
    World world;
    Client& ana = world.driver.join("ana");
    world.driver.say(ana, "hello\n");
    world.store.stalled = true;
    world.driver.say(ana, "/react 1 +1\n/ping\n");
    CHECK(ana.take().empty());
    world.unstall();
    const auto lines = lines_of(ana.take());
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].starts_with("NOTE REACT OK #lobby 2 :"));
    CHECK(lines[1] == "NOTE PING PONG :");
}

TEST_CASE("what would be acknowledged, or takes back, is refused when it cannot be kept",
          "[engine][store]") {
    engine::EngineConfig config = remembering();
    config.store_queue_max = 6;
    World world(config);
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

TEST_CASE("who asked for notices is told when the store cannot write", "[engine][store]") {
    World world;
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

TEST_CASE("a topic has at most 400 bytes and a reaction 32, and the refusal says so",
          "[engine][topic]") {
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
