// Answers that wait for their commits.
#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("an acknowledgement follows the commit, delivery does not wait for it",
          "[engine][commits]") {
    RememberingWorld world;
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

TEST_CASE("the answers of a batch come when all its commits are there", "[engine][commits]") {
    RememberingWorld world;
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

TEST_CASE("a half-closed bot gets its answer before the end", "[engine][commits]") {
    RememberingWorld world;
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

TEST_CASE("a text command's answer has the number, and waits for its commit in order",
          "[engine][commits]") {
    RememberingWorld world;
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
