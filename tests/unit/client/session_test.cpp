// A session and a server that the test plays: greetings, calls and rooms, keepalive.
#include "chatd/client/session.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/session_driver.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace chatd::test;
using namespace std::chrono_literals;

// -- the greeting ------------------------------------------------------------------------------

TEST_CASE("a guest says hello, with its rooms", "[client][session]") {
    SessionDriver driver({.rooms = {"lobby", "#dev"}, .notices = true});
    CHECK(driver.session.to_send().empty());
    driver.session.connected(driver.now);
    const auto sent = driver.sent();
    REQUIRE(sent.size() == 1);
    const Json greeting(sent[0]);
    CHECK(greeting.at("method") == "hello");
    CHECK(greeting.at("params", "nick").empty());
    CHECK(greeting.at("params", "rooms", 0, "room") == "lobby");
    CHECK(greeting.at("params", "rooms", 1, "room") == "dev");
    CHECK(greeting.at("params", "rooms", 0, "since").empty());
    CHECK(greeting.at("params", "notices") == "true");
    CHECK_FALSE(driver.session.online());
}

TEST_CASE("somebody new takes a nick under a known token, then enters rooms", "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    const auto asked = driver.come_online();
    REQUIRE(asked.size() == 3);
    CHECK(Json(asked[0]).at("method") == "hello");
    CHECK(Json(asked[0]).at("params", "rooms") == "[]");
    CHECK(Json(asked[1]).at("method") == "nick");
    CHECK(Json(asked[1]).at("params", "nick") == "ana");
    CHECK(Json(asked[2]).at("method") == "resume");
    CHECK(Json(asked[2]).at("params", "token") == "secret");
    CHECK(Json(asked[2]).at("params", "rooms", 0, "room") == "lobby");
}

TEST_CASE("a cut amid the first greeting leaves no nick that is nobody's", "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.session.connected(driver.now);
    driver.answer(Json(driver.sent().at(0)).at("id"), SessionDriver::nobody_yet());
    CHECK(Json(driver.sent().at(0)).at("method") == "nick");
    driver.cut();
    const auto asked = driver.come_online();
    REQUIRE(asked.size() == 3);
    CHECK(Json(asked[0]).at("method") == "resume");
    CHECK(Json(asked[0]).at("params", "token") == "secret");
    CHECK(Json(asked[1]).at("method") == "nick");
    CHECK_FALSE(driver.one<Online>().resumed);
}

TEST_CASE("who is greeted is online and knows how the rooms stand", "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.come_online(10);
    const Online online = driver.one<Online>();
    CHECK(online.nick == "ana");
    CHECK(online.token == "secret");
    CHECK_FALSE(online.resumed);
    REQUIRE(online.rooms.size() == 1);
    CHECK(online.rooms[0].room == "lobby");
    CHECK(online.rooms[0].at == Position{1, 10});
    CHECK(online.rooms[0].others == 2);
    CHECK_FALSE(online.rooms[0].recovered.has_value());
    CHECK(driver.session.online());
    CHECK(driver.session.nick() == "ana");
}

TEST_CASE("after a cut the session is resumed from the last message that was told",
          "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.come_online(10);
    driver.tell_message(11, "bob", "hi");
    driver.cut();
    CHECK(driver.all<Offline>().size() == 1);
    const Json greeting(driver.come_online(15, true, R"(,"recovered":true)")[0]);
    CHECK(greeting.at("method") == "resume");
    CHECK(greeting.at("params", "token") == "secret");
    CHECK(greeting.at("params", "rooms", 0, "since", "epoch") == "1");
    CHECK(greeting.at("params", "rooms", 0, "since", "seq") == "11");
    const Online online = driver.one<Online>();
    CHECK(online.resumed);
    CHECK(online.rooms[0].recovered == true);
}

TEST_CASE("a token that is not known any more is no obstacle", "[client][session]") {
    SessionDriver driver({.nick = "ana"}, {.token = "old", .rooms = {{"lobby", {1, 5}}}});
    driver.session.connected(driver.now);
    const auto resume = driver.sent();
    driver.refuse(Json(resume[0]).at("id"), "BAD_TOKEN");
    const auto hello = driver.sent();
    REQUIRE(hello.size() == 1);
    CHECK(Json(hello[0]).at("method") == "hello");
    driver.answer(Json(hello[0]).at("id"), SessionDriver::nobody_yet());
    const auto asked = driver.be_greeted(9, true, R"(,"recovered":true)");
    REQUIRE(asked.size() == 2);
    CHECK(Json(asked[0]).at("params", "nick") == "ana");
    CHECK(Json(asked[1]).at("params", "rooms", 0, "since", "seq") == "5");
    CHECK_FALSE(driver.one<Online>().resumed);
}

TEST_CASE("a nick that is taken stops the session until it has another", "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.session.connected(driver.now);
    driver.answer(Json(driver.sent().at(0)).at("id"), SessionDriver::nobody_yet());
    driver.refuse(Json(driver.sent()[0]).at("id"), "NICK_IN_USE");
    const Denied denied = driver.one<Denied>();
    CHECK(denied.code == "NICK_IN_USE");
    CHECK(denied.text == "No.");
    CHECK(driver.session.stopped());
    CHECK(driver.session.state().token.empty());
    CHECK(driver.session.deadline() == time_never);
    CHECK(driver.sent().empty());
    driver.session.set_nick("anna");
    CHECK_FALSE(driver.session.stopped());
    CHECK(Json(driver.sent().at(0)).at("params", "nick") == "anna");
}

TEST_CASE("who was online before comes back as a guest rather than not at all",
          "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.come_online();
    driver.cut();
    driver.session.connected(driver.now);
    driver.refuse(Json(driver.sent()[0]).at("id"), "BAD_TOKEN");
    driver.answer(Json(driver.sent()[0]).at("id"), SessionDriver::nobody_yet());
    driver.refuse(Json(driver.sent()[0]).at("id"), "NICK_IN_USE");
    CHECK(driver.one<Notice>().code == "NICK_IN_USE");
    const auto guest = driver.sent();
    REQUIRE(guest.size() == 1);
    CHECK(Json(guest[0]).at("method") == "resume");
    CHECK(Json(guest[0]).at("params", "rooms", 0, "room") == "lobby");
}

TEST_CASE("rooms that are joined and left while the greeting is on its way count as well",
          "[client][session]") {
    SessionDriver driver({.rooms = {"ops", "lobby", "dev"}});
    driver.session.connected(driver.now);
    const Json greeting(driver.sent().at(0));
    driver.session.leave("ops");
    driver.session.join("new");
    driver.session.leave("dev");
    driver.session.join("dev", {1, 4});
    CHECK(driver.all<Exited>().size() == 2);
    driver.answer(greeting.at("id"),
                  R"({"nick":"guest-1","token":"secret","resumed":false,"rooms":[)"
                  R"({"room":"ops","epoch":1,"seq":7},{"room":"lobby","epoch":1,"seq":8},)"
                  R"({"room":"dev","epoch":1,"seq":9}]})");
    const Online online = driver.one<Online>();
    REQUIRE(online.rooms.size() == 1);
    CHECK(online.rooms[0].room == "lobby");
    CHECK(driver.session.rooms() ==
          std::vector<SessionState::Room>{{"lobby", {1, 8}}, {"new", {}}, {"dev", {1, 4}}});
    std::string asked;
    for (const std::string& line : driver.sent()) {
        const Json call(line);
        if (call.at("method") == "ping") continue;
        asked += call.at("method") + ' ' + call.at("params", "room") + ' ' +
                 call.at("params", "since", "seq") + ',';
        if (call.at("method") == "leave") driver.answer(call.at("id"), R"({"room":"ops"})");
    }
    CHECK(asked == "leave ops ,leave dev ,join new ,join dev 4,");
    CHECK(driver.events().empty());
}

TEST_CASE("a room that is refused is left out; without any room the session stops",
          "[client][session]") {
    SessionDriver driver({.rooms = {"lobby", "no good"}});
    driver.session.connected(driver.now);
    driver.refuse(Json(driver.sent()[0]).at("id"), "BAD_ROOM", R"(,"detail":"no good")");
    CHECK(driver.one<RoomRefused>().room == "no good");
    const auto again = driver.sent();
    REQUIRE(again.size() == 1);
    CHECK(Json(again[0]).at("params", "rooms", 0, "room") == "lobby");
    CHECK(Json(again[0]).at("params", "rooms", 1, "room").empty());
    driver.refuse(Json(again[0]).at("id"), "BAD_ROOM", R"(,"detail":"lobby")");
    CHECK(driver.one<Denied>().code == "BAD_ROOM");
}

TEST_CASE("a refusal that time may heal breaks the connection off", "[client][session]") {
    SessionDriver driver;
    driver.session.connected(driver.now);
    driver.refuse(Json(driver.sent()[0]).at("id"), "TOO_FAST", R"(,"retry":true)");
    CHECK(driver.session.broken() == "No.");
    CHECK_FALSE(driver.session.stopped());
    driver.cut();
    CHECK(driver.one<Offline>().reason == "No.");
    CHECK(driver.session.broken().empty());
}

TEST_CASE("who does not speak JSON-RPC is no chatd", "[client][session]") {
    for (const char* line : {"220 mail.example ESMTP", "HTTP/1.1 400 Bad Request", "[]", "7"}) {
        SessionDriver driver;
        driver.session.connected(driver.now);
        driver.hear(line);
        CHECK(driver.session.broken().find("is that a chatd port?") != std::string::npos);
    }
    SessionDriver full;
    full.session.connected(full.now);
    full.hear("FAIL * BUSY :This server is full; try again later.");
    CHECK(full.session.broken() == "This server is full; try again later.");
}

// -- calls and rooms ---------------------------------------------------------------------------

TEST_CASE("a call has one answer: result, error, or why it was not asked", "[client][session]") {
    SessionDriver driver;
    const auto early = driver.session.call("rooms");
    CHECK(driver.one<Answer>().error->code == "OFFLINE");
    driver.come_online();
    driver.events();
    const auto who = driver.session.call("who", R"({"room":"lobby"})");
    const auto bad = driver.session.call("nosuch");
    const auto cut = driver.session.call("rooms");
    CHECK(early < who);
    const auto sent = driver.sent();
    driver.answer(Json(calls_of(sent, "who").at(0)).at("id"), R"({"nicks": ["ana"],"total":1})");
    const Answer answer = driver.one<Answer>();
    CHECK(answer.id == who);
    CHECK(answer.method == "who");
    CHECK(answer.result == R"({"nicks": ["ana"],"total":1})");
    CHECK_FALSE(answer.error);
    driver.hear(R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found",)"
                R"("data":{"detail":"no such method"}},"id":)" +
                Json(calls_of(sent, "nosuch").at(0)).at("id") + "}");
    const Answer error = driver.one<Answer>();
    CHECK(error.id == bad);
    CHECK(error.error->rpc_code == -32601);
    CHECK(error.error->code == "METHOD_NOT_FOUND");
    CHECK(error.error->text == "Method not found (no such method)");
    driver.cut();
    const Answer lost = driver.one<Answer>();
    CHECK(lost.id == cut);
    CHECK(lost.error->code == "OFFLINE");
}

TEST_CASE("a call that is kept is asked on every connection until it is answered",
          "[client][session]") {
    SessionDriver driver;
    const auto id = driver.session.call("history", R"({"room":"lobby"})", CallKind::kept);
    driver.come_online();
    CHECK(calls_of(driver.sent(), "history").size() == 1);
    driver.cut();
    driver.come_online(10, true, R"(,"recovered":true)");
    const auto again = calls_of(driver.sent(), "history");
    REQUIRE(again.size() == 1);
    CHECK(Json(again[0]).at("params", "room") == "lobby");
    driver.events();
    driver.answer(Json(again[0]).at("id"), "{}");
    CHECK(driver.one<Answer>().id == id);
    driver.cut();
    driver.come_online(10, true, R"(,"recovered":true)");
    CHECK(calls_of(driver.sent(), "history").empty());
}

TEST_CASE("parameters that would be no line of JSON are not sent", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.events();
    driver.sent();
    driver.session.call("say", "{\n}");
    CHECK(driver.one<Answer>().error->code == "BAD_CALL");
    driver.session.call("say", std::string(session_params_bytes_max + 1, ' '));
    CHECK(driver.one<Answer>().error->code == "BAD_CALL");
    for (std::size_t count = 0; count <= session_calls_max; ++count)
        driver.session.call("ping");
    CHECK(driver.one<Answer>().error->code == "TOO_FAST");
}

TEST_CASE("a room is entered and left now, and on every later connection", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.events();
    driver.sent();
    driver.session.join("#Dev");
    const auto join = driver.sent();
    REQUIRE(join.size() == 1);
    CHECK(Json(join[0]).at("params", "room") == "Dev");
    driver.answer(Json(join[0]).at("id"),
                  R"({"room":"dev","epoch":2,"seq":3,"others":1,"topic":"x"})");
    CHECK(driver.one<Entered>().standing.room == "dev");
    driver.cut();
    driver.session.connected(driver.now);
    const auto greeting = driver.sent();
    CHECK(Json(greeting.at(0)).at("params", "rooms", 1, "room") == "dev");
    CHECK(Json(greeting.at(0)).at("params", "rooms", 1, "since", "seq") == "3");
    driver.cut();
    driver.events();
    driver.session.leave("DEV");
    CHECK(driver.one<Exited>().room == "DEV");
    driver.session.connected(driver.now);
    CHECK(Json(driver.sent().at(0)).at("params", "rooms", 1, "room").empty());
}

TEST_CASE("a room that cannot be joined is forgotten", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.sent();
    driver.session.join("l0bby");
    driver.refuse(Json(driver.sent().at(0)).at("id"), "ROOM_LOOKS_ALIKE");
    CHECK(driver.one<RoomRefused>().code == "ROOM_LOOKS_ALIKE");
    CHECK(driver.session.rooms().size() == 1);
    for (std::size_t count = 1; count < session_rooms_max; ++count)
        driver.session.join("room-" + std::to_string(count));
    driver.events();
    driver.session.join("one-too-many");
    CHECK(driver.one<RoomRefused>().code == "TOO_MANY_ROOMS");
}

TEST_CASE("a join that is called is remembered as one that is wished", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.sent();
    driver.session.call("join", R"({"room":"dev"})");
    driver.answer(Json(driver.sent().at(0)).at("id"), R"({"room":"dev","epoch":2,"seq":3})");
    CHECK(driver.session.rooms().size() == 2);
    driver.session.call("leave", R"({"room":"lobby"})");
    driver.answer(Json(driver.sent().at(0)).at("id"), R"({"room":"lobby","current":"dev"})");
    REQUIRE(driver.session.rooms().size() == 1);
    CHECK(driver.session.rooms()[0].room == "dev");
}

TEST_CASE("a new nick is asked for, told once, and kept", "[client][session]") {
    SessionDriver driver({.nick = "ana"});
    driver.come_online();
    driver.events();
    driver.sent();
    driver.session.set_nick("anna");
    const auto nick = driver.sent();
    CHECK(Json(nick.at(0)).at("params", "nick") == "anna");
    driver.answer(Json(nick.at(0)).at("id"), R"({"nick":"anna"})");
    const Renamed renamed = driver.one<Renamed>();
    CHECK(renamed.room.empty());
    CHECK(renamed.from == "ana");
    CHECK(renamed.nick == "anna");
    driver.session.set_nick("bob");
    driver.refuse(Json(driver.sent().at(0)).at("id"), "NICK_IN_USE");
    CHECK(driver.one<Notice>().code == "NICK_IN_USE");
    CHECK(driver.session.nick() == "anna");
}

TEST_CASE("another server's positions are its own, though they look the same",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    driver.cut();
    driver.session.connected(driver.now, true);
    SECTION("but not those of one that knows the token: it is the same by another name") {
        driver.be_greeted(12, true, R"(,"recovered":true)");
        CHECK(driver.session.rooms().at(0).last == Position{1, 10});
    }
    SECTION("where it does not") {
        driver.events();
        const Json resume(driver.sent().at(0));
        CHECK(resume.at("params", "rooms", 0, "since", "seq") == "10");
        driver.refuse(resume.at("id"), "BAD_TOKEN");
        const auto greeting = driver.be_greeted(12, false, "");
        CHECK(Json(greeting.at(0)).at("params", "rooms", 0, "since", "seq").empty());
        const auto online = driver.all<Online>();
        REQUIRE(online.size() == 1);
        CHECK(online[0].rooms.at(0).position_unknown());
        driver.tell_message(13, "bob", "news");
        CHECK(driver.one<Message>().body == "news");
        CHECK(driver.session.rooms().at(0).last == Position{1, 13});
    }
}

TEST_CASE("at a server that one was at before, one is the same person and misses nothing",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    const Session::Identity there = driver.session.identity();
    CHECK(there.token == "secret");
    driver.cut();
    driver.session.connected(driver.now, true);
    driver.refuse(Json(driver.sent().at(0)).at("id"), "BAD_TOKEN");
    driver.be_greeted(3, false, "");
    (void)driver.session.say("lobby", "perhaps said here");
    (void)driver.sent();
    driver.cut();
    driver.session.become(there);
    driver.session.connected(driver.now);
    const auto greeting = driver.be_greeted(12, true, R"(,"recovered":true)");
    CHECK(Json(greeting.at(0)).at("params", "token") == "secret");
    CHECK(Json(greeting.at(0)).at("params", "rooms", 0, "since", "seq") == "10");
    // It was never said to this one under this name: first it is looked for.
    CHECK(calls_of(driver.sent(), "say").empty());
    driver.events();
    driver.tell_message(11, "bob", "missed");
    driver.tell_message(12, "bob", "missed too");
    CHECK(driver.all<Message>().size() == 2);
    CHECK(calls_of(driver.sent(), "say").size() == 1);
}

TEST_CASE("a room of which one has no position there is another server's to its owner",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online(10);
    driver.cut();
    driver.session.become({.token = "another", .rooms = {{"lobby", {}}}});
    driver.session.connected(driver.now);
    driver.events();
    driver.be_greeted(3, true, "");
    CHECK(driver.one<Online>().rooms.at(0).position_unknown());
}

// -- keepalive ---------------------------------------------------------------------------------

TEST_CASE("a ping measures the way there and back", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    const auto ping = calls_of(driver.sent(), "ping");
    REQUIRE(ping.size() == 1);
    CHECK_FALSE(driver.session.rtt());
    driver.now += 42ms;
    driver.answer(Json(ping[0]).at("id"), R"({"token":""})");
    CHECK(driver.session.rtt() == Duration(42ms));
    CHECK(driver.session.deadline() == driver.now - 42ms + 25s);
    driver.pass(25s);
    CHECK(calls_of(driver.sent(), "ping").size() == 1);
}

TEST_CASE("a ping that nothing follows breaks the connection, anything else holds it",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.sent();
    driver.pass(9s);
    driver.tell("typing", R"({"room":"lobby","from":"bob","on":true})");
    driver.pass(9s);
    CHECK(driver.session.broken().empty());
    driver.pass(1s);
    CHECK(driver.session.broken() == "The server is silent.");
    CHECK(driver.session.to_send().empty());
    CHECK(driver.session.deadline() == time_never);
}

TEST_CASE("a line that nothing follows is backed by a ping soon", "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.answer(Json(calls_of(driver.sent(), "ping").at(0)).at("id"), "{}");
    driver.pass(1s);
    (void)driver.session.say("lobby", "hello?");
    CHECK(calls_of(driver.sent(), "say").size() == 1);
    driver.pass(2400ms);
    CHECK(driver.sent().empty());
    driver.pass(100ms);
    CHECK(calls_of(driver.sent(), "ping").size() == 1);
    driver.pass(10s);
    CHECK_FALSE(driver.session.broken().empty());
}

TEST_CASE("a server that does not greet is given up", "[client][session]") {
    SessionDriver driver;
    driver.session.connected(driver.now);
    driver.sent();
    CHECK(driver.session.deadline() == driver.now + 10s);
    driver.pass(10s);
    CHECK(driver.session.broken().find("greet") != std::string::npos);
}

TEST_CASE("a server that drains sends nobody away for more than five minutes",
          "[client][session]") {
    for (const char* wish : {"300001", "9007199254740991"}) {
        CAPTURE(wish);
        SessionDriver driver;
        driver.come_online();
        driver.tell("draining", std::string(R"({"reconnect_after_ms":)") + wish + "}");
        CHECK(driver.session.return_after() == Duration(5min));
    }
}

TEST_CASE("a server that drains gets no new lines; they wait for the next connection",
          "[client][session]") {
    SessionDriver driver;
    driver.come_online();
    driver.sent();
    driver.tell("draining", R"({"reconnect_after_ms":1500})");
    CHECK(driver.one<Draining>().reconnect_after_ms == 1500);
    CHECK(driver.session.return_after() == Duration(1500ms));
    (void)driver.session.say("lobby", "later");
    CHECK(driver.sent().empty());
    driver.cut();
    driver.come_online(10, true, R"(,"recovered":true)");
    CHECK(calls_of(driver.sent(), "say").size() == 1);
}
