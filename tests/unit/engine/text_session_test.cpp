#include <string>

#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using namespace std::string_literals;

namespace {

const std::string line_too_long =
    "FAIL * LINE_TOO_LONG :A line has at most 4096 bytes; this one was not said. Send shorter "
    "lines.\n";

/// What `listener` hears and `speaker` is answered when these bytes are said.
struct Heard {
    std::string listener;
    std::string speaker;
    bool operator==(const Heard&) const = default;
};

template <class Say>
Heard heard(Say&& say) {
    EngineDriver driver;
    Client& listener = driver.join("bob");
    Client& speaker = driver.join("ana");
    say(driver, speaker);
    return {listener.take(), speaker.take()};
}

Heard heard_at_once(std::string_view bytes) {
    return heard([&](EngineDriver& driver, Client& speaker) { driver.say(speaker, bytes); });
}

}  // namespace

TEST_CASE("a newcomer sees what the protocol promises, byte for byte", "[engine][text]") {
    EngineDriver driver;
    Client& ana = driver.connect();
    driver.pass(1100ms);
    CHECK(ana.take() ==
          "NOTE * WELCOME #lobby :chatd, #lobby, nobody else here yet. Type a line to talk; /help; "
          "/nick NAME.\n");
    CHECK(driver.ask(ana, "hello\n") ==
          "NOTE NICK GUEST guest-1 :You are guest-1; /nick NAME changes it.\n");
    CHECK(driver.ask(ana, "/nick ana\n") == "NOTE NICK OK ana :You are ana.\n");
    Client& bob = driver.join("bob");
    driver.say(bob, "hi ana\n");
    CHECK(ana.take() == "<bob> hi ana\n");
    CHECK(driver.ask(ana, "/nosuch\n") ==
          "FAIL NOSUCH UNKNOWN_COMMAND :No such command; /help lists them, // begins a line with a "
          "slash.\n");
}

TEST_CASE("who speaks before the greeting is a script and is told nothing", "[engine][text]") {
    EngineDriver driver;
    Client& bob = driver.join("bob");
    Client& script = driver.connect();
    driver.say(script, "deployed\n");
    driver.pass(5s);
    CHECK(script.received.empty());
    CHECK(bob.received == "<guest-1> deployed\n");
}

TEST_CASE("a line goes to everyone in the room but its author", "[engine][text]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    Client& eve = driver.join("eve");
    driver.say(ana, "hello\n");
    CHECK(ana.received.empty());
    CHECK(bob.take() == "<ana> hello\n");
    CHECK(eve.take() == "<ana> hello\n");
    driver.say(bob, "one\ntwo\n//three\n/me waves\n");
    CHECK(ana.take() == "<bob> one\n<bob> two\n<bob> /three\n* bob waves\n");
}

TEST_CASE("empty lines are nothing and CR LF is LF", "[engine][text]") {
    CHECK(heard_at_once("\n\r\n\nhello\r\n\n") == Heard{"<ana> hello\n", ""});
    // Only the CR before the LF belongs to the line end; inside it begins another line.
    CHECK(heard_at_once("one\rtwo\r\n") == Heard{"<ana> one\n<ana> two\n", ""});
}

TEST_CASE("a line of 4096 bytes is said and one of 4097 is not, with and without CR",
          "[engine][text]") {
    const std::string longest(limits::line_bytes_max, 'x');
    for (const std::string line_end : {"\n", "\r\n"}) {
        CHECK(heard_at_once(longest + line_end) == Heard{"<ana> " + longest + "\n", ""});
        CHECK(heard_at_once(longest + "x" + line_end + "next\n") ==
              Heard{"<ana> next\n", line_too_long});
    }
    // The CR of a longest line may be a byte of a line too long, until the LF comes.
    CHECK(heard_at_once(longest + "\rx\nnext\n") == Heard{"<ana> next\n", line_too_long});
}

TEST_CASE("a line too long is answered when the bound is passed, once, and skipped to its newline",
          "[engine][text]") {
    EngineDriver driver;
    Client& bob = driver.join("bob");
    Client& ana = driver.join("ana");
    const std::string longest(limits::line_bytes_max, 'x');
    CHECK(driver.ask(ana, longest).empty());
    CHECK(driver.ask(ana, "x") == line_too_long);
    CHECK(driver.ask(ana, longest + longest).empty());
    CHECK(driver.ask(ana, "end\nnext\n").empty());
    CHECK(bob.received == "<ana> next\n");
    // A CR at the bound may still be part of the line end.
    CHECK(driver.ask(ana, longest + "\r").empty());
    CHECK(driver.ask(ana, "\r") == line_too_long);
}

TEST_CASE("bytes one at a time and all at once say the same", "[engine][text]") {
    const std::string longest(limits::line_bytes_max, 'y');
    const std::string script = "hello\r\n//slash\n/me waves\n\n/nosuch\ncaf\xe9\na"s + '\0' +
                               "b\n" + "gr\xc3\xbc\xc3\x9f\n/nick eve\nstill here\n/ping 1\n";
    const Heard whole = heard_at_once(script);
    CHECK(whole.listener ==
          "<ana> hello\n<ana> /slash\n* ana waves\n<ana> gr\xc3\xbc\xc3\x9f\n<eve> still here\n");
    CHECK(heard([&](EngineDriver& driver, Client& speaker) {
              driver.say_bytewise(speaker, script);
          }) == whole);
    for_every_cut(script, [&](std::string_view first, std::string_view second) {
        REQUIRE(heard([&](EngineDriver& driver, Client& speaker) {
                    driver.say(speaker, first);
                    driver.say(speaker, second);
                }) == whole);
    });
    const std::string long_script = longest + "\r\n" + longest + "zz\nafter\n";
    CHECK(heard([&](EngineDriver& driver, Client& speaker) {
              driver.say_bytewise(speaker, long_script);
          }) == heard_at_once(long_script));
}

TEST_CASE("a line that is no text is refused and not said", "[engine][text]") {
    CHECK(
        heard_at_once("caf\xe9\n") ==
        Heard{"", "FAIL * BAD_UTF8 :That line is not valid UTF-8 and was not said; send UTF-8.\n"});
    CHECK(heard_at_once("a\0b\n"s) ==
          Heard{"", "FAIL * NUL :That line holds a NUL byte and was not said; send text.\n"});
    CHECK(heard_at_once("\x1b[2Jcleared\n") == Heard{"<ana> \xe2\x90\x9b[2Jcleared\n", ""});
}

TEST_CASE("a line without newline of any length costs bounded memory", "[engine][text]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const std::string piece(64 * 1'024, 'x');
    for (int count = 0; count < 200; ++count)
        driver.say(ana, piece);
    CHECK(ana.take() == line_too_long);
    CHECK_FALSE(ana.closed);
    CHECK(driver.ask(ana, "\n/ping ok\n") == "NOTE PING PONG :ok\n");
}

TEST_CASE("the first line names a guest, or whom it asks to be", "[engine][text]") {
    EngineDriver driver;
    Client& bob = driver.join("bob");
    Client& first = driver.connect();
    CHECK(driver.ask(first, "/nick admin\n").starts_with("FAIL NICK BAD_NICK :"));
    CHECK(driver.ask(first, "/nick bob\n").starts_with("FAIL NICK NICK_IN_USE :"));
    driver.say(first, "still nobody?\n");
    CHECK(bob.take() == "<guest-1> still nobody?\n");
    Client& second = driver.connect();
    driver.say(second, "/me waves\n");
    CHECK(bob.take() == "* guest-2 waves\n");
}

TEST_CASE("reading stops while the answers are not taken, and goes on where it stopped",
          "[engine][text]") {
    EngineConfig config;
    config.stream_bytes_max = 2'000;
    EngineDriver driver(config);
    Client& bob = driver.join("bob");
    Client& ana = driver.join("ana");
    ana.stalled = true;
    std::string asked;
    std::string answers;
    for (int count = 0; count < 300; ++count) {
        const std::string number = std::to_string(count);
        asked += "/ping " + number + "\n";
        answers += "NOTE PING PONG :" + number + "\n";
    }
    driver.say(ana, asked);
    CHECK(ana.paused);
    driver.say(ana, "after\n");
    CHECK(bob.received.empty());  // behind what is not answered yet
    driver.resume(ana);
    CHECK(ana.received == answers);
    CHECK_FALSE(ana.paused);
    CHECK(bob.received == "<ana> after\n");
}

TEST_CASE("an unfinished line survives a pause, and so does the end of input", "[engine][text]") {
    EngineConfig config;
    config.stream_bytes_max = 300;
    EngineDriver driver(config);
    Client& bob = driver.join("bob");
    Client& ana = driver.join("ana");
    ana.stalled = true;
    for (int count = 0; count < 20; ++count)
        driver.say(ana, "/ping 0123456789\n");
    REQUIRE(ana.paused);
    driver.say(ana, "unfin");
    driver.say(ana, "ished");
    driver.half_close(ana);
    CHECK(bob.received.empty());
    driver.resume(ana);
    CHECK(bob.received == "<ana> unfinished\n");
    CHECK(ana.ended());
}

TEST_CASE("a last line whose answer has no room waits for it, then the connection ends",
          "[engine][text]") {
    EngineConfig config;
    config.stream_bytes_max = 100;
    EngineDriver driver(config);
    Client& bob = driver.join("bob");
    Client& ana = driver.join("ana");
    driver.ask(ana, "/join dev\n");
    driver.ask(ana, "/join lobby\n");
    driver.say(ana, "unfinished");
    ana.stalled = true;
    // In two rooms she gets lines copied; they alone fill what may wait for her.
    driver.say(bob, "0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n");
    ana.received.clear();
    driver.half_close(ana);
    CHECK(bob.received.empty());
    driver.resume(ana);
    CHECK(bob.received == "<ana> unfinished\n");
    CHECK(ana.closed);
}

TEST_CASE("who sends on and on while told to wait is closed", "[engine][text]") {
    EngineConfig config;
    config.stream_bytes_max = 200;
    config.input_bytes_max = 1'000;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    ana.stalled = true;
    for (int count = 0; count < 100 && !ana.closed; ++count)
        driver.say(ana, "/ping 0123456789\n");
    CHECK(ana.closed);
    CHECK(driver.engine.counters().dropped[static_cast<std::size_t>(Drop::input_full)] == 1);
}

TEST_CASE("/quit says goodbye, tells the room, and ends", "[engine][text]") {
    EngineDriver driver;
    Client& bob = driver.join("bob");
    driver.ask(bob, "/notices on\n");
    Client& ana = driver.join("ana");
    bob.take();
    CHECK(driver.ask(ana, "last words\n/quit\nnot said\n") == "NOTE QUIT OK :Goodbye.\n");
    CHECK(ana.got_fin);
    CHECK(bob.take() == "<ana> last words\n-- ana left #lobby (quit)\n");
}

TEST_CASE("/hex reaches raw peers, and readers of datagrams see it", "[engine][text]") {
    EngineDriver driver;
    DatagramIn hello{};
    hello.source = *parse_ip("127.0.0.1");
    hello.source.port = 5'000;
    hello.local = *parse_ip("127.0.0.1");
    hello.local.port = 8'080;
    const std::string first = "x";
    hello.payload = as_bytes(first);
    driver.engine.datagram_received(hello, driver.now);
    driver.settle();
    Client& bob = driver.join("bob");
    CHECK(driver.ask(bob, "/dgram on\n").starts_with("NOTE DGRAM OK on 10 :"));
    Client& ana = driver.join("ana");
    CHECK(driver.ask(ana, "/hex de ad be ef\n").empty());
    REQUIRE(driver.datagrams.size() == 1);
    CHECK(driver.datagrams.front() == "\xde\xad\xbe\xef");
    CHECK(bob.take() == "[ana 4B] de ad be ef |....|\n");
    driver.engine.datagram_received(hello, driver.now);
    driver.settle();
    CHECK(bob.take() == "[udp:1 1B] 78 |x|\n");
    CHECK(driver.ask(bob, "/dgram off\n") == "NOTE DGRAM OK off :You no longer see datagrams.\n");
    driver.say(ana, "/hex 00\n");
    driver.pass(1s);
    CHECK(bob.received.empty());
}
