#include "screen/draw.hpp"

#include <limits>

#include "chatd/base/prng.hpp"
#include "screen_driver.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

void fill(ScreenDriver& screen) {
    screen.go_online({"lobby", "dev"});
    screen.wishes();
    screen.answer("who", R"({"room":"dev","nicks":["me"],"total":1})");
    screen.answer("who", R"({"room":"lobby","nicks":["me","ana","bob"],"total":3})");
    screen.model.happened(client::TopicSet{
        .room = "lobby", .at = {1, 1}, .ts = friday, .from = "ana", .topic = "all about tea"});
    screen.say("lobby", 2, "ana", "hello");
    screen.say("lobby", 3, "bob", "日本 👍🏽");
    screen.say("dev", 1, "ana", "unseen");
}

}  // namespace

TEST_CASE("a usual screen", "[terminal][screen][draw]") {
    ScreenDriver screen(9, 80);
    fill(screen);
    screen.type("hi");
    CHECK(screen.text() ==
          " #lobby  all about tea                                                   3 here\n"
          " #lobby      │                                                    │ 3 here\n"
          " #dev      1 │                                                    │ ana\n"
          "             │───────────── Friday, 27 November 2026 ─────────────│ bob\n"
          "             │13:43           · ana set the topic: all about tea  │ me\n"
          "             │13:43         ana hello                             │\n"
          "             │13:43         bob 日本 👍                           │\n"
          " ● online 3.0 ms  me                                                      /help\n"
          "#lobby> hi\n");
    CHECK(draw(screen.model).cursor == Place{8, 10});
}

TEST_CASE("a small screen", "[terminal][screen][draw]") {
    ScreenDriver screen(6, 40);
    fill(screen);
    CHECK(screen.text() ==
          " #lobby  all about tea           3 here\n"
          "               about tea\n"
          "13:43      ana hello\n"
          "13:43      bob 日本 👍\n"
          " ● online 3.0 ms  me             #dev 1\n"
          "#lobby>\n");
}

TEST_CASE("the status bar tells how the connection stands", "[terminal][screen][draw]") {
    ScreenDriver screen;
    const auto status = [&screen](Connection connection) {
        screen.model.set_connection(std::move(connection));
        return screen.screen()[22];
    };
    CHECK(status({.state = Connection::State::connecting}).starts_with(" ◌ connecting  me "));
    CHECK(status({.state = Connection::State::resuming}).starts_with(" ◌ resuming  me "));
    CHECK(status({.state = Connection::State::online, .rtt = std::chrono::milliseconds(120)})
              .starts_with(" ● online 120 ms  me "));
    const std::string offline = status({.state = Connection::State::offline,
                                        .retry_in = std::chrono::milliseconds(2100),
                                        .reason = "connection refused"});
    CHECK(offline.starts_with(" ○ offline, again in 3 s  me"));
    CHECK(offline.ends_with("connection refused"));
    screen.model.set_pending({{"k", "lobby", "waiting", false}});
    CHECK(status({.state = Connection::State::connecting})
              .starts_with(" ◌ connecting  me  1 unsent "));
    CHECK(screen.shows("…          me waiting"));
}

TEST_CASE("a line that is said is no longer pending, even before its answer",
          "[terminal][screen][draw]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    screen.model.set_pending({{"k", "lobby", "once", false}});
    screen.say("lobby", 1, "me", "once", "k");
    const std::string text = screen.text();
    const auto first = text.find("once");
    REQUIRE(first != std::string::npos);
    CHECK(text.find("once", first + 1) == std::string::npos);
}

TEST_CASE("who types is told for a while", "[terminal][screen][draw]") {
    ScreenDriver screen;
    screen.go_online({"lobby"});
    screen.model.happened(client::Typing{.room = "lobby", .from = "bob", .on = true});
    CHECK(screen.screen()[22].ends_with("bob is typing"));
    CHECK(screen.model.stale_at() == friday + 8000);
    screen.model.set_now(friday + 1000);
    screen.model.happened(client::Typing{.room = "lobby", .from = "ana", .on = true});
    CHECK(screen.model.stale_at() == friday + 8000);
    CHECK(screen.screen()[22].ends_with("ana, bob are typing"));
    screen.model.set_now(friday + 8000);
    CHECK(screen.screen()[22].ends_with("ana is typing"));
    CHECK(screen.model.stale_at() == friday + 9000);
    screen.model.set_now(friday + 9000);
    CHECK_FALSE(screen.shows("typing"));
    CHECK(screen.model.stale_at() == std::numeric_limits<UnixMs>::max());
}

TEST_CASE("numbers stand beside messages while a command needs one", "[terminal][screen][draw]") {
    ScreenDriver screen;
    fill(screen);
    CHECK(screen.shows("13:43         ana hello"));
    screen.type("/react ");
    CHECK(screen.shows("#2"));
    CHECK_FALSE(screen.shows("13:43"));
}

TEST_CASE("a long line being typed gets rows, up to a quarter of the screen",
          "[terminal][screen][draw]") {
    ScreenDriver screen(12, 40);
    screen.type(std::string(200, 'x'));
    const std::vector<std::string> rows = screen.screen();
    CHECK(rows[9].find("xxxx") != std::string::npos);
    CHECK(rows[8].find("xxxx") == std::string::npos);
    const Place cursor = draw(screen.model).cursor;
    CHECK(cursor.row == 11);
    screen.press(Key::Kind::home);
    CHECK(draw(screen.model).cursor == Place{9, 8});
}

TEST_CASE("whatever happens at whatever size, a picture has its size and its cursor inside",
          "[terminal][screen][draw]") {
    Prng prng(5);
    ScreenDriver screen(24, 80, {"lobby", "dev"});
    constexpr Key::Kind keys[]{Key::Kind::enter,    Key::Kind::tab,      Key::Kind::back_tab,
                               Key::Kind::up,       Key::Kind::page_up,  Key::Kind::page_down,
                               Key::Kind::wheel_up, Key::Kind::alt_down, Key::Kind::end,
                               Key::Kind::escape,   Key::Kind::backspace};
    constexpr std::string_view texts[]{"a", "/help",   "日本",    "👩\u200d👧",
                                       " ", "/react ", "/join x", "a very long word or two",
                                       "\t"};
    Seq seq = 0;
    for (int round = 0; round < 1500; ++round) {
        switch (prng.below(8)) {
            case 0:
                screen.model.set_size(1 + prng.below(30), 1 + prng.below(120));
                break;
            case 1:
                screen.go_online({"lobby", "dev"}, {1, seq});
                break;
            case 2:
                screen.press(keys[prng.below(std::size(keys))]);
                break;
            case 3:
                screen.click(prng.below(30), prng.below(120));
                break;
            case 4:
                screen.type(texts[prng.below(std::size(texts))]);
                break;
            case 5:
                screen.model.happened(client::Exited{"dev"});
                break;
            default:
                screen.say(prng.below(2) == 0 ? "lobby" : "dev", ++seq, "bob",
                           std::string(texts[prng.below(std::size(texts))]) + "\nmore");
                break;
        }
        screen.wishes();
        const Picture picture = draw(screen.model);
        REQUIRE(picture.cells.rows() == screen.model.rows());
        REQUIRE(picture.cells.columns() == screen.model.columns());
        REQUIRE(picture.cursor.row < std::max<std::size_t>(screen.model.rows(), 1));
        REQUIRE(picture.cursor.column <= std::max<std::size_t>(screen.model.columns(), 3));
    }
}
