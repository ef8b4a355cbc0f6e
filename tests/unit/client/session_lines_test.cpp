// A session and a server that the test plays: what one says, and what one is told.
#include "chatd/client/session.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/session_driver.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace chatd::test;
using namespace std::chrono_literals;

namespace {

std::string key_of(const std::string& say) {
    return Json(say).at("params", "key");
}

}  // namespace

// -- lines -------------------------------------------------------------------------------------

TEST_CASE("a line that is said offline leaves with the greeting's answer", "[client][session]") {
    SessionDriver driver;
    const auto key = driver.session.say("#lobby", "hello", {.action = true, .reply_to = {1, 4}});
    REQUIRE(key.has_value());
    driver.come_online();
    const auto says = calls_of(driver.sent(), "say");
    REQUIRE(says.size() == 1);
    const Json say(says[0]);
    CHECK(say.at("params", "room") == "lobby");
    CHECK(say.at("params", "body") == "hello");
    CHECK(say.at("params", "key") == *key);
    CHECK(say.at("params", "action") == "true");
    CHECK(say.at("params", "reply_to", "seq") == "4");
    driver.events();
    driver.answer(say.at("id"), R"({"room":"lobby","epoch":1,"seq":11})");
    const Said said = driver.one<Said>();
    CHECK(said.key == *key);
    CHECK(said.at == Position{1, 11});
    CHECK_FALSE(said.repeated);
    CHECK(driver.session.outbox().empty());
}

TEST_CASE("lines without an answer are sent again under their keys, in their order",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    std::vector<std::string> keys;
    for (const char* body : {"one", "two", "three"})
        keys.push_back(driver.session.say("lobby", body).value());
    const auto first = calls_of(driver.sent(), "say");
    driver.answer(Json(first.at(0)).at("id"), R"({"room":"lobby","epoch":1,"seq":11})");
    driver.cut();
    driver.come_online(12, true, R"(,"recovered":true)");
    const auto again = calls_of(driver.sent(), "say");
    REQUIRE(again.size() == 2);
    CHECK(key_of(again[0]) == keys[1]);
    CHECK(key_of(again[1]) == keys[2]);
    driver.events();
    driver.answer(Json(again[0]).at("id"),
                  R"({"room":"lobby","epoch":1,"seq":12,"repeated":true})");
    CHECK(driver.one<Said>().repeated);
}

TEST_CASE("an answer of an earlier connection settles nothing", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    (void)driver.session.say("lobby", "one");
    const auto first = calls_of(driver.sent(), "say");
    driver.cut();
    driver.come_online(10, true, R"(,"recovered":true)");
    driver.answer(Json(first.at(0)).at("id"), R"({"room":"lobby","epoch":1,"seq":11})");
    CHECK(driver.all<Said>().empty());
    CHECK(driver.session.outbox().size() == 1);
}

TEST_CASE("no more lines are on their way than may be", "[client][session]") {
    SessionDriver driver({.unanswered_max = 2});
    driver.come_online();
    for (int count = 0; count < 5; ++count)
        (void)driver.session.say("lobby", std::to_string(count));
    const auto first = calls_of(driver.sent(), "say");
    REQUIRE(first.size() == 2);
    CHECK(driver.sent().empty());
    driver.answer(Json(first[0]).at("id"), R"({"room":"lobby","epoch":1,"seq":11})");
    CHECK(calls_of(driver.sent(), "say").size() == 1);
}

TEST_CASE("a line that is refused is told and forgotten, the next ones go on",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    const auto key = driver.session.say("dev", "hello").value();
    (void)driver.session.say("lobby", "next");
    const auto says = calls_of(driver.sent(), "say");
    driver.refuse(Json(says.at(0)).at("id"), "NOT_IN_ROOM", R"(,"detail":"#dev")");
    const Refused refused = driver.one<Refused>();
    CHECK(refused.key == key);
    CHECK(refused.room == "dev");
    CHECK(refused.body == "hello");
    CHECK(refused.code == "NOT_IN_ROOM");
    CHECK(refused.text == "No. (#dev)");
    CHECK(driver.session.outbox().size() == 1);
}

TEST_CASE("a line that the server cannot take now is sent again when it says",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    (void)driver.session.say("lobby", "one");
    const auto says = calls_of(driver.sent(), "say");
    driver.refuse(Json(says.at(0)).at("id"), "STORE_BEHIND",
                  R"(,"retry":true,"retry_after_ms":1500)");
    (void)driver.session.say("lobby", "two");
    CHECK(calls_of(driver.sent(), "say").empty());
    CHECK(driver.session.deadline() == driver.now + 1500ms);
    driver.pass(1499ms);
    CHECK(calls_of(driver.sent(), "say").empty());
    driver.pass(1ms);
    const auto again = calls_of(driver.sent(), "say");
    REQUIRE(again.size() == 1);
    CHECK(key_of(again[0]) == key_of(says[0]));
}

TEST_CASE("lines that were put off go one by one, so that none overtakes another",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    for (const char* body : {"one", "two", "three"})
        (void)driver.session.say("lobby", body);
    const auto says = calls_of(driver.sent(), "say");
    REQUIRE(says.size() == 3);
    for (const std::string& say : says)
        driver.refuse(Json(say).at("id"), "STORE_BEHIND", R"(,"retry":true,"retry_after_ms":10)");
    (void)driver.session.say("lobby", "four");
    (void)driver.session.say("lobby", "five");
    driver.pass(10ms);
    auto sent = calls_of(driver.sent(), "say");
    REQUIRE(sent.size() == 1);
    // Put off once more: the others wait with it.
    driver.refuse(Json(sent[0]).at("id"), "STORE_BEHIND", R"(,"retry":true,"retry_after_ms":10)");
    CHECK(driver.sent().empty());
    driver.pass(10ms);
    for (const char* body : {"one", "two", "three"}) {
        sent = calls_of(driver.sent(), "say");
        REQUIRE(sent.size() == 1);
        CHECK(Json(sent[0]).at("params", "body") == body);
        driver.answer(Json(sent[0]).at("id"), R"({"room":"lobby","epoch":1,"seq":11})");
    }
    // Those that never were go as always.
    CHECK(calls_of(driver.sent(), "say").size() == 2);
}

TEST_CASE("no server makes a line wait for more than five minutes", "[client][session]") {
    for (const char* wish : {"300001", "9007199254740991"}) {
        CAPTURE(wish);
        SessionDriver driver;
        driver.come_online();
        (void)driver.session.say("lobby", "one");
        const auto says = calls_of(driver.sent(), "say");
        driver.refuse(Json(says.at(0)).at("id"), "STORE_BEHIND",
                      std::string(R"(,"retry":true,"retry_after_ms":)") + wish);
        CHECK(driver.session.outbox().lines().front().not_before == driver.now + 5min);
    }
}

TEST_CASE("what is no line is refused at once", "[client][session]") {
    SessionDriver driver({.outbox = {.lines_max = 2}});
    CHECK_FALSE(driver.session.say("", "x"));
    CHECK_FALSE(driver.session.say("#", "x"));
    CHECK_FALSE(driver.session.say("lobby", ""));
    CHECK_FALSE(driver.session.say("lobby", "\xff"));
    CHECK_FALSE(driver.session.say("lobby", std::string_view("a\0b", 3)));
    CHECK(driver.session.say("lobby", "1"));
    CHECK(driver.session.say("lobby", "2"));
    CHECK(driver.session.say("lobby", "3").error().find("Too many lines") != std::string::npos);
}

// -- messages ----------------------------------------------------------------------------------

TEST_CASE("a message is told once, whatever comes twice", "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    driver.events();
    driver.tell_message(11, "bob", "one");
    driver.tell_message(11, "bob", "one");
    driver.tell_message(10, "bob", "older");
    driver.tell_message(12, "bob", "two");
    const auto messages = driver.all<Message>();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].body == "one");
    CHECK(messages[1].body == "two");
    CHECK(driver.session.rooms().at(0).last == Position{1, 12});
}

TEST_CASE("a line that its author says again after a crash is told once", "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    driver.tell_message(11, "bob", "one", "k");
    driver.events();
    driver.tell_message(1, "bob", "one", "k", 2);
    driver.tell_message(2, "bob", "two", "l", 2);
    const Message message = driver.one<Message>();
    CHECK(message.body == "two");
    CHECK(driver.session.rooms().at(0).last == Position{2, 2});
}

TEST_CASE("one's own lines are known as such", "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    const auto key = driver.session.say("lobby", "mine").value();
    driver.events();
    driver.tell_message(11, "ana", "from another connection");
    driver.tell_message(12, "old-name", "mine", key);
    driver.tell_message(13, "bob", "not mine");
    const auto messages = driver.all<Message>();
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].own);
    CHECK(messages[1].own);
    CHECK_FALSE(messages[2].own);
}

TEST_CASE("everything that the server tells becomes its event", "[client][session]") {
    SessionDriver driver({.notices = true});
    driver.come_online(10);
    driver.events();
    const std::string head =
        R"({"room":"lobby","epoch":1,"id":"019ac000-0000-7000-8000-000000000000","from":"bob",)";
    driver.tell("edited", head + R"("seq":11,"target":{"epoch":1,"seq":9},"body":"new"})");
    driver.tell("redacted", head + R"("seq":12,"target":{"epoch":1,"seq":9}})");
    driver.tell("reacted", head + R"("seq":13,"target":{"epoch":1,"seq":9},"reaction":"+1"})");
    driver.tell("topic", head + R"("seq":14,"topic":"news"})");
    driver.tell("joined", R"({"room":"lobby","from":"bob"})");
    driver.tell("joined", R"({"room":"lobby","count":7,"people":9})");
    driver.tell("left", R"({"room":"lobby","from":"bob","reason":"quit"})");
    driver.tell("renamed", R"({"room":"lobby","from":"ana","nick":"anna"})");
    driver.tell("typing", R"({"room":"lobby","from":"bob","on":true})");
    driver.tell("read", R"({"room":"lobby","from":"bob","epoch":1,"seq":9})");
    driver.tell("gap", R"({"room":"lobby","epoch":1,"from":15,"to":20})");
    driver.tell("datagram", R"({"room":"lobby","from":"udp:7","bytes":1,"hex":"ff"})");
    driver.tell("private", R"({"from":"bob","body":"psst","ts":"2026-11-26T10:00:00.123Z"})");
    driver.tell("hologram", R"({"of":"a later server"})");
    const auto events = driver.events();
    REQUIRE(events.size() == 13);
    CHECK(std::get<Edited>(events[0]).body == "new");
    CHECK(std::get<Redacted>(events[1]).target == Position{1, 9});
    CHECK(std::get<Reacted>(events[2]).reaction == "+1");
    CHECK(std::get<TopicSet>(events[3]).topic == "news");
    CHECK(std::get<Joined>(events[4]).from == "bob");
    CHECK(std::get<Joined>(events[5]).people == 9);
    CHECK(std::get<Left>(events[6]).reason == "quit");
    CHECK(std::get<Renamed>(events[7]).own);
    CHECK(std::get<Typing>(events[8]).on);
    CHECK(std::get<Read>(events[9]).at == Position{1, 9});
    CHECK(std::get<Gap>(events[10]).to == 20);
    CHECK(std::get<Datagram>(events[11]).payload.size() == 1);
    CHECK(std::get<Private>(events[12]).body == "psst");
    CHECK(driver.session.nick() == "anna");
    CHECK(driver.session.rooms().at(0).last == Position{1, 20});
}

TEST_CASE("a room that never reached the position one has is heard from now on",
          "[client][session]") {
    SessionDriver driver({}, {.token = "secret", .rooms = {{"lobby", {1, 500}}}});
    driver.come_online(10, true, R"(,"recovered":false)");
    driver.events();
    driver.tell_message(11, "bob", "news");
    CHECK(driver.one<Message>().body == "news");
}

TEST_CASE("what follows at a server that knew no position of ours is not lost to the next cut",
          "[client][session]") {
    SessionDriver driver(
        {}, {.token = "secret",
             .rooms = {{"lobby", {5, 3}}},
             .unsaid = {{.key = "k", .room = "lobby", .body = "x", .perhaps_said = true}}});
    const auto greet = [&driver](std::string_view standing) {
        driver.session.connected(driver.now);
        const Json greeting(driver.sent().at(0));
        driver.answer(greeting.at("id"),
                      R"({"nick":"ana","token":"secret","resumed":true,"rooms":[{"room":"lobby",)" +
                          std::string(standing) + R"(,"others":0,"topic":""}]})");
        const std::string epoch = greeting.at("params", "rooms", 0, "since", "epoch");
        return epoch + ':' + greeting.at("params", "rooms", 0, "since", "seq");
    };
    SECTION("where much was said") {
        CHECK(greet(R"("epoch":7,"seq":10,"recovered":false,)"
                    R"("missing":{"from":{"epoch":7,"seq":1},"to":{"epoch":7,"seq":10}})") ==
              "5:3");
        CHECK(driver.one<Online>().rooms.at(0).position_unknown());
        CHECK(driver.session.state().rooms.at(0).last == Position{7, 10});
    }
    SECTION("where nothing was") {
        CHECK(greet(R"("epoch":7,"seq":0,"recovered":false)") == "5:3");
        CHECK_FALSE(driver.one<Online>().rooms.at(0).position_unknown());
        CHECK(driver.session.state().rooms.at(0).last == Position{7, 0});
    }
    // Nothing there would tell whether the line was said.
    CHECK(calls_of(driver.sent(), "say").size() == 1);
    driver.cut();
    CHECK(greet(R"("epoch":7,"seq":11,"recovered":true)").starts_with("7:"));
    driver.events();
    driver.tell_message(11, "bob", "meanwhile", "", 7);
    CHECK(driver.one<Message>().body == "meanwhile");
    CHECK(driver.session.rooms().at(0).last == Position{7, 11});
}

TEST_CASE("a position before the first message is one that a server may not know",
          "[client][session]") {
    SessionDriver driver({}, {.token = "secret", .rooms = {{"lobby", {5, 0}}}});
    driver.session.connected(driver.now);
    driver.answer(Json(driver.sent().at(0)).at("id"),
                  R"({"nick":"ana","token":"secret","resumed":true,"rooms":[{"room":"lobby",)"
                  R"("epoch":7,"seq":10,"recovered":false,)"
                  R"("missing":{"from":{"epoch":7,"seq":1},"to":{"epoch":7,"seq":10}}}]})");
    CHECK(driver.one<Online>().rooms.at(0).position_unknown());
    CHECK(driver.session.state().rooms.at(0).last == Position{7, 10});
}

TEST_CASE("what comes is the same however it is cut", "[client][session]") {
    SessionDriver whole;
    whole.session.connected(whole.now);
    const std::string id = Json(whole.sent().at(0)).at("id");
    const std::string text =
        "{\"jsonrpc\":\"2.0\",\"result\":" + SessionDriver::greeted(3, false, "") +
        ",\"id\":" + id +
        "}\r\n{\"jsonrpc\":\"2.0\",\"method\":\"typing\",\"params\":"
        R"({"room":"lobby","from":"bö","on":true}})"
        "\n";
    for_every_cut(text, [&](std::string_view first, std::string_view second) {
        SessionDriver driver;
        driver.session.connected(driver.now);
        driver.sent();
        driver.session.received(as_bytes(first), driver.now);
        driver.session.received(as_bytes(second), driver.now);
        const auto events = driver.events();
        REQUIRE(events.size() == 2);
        CHECK(std::get<Online>(events[0]).nick == "ana");
        CHECK(std::get<Typing>(events[1]).from == "bö");
    });
}

TEST_CASE("half a line of a connection that ended spoils nothing of the next",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    driver.session.received(as_bytes("{\"jsonrpc\":\"2.0\",\"meth"), driver.now);
    driver.cut();
    driver.come_online(10, true, R"(,"recovered":true)");
    CHECK(driver.session.online());
    CHECK(driver.session.broken().empty());
}

// -- across runs -------------------------------------------------------------------------------

TEST_CASE("another run goes on where the state was taken", "[client][session]") {
    SessionDriver first({.nick = "ana", .seed = 1});
    first.come_online(10);
    first.tell_message(11, "bob", "hi");
    const auto key = first.session.say("lobby", "perhaps said").value();
    (void)first.sent();
    const SessionState state = first.session.state();
    CHECK(state.token == "secret");
    CHECK(state.nick == "ana");
    CHECK(state.rooms == std::vector<SessionState::Room>{{"lobby", {1, 11}}});
    REQUIRE(state.unsaid.size() == 1);
    CHECK(state.unsaid[0].perhaps_said);

    SessionDriver second({.nick = "ana", .seed = 2}, parse_state(print_state(state)).value());
    const auto greeting = second.come_online(12, true, R"(,"recovered":true)");
    CHECK(Json(greeting[0]).at("params", "token") == "secret");
    CHECK(Json(greeting[0]).at("params", "rooms", 0, "since", "seq") == "11");
    second.tell_message(12, "ana", "perhaps said", key);
    CHECK(second.one<Said>().key == key);
}

TEST_CASE("keys of two sessions differ", "[client][session]") {
    SessionDriver first({.seed = 1});
    SessionDriver second({.seed = 2});
    const auto one = first.session.say("lobby", "x").value();
    CHECK(one != first.session.say("lobby", "x").value());
    CHECK(one != second.session.say("lobby", "x").value());
    CHECK(one.size() <= 64);
}
