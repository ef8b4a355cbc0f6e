#include "screen/model.hpp"

#include <algorithm>

#include "screen_driver.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view wanted) {
    return std::find(words.begin(), words.end(), wanted) != words.end();
}

const Room& room(const ScreenDriver& screen, std::string_view name) {
    for (const auto& one : screen.model.all_rooms()) {
        if (one->name == name) return *one;
    }
    FAIL("no room " << name);
    return *screen.model.all_rooms().front();
}

}  // namespace

TEST_CASE("a line can be typed and said before there is a connection",
          "[terminal][screen][model]") {
    ScreenDriver screen(24, 80, {"dev"});
    screen.enter("hello");
    CHECK(screen.wishes() == Words{"say dev hello"});
    CHECK(screen.model.editor().empty());
}

TEST_CASE("going online asks for what is to be seen", "[terminal][screen][model]") {
    ScreenDriver screen(24, 80, {"lobby", "dev"});
    screen.go_online({"lobby", "dev"}, {1, 7});
    const Words wishes = screen.wishes();
    CHECK(has(wishes, R"(ask history {"room":"lobby","limit":100})"));
    CHECK(has(wishes, R"(ask history {"room":"dev","limit":100})"));
    CHECK(has(wishes, R"(ask who {"room":"dev"})"));
    CHECK(has(wishes, "ask rooms {}"));
    // Once more online, the room is there already: only who is in it may have changed.
    REQUIRE(screen.answer("history",
                          R"({"room":"dev","events":[{"kind":"message","room":"dev",)"
                          R"("epoch":1,"seq":7,"id":"01890a5d-ac96-774b-bcce-b302099a8057",)"
                          R"("ts":"2023-06-29T00:00:00.000Z","from":"ana","body":"hi"}],)"
                          R"("more":true})"));
    screen.go_online({"lobby", "dev"}, {1, 7});
    CHECK_FALSE(has(screen.wishes(), R"(ask history {"room":"dev","limit":100})"));
}

TEST_CASE("messages count as unread where nobody looks", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby", "dev"});
    screen.wishes();
    screen.say("lobby", 1, "ana", "seen");
    screen.say("dev", 1, "ana", "unseen");
    screen.say("dev", 2, "me", "my own");
    CHECK(room(screen, "lobby").unread == 0);
    CHECK(room(screen, "dev").unread == 1);
    CHECK_FALSE(room(screen, "dev").mentioned);
    CHECK(screen.wishes().empty());
    screen.say("dev", 3, "ana", "Me, are you there?");
    CHECK(room(screen, "dev").mentioned);
    CHECK(screen.wishes() == Words{"bell"});
    screen.press_alt('a');
    CHECK(screen.model.current()->name == "dev");
    CHECK(room(screen, "dev").unread == 0);
    CHECK_FALSE(room(screen, "dev").mentioned);
}

TEST_CASE("what comes while one reads back counts until the end is seen",
          "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    for (Seq seq = 1; seq <= 60; ++seq)
        screen.say("lobby", seq, "ana", std::to_string(seq));
    CHECK(room(screen, "lobby").unread == 0);
    screen.press(Key::Kind::page_up);
    screen.say("lobby", 61, "bob", "latest");
    CHECK(room(screen, "lobby").unread == 1);
    CHECK_FALSE(screen.shows("bob latest"));
    CHECK(screen.shows("1 new · End"));
    screen.press(Key::Kind::end);
    CHECK(room(screen, "lobby").unread == 0);
    CHECK(screen.shows("bob latest"));
}

TEST_CASE("a name is called as a word of its own", "[terminal][screen][model]") {
    CHECK(names("ana: hi", "ana"));
    CHECK(names("hi Ana", "ana"));
    CHECK(names("(ana)", "ana"));
    CHECK_FALSE(names("banana", "ana"));
    CHECK_FALSE(names("anab", "ana"));
    CHECK_FALSE(names("änä", "n"));
    CHECK_FALSE(names("anything", ""));
}

TEST_CASE("scrolling up asks for the page before, once", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"}, {1, 200});
    screen.wishes();
    std::string page = R"({"room":"lobby","more":true,"events":[)";
    for (int seq = 101; seq <= 200; ++seq) {
        if (seq > 101) page += ',';
        page += R"({"kind":"message","room":"lobby","epoch":1,"seq":)" + std::to_string(seq) +
                R"(,"id":"01890a5d-ac96-774b-bcce-b302099a8057","ts":"2023-06-29T00:00:00.000Z",)"
                R"("from":"ana","body":"n)" +
                std::to_string(seq) + "\"}";
    }
    REQUIRE(screen.answer("history", page + "]}"));
    CHECK(screen.shows("n200"));
    for (int page_up = 0; page_up < 8; ++page_up)
        screen.press(Key::Kind::page_up);
    const Words wishes = screen.wishes();
    CHECK(std::count(
              wishes.begin(), wishes.end(),
              R"(ask history {"room":"lobby","before":{"epoch":1,"seq":101},"limit":100})") == 1);
    CHECK(screen.shows("n101"));
    // While offline nothing is asked; the answer that never came is told as an error.
    REQUIRE(screen.refuse("history", "You are offline."));
    screen.model.set_connection({.state = Connection::State::offline});
    screen.press(Key::Kind::page_up);
    CHECK(screen.wishes().empty());
}

TEST_CASE("commands are the text dialect's, asked by JSON-RPC", "[terminal][screen][model]") {
    ScreenDriver screen(24, 80, {"dev"});
    screen.go_online({"dev"}, {3, 41});
    screen.wishes();
    const auto wish_of = [&screen](std::string_view line) {
        screen.enter(line);
        return screen.last_wish();
    };
    CHECK(wish_of("/me waves") == "say dev /me waves");
    CHECK(wish_of("//etc") == "say dev /etc");
    CHECK(wish_of("/reply 41 yes") == "say dev yes re 3:41");
    CHECK(wish_of("/join ops") == "enter ops");
    CHECK(wish_of("/leave") == "exit dev");
    CHECK(wish_of("/nick ana") == "rename ana");
    CHECK(wish_of("/edit 41 no") == R"(ask edit {"target":{"seq":41},"body":"no","room":"dev"})");
    CHECK(wish_of("/topic new one") == R"(ask topic {"room":"dev","topic":"new one"})");
    CHECK(wish_of("/who") == R"(ask who {"room":"dev"})");
    CHECK(wish_of("/search tea in:dev") == R"(ask search {"query":"tea in:dev"})");
    CHECK(wish_of("/history before 41 20") ==
          R"(ask history {"room":"dev","before":{"epoch":3,"seq":41},"limit":20})");
    CHECK(wish_of("/read 41") == R"(ask read {"at":{"epoch":3,"seq":41},"room":"dev"})");
    CHECK(wish_of("/in 10m tea") == R"(ask schedule {"body":"tea","when":"10m","room":"dev"})");
    CHECK(wish_of("/hex de ad") == R"(ask datagram {"hex":"de ad"})");
    CHECK(wish_of("/dgram on") == R"(ask datagrams {"hz":10})");
    CHECK(wish_of("/quit") == "end 0 for good");
    CHECK(wish_of("/nosuch").empty());
    CHECK(screen.shows("No such command"));
    CHECK(wish_of("/hex de a").empty());
    CHECK(screen.shows("column"));
}

TEST_CASE("a person is talked to in a place of their own", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    screen.wishes();
    screen.enter("/msg Bob psst");
    CHECK(screen.last_wish() == R"(ask msg {"nick":"Bob","body":"psst"})");
    CHECK(screen.model.current()->is_person);
    REQUIRE(screen.answer("msg", R"({"nick":"Bob","kept":true})"));
    CHECK(screen.shows("psst"));
    CHECK(screen.shows("Bob is away"));
    screen.enter("/slash");  // is a command here too
    CHECK(screen.wishes().empty());
    screen.enter("more");
    CHECK(screen.last_wish() == R"(ask msg {"nick":"Bob","body":"more"})");
    REQUIRE(screen.refuse("msg", "Nobody here has that nick."));
    CHECK(screen.shows("Not said: more"));
    screen.enter("/leave");
    CHECK_FALSE(screen.model.current()->is_person);
    screen.model.happened(client::Private{.from = "cy", .body = "secret", .at = friday});
    CHECK(screen.wishes() == Words{"bell"});
    CHECK(room(screen, "cy").unread == 1);
    CHECK_FALSE(screen.shows("secret"));
}

TEST_CASE("people come, go and change names", "[terminal][screen][model]") {
    ScreenDriver screen(24, 100);
    screen.go_online({"lobby"});
    screen.wishes();
    REQUIRE(screen.answer("who", R"({"room":"lobby","nicks":["me","bob","Ana"],"total":3})"));
    CHECK(room(screen, "lobby").people_count == 3);
    screen.model.happened(client::Joined{.room = "lobby", .from = "cy"});
    CHECK(room(screen, "lobby").people == Names{"Ana", "bob", "cy", "me"});
    screen.model.happened(client::Renamed{.room = "lobby", .from = "cy", .nick = "cyd"});
    screen.model.happened(client::Left{.room = "lobby", .from = "bob", .reason = "quit"});
    CHECK(room(screen, "lobby").people == Names{"Ana", "cyd", "me"});
    CHECK(room(screen, "lobby").people_count == 3);
    CHECK(screen.shows("bob left (quit)"));
    screen.model.happened(
        client::Renamed{.room = "lobby", .from = "me", .nick = "moi", .own = true});
    CHECK(screen.model.nick() == "moi");
    // Many at once are a number; then it is asked who they are.
    screen.model.happened(client::Joined{.room = "lobby", .from = "", .count = 500, .people = 503});
    CHECK(screen.last_wish() == R"(ask who {"room":"lobby"})");
    CHECK(screen.shows("500 joined (503 here)"));
}

TEST_CASE("rooms are entered, left and refused", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    screen.enter("/join Dev");
    client::Entered entered;
    entered.standing = {.room = "dev",
                        .at = {1, 3},
                        .others = 0,
                        .topic = "work",
                        .recovered = {},
                        .missing_from = {},
                        .missing_to = {}};
    screen.model.happened(entered);
    CHECK(screen.model.current()->name == "dev");
    CHECK(screen.shows("work"));
    screen.wishes();
    screen.enter("/join lobby");  // in it already: only shown
    CHECK(screen.wishes().empty());
    CHECK(screen.model.current()->name == "lobby");
    screen.model.happened(client::Exited{"dev"});
    CHECK(screen.model.all_rooms().size() == 1);
    screen.model.happened(client::RoomRefused{"d v", "BAD_ROOM", "A room name has no blanks."});
    CHECK(screen.shows("A room name has no blanks."));
    screen.model.happened(client::Exited{"lobby"});
    CHECK(screen.model.current() == nullptr);
    screen.enter("anybody?");
    CHECK(screen.wishes().empty());
    CHECK(screen.shows("You are in no room"));
}

TEST_CASE("gaps are told in their place", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    screen.say("lobby", 1, "ana", "before");
    screen.model.happened(client::Gap{.room = "lobby", .epoch = 1, .from = 2, .to = 9});
    screen.say("lobby", 10, "ana", "after");
    const std::string text = screen.text();
    REQUIRE(text.find("8 messages did not come: 2–9.") != std::string::npos);
    CHECK(text.find("before") < text.find("8 messages"));
    CHECK(text.find("8 messages") < text.find("after"));
    client::Online again{.nick = "me", .token = "t", .resumed = true, .rooms = {}};
    again.rooms.push_back({.room = "lobby",
                           .at = {1, 20},
                           .others = 0,
                           .topic = {},
                           .recovered = false,
                           .missing_from = {1, 11},
                           .missing_to = {1, 11}});
    screen.model.happened(again);
    CHECK(screen.shows("Message 11 will not come"));
    // What a server lost and one has is no loss.
    again.rooms[0].at = {2, 1};
    again.rooms[0].missing_from = again.rooms[0].missing_to = {1, 10};
    screen.model.happened(again);
    CHECK_FALSE(screen.shows("Message 1:10 will not come"));
}

TEST_CASE("another server shows what it has, and says that it is another one",
          "[terminal][screen][model]") {
    ScreenDriver screen(24, 160);
    Connection connection{.state = Connection::State::online,
                          .rtt = {},
                          .retry_in = {},
                          .server = "a:4399",
                          .reason = {}};
    screen.model.set_connection(connection);
    client::Online online{.nick = "me", .token = "t", .resumed = true, .rooms = {}};
    online.rooms.push_back({.room = "lobby",
                            .at = {1, 0},
                            .others = 0,
                            .topic = {},
                            .recovered = {},
                            .missing_from = {},
                            .missing_to = {}});
    screen.model.happened(online);
    screen.say("lobby", 1, "ana", "at the first one");
    CHECK(screen.shows("● online at a:4399"));
    CHECK_FALSE(screen.shows("You are at"));
    screen.wishes();
    connection.server = "b:4399";
    screen.model.set_connection(connection);
    online.rooms[0].at = online.rooms[0].missing_to = {7, 2};
    online.rooms[0].recovered = false;
    online.rooms[0].missing_from = {7, 1};
    screen.model.happened(online);
    CHECK(screen.shows("You are at b:4399 now; a:4399 was lost."));
    CHECK(screen.shows("This server does not know what you read before."));
    CHECK_FALSE(screen.shows("gone"));
    screen.wishes();
    REQUIRE(screen.answer("history",
                          R"({"room":"lobby","events":[{"kind":"message","room":"lobby",)"
                          R"("epoch":7,"seq":2,"id":"019ac000-0000-7000-8000-000000000000",)"
                          R"("ts":"2026-11-27T13:43:20.000Z","from":"bob","body":"here"}],)"
                          R"("more":false})"));
    CHECK(screen.text().find("bob here") < screen.text().find("This server does not know"));
}

TEST_CASE("Tab completes and takes turns", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    screen.wishes();
    screen.answer("who", R"({"room":"lobby","nicks":["me","bert","bob"],"total":3})");
    screen.say("lobby", 1, "bob", "hi");
    screen.type("b");
    screen.press(Key::Kind::tab);
    CHECK(screen.model.editor().text() == "bob: ");  // who spoke last comes first
    screen.press(Key::Kind::tab);
    CHECK(screen.model.editor().text() == "bert: ");
    screen.press(Key::Kind::back_tab);
    CHECK(screen.model.editor().text() == "bob: ");
    CHECK(screen.shows("bob  bert"));
    screen.type("/me");
    CHECK(screen.model.completion() == nullptr);
    screen.press_control('u');
    screen.type("/sch");
    screen.press(Key::Kind::tab);
    CHECK(screen.model.editor().text() == "/schedules ");
    screen.press_control('u');
    screen.type("/reply ");
    screen.press(Key::Kind::tab);
    CHECK(screen.model.editor().text() == "/reply 1 ");
    screen.press_control('u');
    screen.type("zzz");
    screen.press(Key::Kind::tab);
    CHECK(screen.model.editor().text() == "zzz");
}

TEST_CASE("Ctrl-C clears the line, twice it ends; Ctrl-D on an empty line too",
          "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.type("a mistake");
    screen.press_control('c');
    CHECK(screen.model.editor().empty());
    CHECK(screen.wishes().empty());
    screen.type("x");
    screen.press_control('c');
    screen.press_control('c');
    CHECK(screen.wishes() == Words{"end 130"});
    screen.type("x");
    screen.press_control('a');
    screen.press_control('d');
    CHECK(screen.model.editor().empty());
    CHECK(screen.wishes().empty());
    screen.press_control('d');
    CHECK(screen.wishes() == Words{"end 0"});
}

TEST_CASE("what a search found leads to its place", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby"}, {1, 90});
    screen.wishes();
    screen.enter("/search tea");
    screen.wishes();
    REQUIRE(screen.answer("search",
                          R"({"hits":[{"event":{"kind":"message","room":"lobby","epoch":1,)"
                          R"("seq":70,"id":"01890a5d-ac96-774b-bcce-b302099a8057",)"
                          R"("ts":"2023-06-29T00:00:00.000Z","from":"ana","body":"some tea"},)"
                          "\"excerpt\":\"some \xee\x80\x80tea\xee\x80\x81\"}],\"more\":false}"));
    REQUIRE(screen.model.pager() != nullptr);
    CHECK(screen.shows("1 found: tea"));
    CHECK(screen.shows("ana · #lobby 70 · 03:34, Friday"));
    CHECK(screen.shows("some tea"));
    screen.press(Key::Kind::enter);
    CHECK(screen.model.pager() == nullptr);
    // The first page is on its way still; what it brings is not waited for.
    REQUIRE(screen.refuse("history", "not now"));
    screen.enter("/search tea");
    screen.wishes();
    screen.answer("search", R"({"hits":[],"more":false})");
    CHECK(screen.shows("nothing found: tea"));
    screen.press(Key::Kind::escape);
    CHECK(screen.model.pager() == nullptr);
}

TEST_CASE("the mouse chooses rooms and people and turns the wheel", "[terminal][screen][model]") {
    ScreenDriver screen;
    screen.go_online({"lobby", "dev", "ops"});
    screen.wishes();
    screen.answer("who", R"({"room":"ops","nicks":["me"],"total":1})");
    screen.click(2, 3);
    CHECK(screen.model.current()->name == "dev");
    screen.click(20, 3);  // nothing is there
    CHECK(screen.model.current()->name == "dev");
    screen.click(1, 0);
    screen.model.happened(client::Joined{.room = "lobby", .from = "bob"});
    for (Seq seq = 1; seq <= 60; ++seq)
        screen.say("lobby", seq, "bob", std::to_string(seq));
    screen.press(Key::Kind::wheel_up);
    CHECK_FALSE(screen.model.current()->talk.scroll.following);
    screen.press(Key::Kind::wheel_down);
    CHECK(screen.model.current()->talk.scroll.following);
    screen.click(2, 70);
    CHECK(screen.model.current()->title() == "@bob");
}

TEST_CASE("no text of the server's can move the cursor", "[terminal][screen][model]") {
    ScreenDriver screen;
    const std::string evil = "\x1b[2J\x9b\u202e\r\nforged";
    screen.go_online({"lobby"});
    screen.wishes();
    screen.say("lobby", 1, evil, evil);
    screen.model.happened(
        client::TopicSet{.room = "lobby", .at = {1, 2}, .ts = friday, .from = evil, .topic = evil});
    screen.model.happened(client::Private{.from = evil, .body = evil, .at = friday});
    screen.model.happened(client::Joined{.room = "lobby", .from = evil});
    screen.model.happened(client::Notice{.code = "X", .text = evil});
    screen.model.happened(
        client::Datagram{.room = "lobby", .from = evil, .number = {}, .payload = {}});
    screen.model.happened(client::Typing{.room = "lobby", .from = evil, .on = true});
    screen.model.set_connection({.state = Connection::State::offline, .reason = evil});
    const Picture picture = draw(screen.model);
    for (std::size_t row = 0; row < picture.cells.rows(); ++row) {
        for (std::size_t column = 0; column < picture.cells.columns(); ++column) {
            const char32_t code = picture.cells.at(row, column).glyph.codes[0];
            REQUIRE(code >= 0x20);
            REQUIRE_FALSE((code >= 0x7f && code < 0xa0));
            REQUIRE(code != 0x202e);
        }
    }
}

TEST_CASE("rooms are bounded: a person who is not looked at goes", "[terminal][screen][model]") {
    ScreenDriver screen;
    for (std::size_t person = 0; person < Model::rooms_max + 20; ++person)
        screen.model.happened(
            client::Private{.from = "p" + std::to_string(person), .body = "x", .at = 0});
    CHECK(screen.model.all_rooms().size() == Model::rooms_max);
    CHECK(screen.model.current()->name == "lobby");
}
