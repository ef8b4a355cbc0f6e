// Typing and read markers: who is told, and what is not worth telling.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("typing is told to those who are there and never to its author", "[engine][ephemerals]") {
    EngineDriver driver;
    const Bot one = join_bot(driver, "one");
    const Bot two = join_bot(driver, "two");
    one.client->received.clear();
    two.client->received.clear();
    driver.say(*one.client, notification("typing", R"({"on":true})"));
    CHECK(one.client->take().empty());
    const Json told(lines_of(two.client->take()).at(0));
    CHECK(told.at("method") == "typing");
    CHECK(told.at("params", "from") == "one");
    CHECK(told.at("params", "on") == "true");
}

TEST_CASE("text clients see typing and read markers with their notices on",
          "[engine][ephemerals]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "bot");
    Client& ana = driver.join("ana");
    Client& eve = driver.join("eve");
    driver.ask(ana, "/notices on\n");
    driver.say(*bot.client, call(2, "say", R"({"body":"1"})"));
    driver.say(*bot.client, notification("typing", R"({"on":true})"));
    driver.say(*bot.client, notification("read", R"({"at":{"epoch":1,"seq":1}})"));
    CHECK(ana.take() == "<bot> 1\n-- bot is typing in #lobby\n-- bot has read #lobby up to 1\n");
    driver.say(*bot.client, notification("typing", R"({"on":false})"));
    CHECK(ana.take() == "-- bot stopped typing in #lobby\n");
    CHECK(eve.take() == "<bot> 1\n");
    CHECK(driver.ask(ana, "/typing on\n") == "NOTE TYPING OK :Done.\n");
}

TEST_CASE("who comes later is not told who typed before", "[engine][ephemerals]") {
    EngineDriver driver;
    const Bot one = join_bot(driver, "one");
    driver.say(*one.client, notification("typing", R"({"on":true})"));
    const Bot two = join_bot(driver, "two");
    Client& ana = driver.join("ana");
    driver.say(ana, "/notices on\n/ping\n");
    CHECK(ana.take().find("typing") == std::string::npos);
    driver.say(*one.client, call(2, "ping", R"({"token":"x"})"));
    CHECK(two.client->take().find("\"typing\"") == std::string::npos);
    driver.say(*one.client, notification("typing", R"({"on":false})"));
    CHECK(Json(lines_of(two.client->take()).at(0)).at("params", "on") == "false");
    CHECK(ana.take() == "-- one stopped typing in #lobby\n");
    // Nor who goes back to an earlier position.
    driver.say(ana, "one more\n/join #lobby 1\n");
    CHECK(ana.take().find("typing") == std::string::npos);
}

TEST_CASE("in a crowd nobody sees who types", "[engine][ephemerals]") {
    EngineDriver driver;
    const Bot one = join_bot(driver, "one");
    const Bot two = join_bot(driver, "two");
    for (std::uint32_t number = 2; number <= limits::presence_people_max; ++number)
        driver.receive(driver.open(), "/ping\n");
    driver.settle();
    two.client->received.clear();
    driver.say(*one.client, notification("typing", R"({"on":true})"));
    CHECK(two.client->take().empty());
}

TEST_CASE("of typing and read markers only the newest of each person comes",
          "[engine][ephemerals]") {
    EngineDriver driver;
    const Bot one = join_bot(driver, "one");
    const Bot two = join_bot(driver, "two");
    driver.say(*one.client, call(2, "say", R"({"body":"1"})") + call(3, "say", R"({"body":"2"})"));
    two.client->received.clear();
    two.client->stalled = true;
    driver.say(*one.client, call(4, "say", R"({"body":"3"})"));
    for (const char* seq : {"1", "2"}) {
        driver.say(*one.client,
                   notification("read", std::string(R"({"at":{"epoch":1,"seq":)") + seq + "}}"));
    }
    driver.resume(*two.client);
    const auto lines = lines_of(two.client->take());
    REQUIRE(lines.size() == 2);
    CHECK(Json(lines[0]).at("method") == "message");
    CHECK(Json(lines[1]).at("method") == "read");
    CHECK(Json(lines[1]).at("params", "seq") == "2");
}
