#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "chatd/client/text_event.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

/// How many people a reader's notices say have come (`word` "joined") or gone ("left").
std::size_t people_told(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (const auto& line : lines_of(text)) {
        if (!line.starts_with("-- ") || line.find(" " + word + " #") == std::string::npos) continue;
        std::string_view words = std::string_view(line).substr(3);
        const std::string who(client::next_word(words));
        const bool number =
            std::all_of(who.begin(), who.end(), [](char c) { return c >= '0' && c <= '9'; });
        count += number ? std::stoul(who) : 1;
    }
    return count;
}

}  // namespace

TEST_CASE("nicks collide in any case and with look-alikes", "[engine][people]") {
    EngineDriver driver;
    driver.join("bill");
    Client& other = driver.connect();
    for (const char* nick : {"bill", "BILL", "Bill", "bi1l", "biIl"}) {
        CAPTURE(nick);
        CHECK(driver.ask(other, std::string("/nick ") + nick + "\n") ==
              "FAIL NICK NICK_IN_USE :That nick, or one that looks like it, is taken; choose "
              "another.\n");
    }
    for (const char* nick : {"7up", "-x", "a b", "caf\xc3\xa9", "admin", "guest-5", "server"}) {
        CAPTURE(nick);
        CHECK(driver.ask(other, std::string("/nick ") + nick + "\n").starts_with("FAIL NICK BAD_"));
    }
    CHECK(driver.ask(other, "/nick billy\n") == "NOTE NICK OK billy :You are billy.\n");
}

TEST_CASE("a new room that looks like another is refused until that is gone", "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    for (const char* room : {"l0bby", "1obby", "Iobby"}) {
        CAPTURE(room);
        CHECK(driver.ask(ana, std::string("/join ") + room + "\n") ==
              "FAIL JOIN ROOM_LOOKS_ALIKE :A room that looks like it is there already; join that "
              "one, or choose another name.\n");
    }
    CHECK(driver.ask(ana, "/join modern\n").starts_with("NOTE JOIN OK #modern"));
    CHECK(driver.ask(ana, "/join MODERN\n").starts_with("NOTE JOIN OK #modern"));
    CHECK(driver.ask(ana, "/join rnodern\n").starts_with("FAIL JOIN ROOM_LOOKS_ALIKE"));
    driver.ask(ana, "/leave modern\n");
    CHECK(driver.ask(ana, "/join rnodern\n").starts_with("NOTE JOIN OK #rnodern"));
}

TEST_CASE("the holder may change the case of a nick, and others then see it so",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    CHECK(driver.ask(ana, "/nick Ana\n") == "NOTE NICK OK Ana :You are Ana.\n");
    driver.say(ana, "hello\n");
    CHECK(bob.take() == "<Ana> hello\n");
    driver.ask(bob, "/notices on\n");
    driver.say(ana, "/nick Ana\n");
    CHECK(bob.received.empty());  // the same name again is no event
    driver.say(ana, "/nick eve\n");
    CHECK(bob.take() == "-- Ana is now eve in #lobby\n");
    CHECK_FALSE(driver.connect().refused);
    Client& third = driver.connect();
    CHECK(driver.ask(third, "/nick ana\n") == "NOTE NICK OK ana :You are ana.\n");
}

TEST_CASE("joining makes a room current, leaving falls back to the lobby, then to none",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    CHECK(driver.ask(ana, "/join dev\n") ==
          "NOTE JOIN OK #dev :You are in #dev with nobody else; your lines go there.\n");
    CHECK(driver.ask(bob, "/join #dev\n") ==
          "NOTE JOIN OK #dev :You are in #dev with 1 other; your lines go there.\n");
    driver.say(ana, "in dev\n");
    CHECK(bob.take() == "#dev <ana> in dev\n");
    driver.ask(bob, "/join lobby\n");
    driver.say(bob, "in the lobby\n");
    CHECK(ana.take() == "<bob> in the lobby\n");  // from every room, whatever the current one
    CHECK(driver.ask(bob, "/leave\n") ==
          "NOTE LEAVE OK #lobby :You left #lobby; your lines go to #dev.\n");
    CHECK(driver.ask(bob, "/leave\n") ==
          "NOTE LEAVE OK #dev :You left #dev; /join ROOM to talk again.\n");
    CHECK(driver.ask(bob, "anybody\n") ==
          "FAIL * NO_ROOM :You are in no room; /join ROOM first.\n");
    CHECK(driver.ask(bob, "/me waves\n") ==
          "FAIL ME NO_ROOM :You are in no room; /join ROOM first.\n");
    CHECK(driver.ask(bob, "/leave\n") ==
          "FAIL LEAVE NO_ROOM :You are in no room; /join ROOM first.\n");
    CHECK(driver.ask(ana, "/leave\n") ==
          "NOTE LEAVE OK #dev :You left #dev; your lines go to #lobby.\n");
    CHECK(driver.ask(bob, "/join LOBBY\n").starts_with("NOTE JOIN OK #lobby :"));
}

TEST_CASE("leaving a room that is not current leaves the current one current", "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/join dev\n");
    driver.ask(ana, "/join ops\n");
    CHECK(driver.ask(ana, "/leave dev\n") ==
          "NOTE LEAVE OK #dev :You left #dev; your lines go to #ops.\n");
    CHECK(driver.ask(ana, "/leave dev\n") ==
          "FAIL LEAVE NOT_IN_ROOM :You are not in that room; /join it first.\n");
    CHECK(driver.ask(ana, "/leave nowhere\n").starts_with("FAIL LEAVE NOT_IN_ROOM :"));
}

TEST_CASE("without the lobby the first room by name is next, however rooms have taken turns",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    for (const char* room : {"ops", "dev", "web"}) {
        driver.ask(ana, std::string("/join ") + room + "\n");
        driver.ask(bob, std::string("/join ") + room + "\n");
    }
    for (int line = 0; line < 5; ++line)
        driver.say(ana, "hello\n");
    driver.ask(bob, "/leave lobby\n");
    CHECK(driver.ask(bob, "/leave\n") ==
          "NOTE LEAVE OK #web :You left #web; your lines go to #dev.\n");
    CHECK(driver.ask(bob, "/leave\n") ==
          "NOTE LEAVE OK #dev :You left #dev; your lines go to #ops.\n");
}

TEST_CASE("a room has one spelling, the first; it is forgotten with its last member",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    driver.ask(ana, "/join Dev\n");
    CHECK(driver.ask(bob, "/join dev\n")
              .starts_with("NOTE JOIN OK #Dev :You are in #Dev with 1 other;"));
    driver.ask(ana, "/leave\n");
    driver.ask(bob, "/leave\n");
    CHECK(driver.ask(bob, "/join dev\n").starts_with("NOTE JOIN OK #dev :"));
    CHECK(driver.ask(bob, "/join -dev\n").starts_with("FAIL JOIN BAD_ROOM :"));
    CHECK(driver.ask(bob, "/join ..\n").starts_with("FAIL JOIN BAD_ROOM :"));
}

TEST_CASE("rooms are bounded, for one connection and for all", "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    for (std::uint32_t room = 1; room < limits::rooms_per_connection_max; ++room) {
        REQUIRE(driver.ask(ana, "/join room" + std::to_string(room) + "\n")
                    .starts_with("NOTE JOIN OK"));
    }
    const std::string full =
        "FAIL JOIN TOO_MANY_ROOMS :No more rooms can be held here; /leave one first.\n";
    CHECK(driver.ask(ana, "/join onemore\n") == full);
    CHECK(driver.ask(ana, "/join room1\n").starts_with("NOTE JOIN OK"));
    driver.ask(ana, "/leave room2\n");
    CHECK(driver.ask(ana, "/join onemore\n").starts_with("NOTE JOIN OK"));

    EngineConfig config;
    config.rooms_max = 2;
    EngineDriver small(config);
    Client& bob = small.join("bob");
    CHECK(small.ask(bob, "/join one\n").starts_with("NOTE JOIN OK"));
    CHECK(small.ask(bob, "/join two\n") == full);
    small.ask(bob, "/leave one\n");
    CHECK(small.ask(bob, "/join two\n").starts_with("NOTE JOIN OK"));
}

TEST_CASE("without a place in the lobby one can still talk to people", "[engine][people]") {
    EngineConfig config;
    config.memberships_max = 1;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.connect();
    CHECK(driver.ask(bob, "hello\n") == "FAIL * NO_ROOM :You are in no room; /join ROOM first.\n");
    CHECK(driver.ask(bob, "/msg ana hi\n") == "NOTE MSG OK ana :Sent to ana alone.\n");
    CHECK(ana.take() == "@guest-1 hi\n");
}

// -- notices ---------------------------------------------------------------------------------

TEST_CASE("who comes, goes and is renamed is told to those who ask, never to oneself",
          "[engine][people]") {
    EngineDriver driver;
    Client& plain = driver.join("plain");
    Client& ana = driver.join("ana");
    CHECK(driver.ask(ana, "/notices on\n") ==
          "NOTE NOTICES OK on :You see who comes, goes, types and reads.\n");
    Client& bob = driver.connect();
    driver.say(bob, "/nick bob\n/notices on\n/join dev\n/leave\n/nick eve\n/quit\n");
    CHECK(ana.take().ends_with(
        "-- bob joined #lobby\n-- bob is now eve in #lobby\n-- eve left #lobby (quit)\n"));
    CHECK(bob.take().find("-- ") == std::string::npos);
    CHECK(plain.received.empty());
    CHECK(driver.ask(ana, "/notices off\n") ==
          "NOTE NOTICES OK off :You no longer see who comes, goes, types and reads.\n");
    driver.join("carl");
    CHECK(ana.received.empty());
}

TEST_CASE("where nobody looks, events about people are not even kept", "[engine][people]") {
    EngineDriver driver;
    driver.join("ana");
    driver.join("bob");
    CHECK(driver.engine.counters().events == 0);
    CHECK(driver.engine.log_totals().canonical_bytes == 0);
}

TEST_CASE("32 arrivals a second are named, the rest is one number when the second is over",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    std::vector<Client*> crowd;
    for (int number = 0; number < 100; ++number)
        crowd.push_back(&driver.open());
    for (Client* client : crowd)
        driver.receive(*client, "/ping\n");
    driver.settle();
    auto lines = lines_of(ana.take());
    REQUIRE(lines.size() == limits::events_per_room_second_max);
    CHECK(lines.front() == "-- guest-1 joined #lobby");
    CHECK(lines.back() == "-- guest-32 joined #lobby");
    driver.pass(900ms);
    CHECK(ana.received.empty());
    driver.pass(150ms);
    CHECK(ana.take() == "-- 68 joined #lobby (101 here)\n");
    for (Client* client : crowd)
        driver.fail(*client);
    driver.settle();
    driver.pass(1100ms);
    CHECK(people_told(ana.take(), "left") == 100);
}

TEST_CASE("the number comes within a second and a turn though the storm goes on",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    std::size_t joined = 0;
    for (int second = 0; second < 10; ++second) {
        const std::size_t told_before = people_told(ana.received, "joined");
        CHECK(joined - told_before <= 40 - limits::events_per_room_second_max);
        for (int number = 0; number < 40; ++number)
            driver.receive(driver.open(), "/ping\n");
        joined += 40;
        driver.settle();
        // What was left out a second ago is told with the first events of this one.
        CHECK(joined - people_told(ana.received, "joined") <=
              40 - limits::events_per_room_second_max);
        driver.now += 1s;
    }
    driver.pass(2s);
    CHECK(people_told(ana.received, "joined") == joined);
}

TEST_CASE("a number tells how many were there before those who are named after it",
          "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    const std::uint32_t crowd = limits::events_per_room_second_max + 8;
    for (std::uint32_t number = 0; number < crowd; ++number)
        driver.receive(driver.open(), "/ping\n");
    driver.settle();
    ana.received.clear();
    driver.now += 1s;
    Client& next = driver.join("next");
    CHECK(ana.take() == "-- 8 joined #lobby (41 here)\n-- next joined #lobby\n");
    driver.now += 1s;
    driver.reset(next);
    CHECK(ana.take() == "-- next left #lobby (reset)\n");
}

TEST_CASE("in a crowd comings and goings are numbers, once a second", "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    for (std::uint32_t number = 2; number < limits::presence_people_max; ++number)
        driver.receive(driver.open(), "/ping\n");
    driver.settle();
    driver.ask(ana, "/notices on\n");
    driver.pass(2s);
    CHECK(ana.take().empty());

    Client& last = driver.join("last");  // as many as may be there before it is a crowd
    CHECK(ana.take() == "-- last joined #lobby\n");
    Client& over = driver.join("over");
    Client& more = driver.join("more");
    driver.say(over, "/nick above\n");
    driver.reset(last);
    CHECK(ana.take().empty());
    driver.pass(1100ms);
    CHECK(ana.take() == "-- 2 joined #lobby (501 here)\n-- 1 left #lobby (501 here)\n");

    // Names come back with the one that makes it no crowd any more.
    driver.reset(more);
    CHECK(ana.take() == "-- more left #lobby (reset)\n");
    driver.say(over, "/nick below\n");
    CHECK(ana.take() == "-- above is now below in #lobby\n");
}

// -- private messages ------------------------------------------------------------------------

TEST_CASE("a private message reaches one person, every line of it marked", "[engine][people]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    Client& eve = driver.join("eve");
    CHECK(driver.ask(ana, "/msg BOB hi there\n") == "NOTE MSG OK bob :Sent to bob alone.\n");
    CHECK(bob.take() == "@ana hi there\n");
    CHECK(driver.ask(ana, "/msg bob one\rtwo\n") == "NOTE MSG OK bob :Sent to bob alone.\n");
    CHECK(bob.take() == "@ana one\n@ana two\n");
    CHECK(eve.received.empty());
    CHECK(driver.ask(ana, "/msg ana note to self\n") ==
          "@ana note to self\nNOTE MSG OK ana :Sent to ana alone.\n");
    CHECK(driver.ask(ana, "/msg nobody hi\n") ==
          "FAIL MSG NO_SUCH_NICK :Nobody here has that nick; /who lists the room.\n");
    // A look-alike of a nick is not its holder.
    CHECK(driver.ask(ana, "/msg b0b hi\n").starts_with("FAIL MSG NO_SUCH_NICK :"));
    CHECK(driver.engine.counters().private_messages == 3);
}

TEST_CASE("a private message to a full reader is refused to its sender, never dropped",
          "[engine][people]") {
    EngineConfig config;
    config.stream_bytes_max = 500;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    const std::string text(60, 'x');
    std::size_t sent = 0;
    std::string answer;
    while ((answer = driver.ask(ana, "/msg bob " + text + "\n")).starts_with("NOTE"))
        ++sent;
    CHECK(answer ==
          "FAIL MSG RECIPIENT_FULL :Their connection takes nothing more just now; try again "
          "later.\n");
    CHECK(sent >= 5);
    CHECK(driver.engine.counters().dropped[static_cast<std::size_t>(Drop::recipient_full)] == 1);
    driver.resume(bob);
    CHECK(lines_of(bob.take()).size() == sent);
    CHECK(driver.ask(ana, "/msg bob again\n").starts_with("NOTE MSG OK"));
}
