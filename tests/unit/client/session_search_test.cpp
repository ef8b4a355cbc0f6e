// Lines that may have been said: they are looked for in their rooms before they are said again.
#include "chatd/client/session.hpp"

#include <chrono>
#include <string>

#include "support/catch.hpp"
#include "support/session_driver.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace chatd::test;
using namespace std::chrono_literals;

TEST_CASE("a line that may have been said long ago is looked for before it is sent again",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    const auto first = driver.session.say("lobby", "said").value();
    const auto second = driver.session.say("lobby", "lost").value();
    CHECK(calls_of(driver.sent(), "say").size() == 2);
    driver.cut();
    driver.pass(3min);
    driver.come_online(12, true, R"(,"recovered":true)");
    CHECK(calls_of(driver.sent(), "say").empty());
    driver.events();
    driver.tell_message(11, "ana", "said", first);
    CHECK(calls_of(driver.sent(), "say").empty());
    const Said said = driver.one<Said>();
    CHECK(said.key == first);
    CHECK(said.at == Position{1, 11});
    CHECK(said.repeated);
    driver.tell_message(12, "bob", "hi");
    const auto again = calls_of(driver.sent(), "say");
    REQUIRE(again.size() == 1);
    CHECK(Json(again[0]).at("params", "key") == second);
}

TEST_CASE("a line that may have been said in a lost session is looked for as well",
          "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.come_online(10);
    (void)driver.session.say("lobby", "lost");
    CHECK(calls_of(driver.sent(), "say").size() == 1);
    driver.cut();
    driver.session.connected(driver.now);
    driver.refuse(Json(driver.sent()[0]).at("id"), "BAD_TOKEN");
    driver.be_greeted(11, false, R"(,"recovered":true)");
    const auto sent = driver.sent();
    CHECK(calls_of(sent, "say").empty());
    driver.answer(Json(calls_of(sent, "ping").at(0)).at("id"), "{}");
    SECTION("until the room is caught up with") {
        driver.tell_message(11, "bob", "hi");
    }
    SECTION("but not for ever") {
        driver.pass(10s);
    }
    SECTION("or until what would tell is known to be gone") {
        driver.tell("gap", R"({"room":"lobby","epoch":1,"from":11,"to":11})");
    }
    CHECK(calls_of(driver.sent(), "say").size() == 1);
}

TEST_CASE("a short keepalive does not make the search for a line shorter", "[client][session]") {
    SessionDriver driver(
        {.ping_interval = 500ms, .silence_max = 500ms},
        {.token = "secret",
         .rooms = {{"lobby", {1, 10}}},
         .unsaid = {{.key = "k", .room = "lobby", .body = "x", .perhaps_said = true}}});
    driver.come_online(900, true, R"(,"recovered":true)");
    // A slow way: ten lines a second.
    for (int seq = 11; seq < 900; ++seq) {
        driver.tell_message(seq, "bob", "news");
        const auto sent = driver.sent();
        REQUIRE(calls_of(sent, "say").empty());
        for (const std::string& ping : calls_of(sent, "ping"))
            driver.answer(Json(ping).at("id"), "{}");
        driver.pass(100ms);
    }
    driver.events();
    SECTION("it is found") {
        driver.tell_message(900, "ana", "x", "k");
        CHECK(driver.one<Said>().key == "k");
    }
    SECTION("nor do answers to pings make it longer") {
        for (int step = 0; step < 99; ++step) {
            const auto sent = driver.sent();
            REQUIRE(calls_of(sent, "say").empty());
            for (const std::string& ping : calls_of(sent, "ping"))
                driver.answer(Json(ping).at("id"), "{}");
            driver.pass(100ms);
        }
        CHECK(calls_of(driver.sent(), "say").size() == 1);
    }
}

TEST_CASE("a line that was seen in its room before the cut took its answer is not said again",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    const auto key = driver.session.say("lobby", "seen").value();
    CHECK(calls_of(driver.sent(), "say").size() == 1);
    driver.tell_message(11, "ana", "seen", key);
    CHECK(driver.all<Said>().empty());
    driver.cut();
    driver.pass(3min);
    SECTION("if the room still knows that place") {
        driver.come_online(12, true, R"(,"recovered":true)");
        const Said said = driver.one<Said>();
        CHECK(said.key == key);
        CHECK(said.at == Position{1, 11});
    }
    SECTION("or else it is") {
        driver.come_online(
            0, true,
            R"(,"recovered":false,"missing":{"from":{"epoch":1,"seq":11},"to":{"epoch":1,"seq":11}})");
        CHECK(driver.all<Said>().empty());
        CHECK(calls_of(driver.sent(), "say").size() == 1);
    }
}

TEST_CASE("a line that another server puts off may still have been said at the first",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    const auto there = driver.session.identity();
    const auto key = driver.session.say("lobby", "x").value();
    CHECK(calls_of(driver.sent(), "say").size() == 1);
    const bool seen = GENERATE(false, true);
    if (seen) driver.tell_message(11, "ana", "x", key);
    driver.cut();
    driver.now += 5min;
    driver.session.connected(driver.now, true);
    driver.refuse(Json(driver.sent().at(0)).at("id"), "BAD_TOKEN");
    driver.be_greeted(3, false, R"(,"recovered":false)");
    const auto says = calls_of(driver.sent(), "say");
    REQUIRE(says.size() == 1);
    driver.refuse(Json(says[0]).at("id"), "STORE_BEHIND", R"(,"retry":true,"retry_after_ms":10)");
    CHECK_FALSE(driver.session.state().unsaid.at(0).seen_at);  // not there
    driver.cut();
    driver.now += 5min;
    driver.session.become(there);
    driver.session.connected(driver.now);
    driver.events();
    driver.be_greeted(12, true, R"(,"recovered":true)");
    CHECK(calls_of(driver.sent(), "say").empty());
    if (!seen) driver.tell_message(11, "ana", "x", key);
    CHECK(driver.one<Said>().at == Position{1, 11});
}

TEST_CASE("a line of another run is looked for in its room, whichever are asked for",
          "[client][session]") {
    const SessionState state{
        .token = "secret",
        .rooms = {{"ops", {4, 7}}},
        .unsaid = {{.key = "k", .room = "ops", .body = "x", .perhaps_said = true}}};
    SessionDriver driver({.rooms = {"lobby"}}, state);
    driver.session.connected(driver.now);
    const Json greeting(driver.sent().at(0));
    CHECK(greeting.at("params", "rooms", 0, "room") == "lobby");
    CHECK(greeting.at("params", "rooms", 1, "room") == "ops");
    CHECK(greeting.at("params", "rooms", 1, "since", "seq") == "7");
}

TEST_CASE("of too many rooms another gives way to one in which a line may have been said",
          "[client][session]") {
    SessionOptions options;
    for (std::size_t number = 0; number < session_rooms_max; ++number)
        options.rooms.push_back("room" + std::to_string(number));
    const std::string last = options.rooms.back();
    SessionDriver driver(
        options, {.token = "secret",
                  .unsaid = {{.key = "k", .room = "ops", .body = "x", .perhaps_said = true}}});
    CHECK(driver.session.rooms().back().room == "ops");
    CHECK(driver.one<RoomRefused>().room == last);
}
