#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using namespace std::string_literals;

namespace {

const std::string json_request = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
const std::string json_answer = "{\"jsonrpc\":\"2.0\",\"result\":{\"token\":\"\"},\"id\":1}\n";
const std::string tls_alert = "\x15\x03\x03\x00\x02\x02\x28"s;
const std::string proxy_answer =
    "FAIL * PROXY_NOT_TRUSTED :A PROXY header came from an address that is not trusted; connect "
    "without "
    "one.\n";
const std::string drain_note = "NOTE * DRAIN :chatd is stopping; reconnect in a moment.\n";

std::uint64_t ended(const EngineDriver& driver, std::size_t reason) {
    return driver.engine.counters().connections_ended[reason];
}

}  // namespace

TEST_CASE("after 200 ms of silence a connection hears the lobby", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& silent = driver.connect();
    driver.pass(150ms);
    driver.say(ana, "too early\n");
    CHECK(silent.received.empty());
    driver.pass(60ms);
    driver.say(ana, "heard\n");
    CHECK(silent.take() == "<ana> heard\n");
}

TEST_CASE("after a second of silence it is greeted once, with who is here", "[engine][lifecycle]") {
    EngineDriver driver;
    driver.join("ana");
    driver.join("bob");
    Client& silent = driver.connect();
    driver.pass(950ms);
    CHECK(silent.received.empty());
    driver.pass(100ms);
    CHECK(
        silent.take() ==
        "NOTE * WELCOME #lobby :chatd, #lobby, 2 here. Type a line to talk; /help; /nick NAME.\n");
    driver.pass(60s);
    CHECK(silent.received.empty());
}

TEST_CASE("never means never: no listening, no greeting", "[engine][lifecycle]") {
    EngineConfig config;
    config.listen_after = Duration::zero();
    config.greet_after = Duration::zero();
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& silent = driver.connect();
    driver.pass(60s);
    driver.say(ana, "hello\n");
    driver.pass(1s);
    CHECK(silent.received.empty());
}

TEST_CASE("a provisional listener is in no /who, has no nick, and causes no notice",
          "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    Client& silent = driver.connect();
    driver.pass(500ms);
    CHECK(driver.ask(ana, "/who\n") == "-- ana\nNOTE WHO END 1 :1 in all.\n");
    driver.half_close(silent);
    CHECK(silent.ended());
    CHECK(ana.received.empty());
    CHECK(driver.engine.counters().events == 0);
}

TEST_CASE("a listener's first line makes it a person", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    Client& silent = driver.connect();
    driver.pass(500ms);
    driver.say(ana, "anybody?\n");
    driver.say(silent, "me\n");
    CHECK(silent.take() == "<ana> anybody?\n");
    CHECK(ana.take() == "-- guest-1 joined #lobby\n<guest-1> me\n");
}

TEST_CASE("a listener that was handed lines and speaks HTTP, TLS or PROXY is closed at once",
          "[engine][lifecycle]") {
    for (const std::string& bytes :
         {std::string(upgrade_request), "GET / HTTP/1.1\r\n"s, "\x16\x03\x01"s,
          "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n"s, "\r\n\r\n\0\r\nQUIT\n"s}) {
        EngineDriver driver;
        Client& ana = driver.join("ana");
        driver.ask(ana, "/notices on\n");
        Client& silent = driver.connect();
        driver.pass(300ms);
        driver.say(ana, "hello\n");
        REQUIRE(silent.take() == "<ana> hello\n");
        driver.say(silent, bytes);
        CAPTURE(bytes);
        CHECK(silent.closed);
        CHECK(silent.received.empty());
        CHECK(ana.received.empty());
    }
}

TEST_CASE("a listener that was greeted and speaks HTTP is closed at once", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& silent = driver.connect();
    driver.pass(1100ms);
    silent.take();
    driver.say(silent, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(silent.closed);
    CHECK(silent.received.empty());
}

TEST_CASE("a listener that was handed nothing begins any dialect normally", "[engine][lifecycle]") {
    // Chromium opens a second connection ahead of need and speaks HTTP on it later.
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& preconnect = driver.connect();
    driver.pass(900ms);
    const std::string answer =
        driver.ask(preconnect, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.ends_with("\r\n\r\nok\n"));
    // What was about to be handed to it is not.
    Client& other = driver.connect();
    driver.pass(300ms);
    driver.receive(ana, "hello\n");
    driver.receive(other, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    driver.settle();
    CHECK(other.take() == answer);
    driver.say(ana, "not for browsers\n");
    CHECK(other.received.empty());
}

TEST_CASE("a listener that was handed lines may still speak JSON", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& silent = driver.connect();
    driver.pass(1100ms);
    CHECK(driver.ask(silent, json_request) == json_answer);
    CHECK_FALSE(silent.got_fin);
}

TEST_CASE("what is not spoken here is refused in its own dialect", "[engine][lifecycle]") {
    struct Case {
        std::string bytes;
        std::string answer;
    };
    const std::vector<Case> cases = {
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, tls_alert},
        {"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n", proxy_answer},
        {"\r\n\r\n\0\r\nQUIT\n\x21\x11"s, proxy_answer},
    };
    for (const auto& [bytes, answer] : cases) {
        CAPTURE(bytes);
        EngineDriver driver;
        Client& bob = driver.join("bob");
        Client& at_once = driver.connect();
        CHECK(driver.ask(at_once, bytes) == answer);
        CHECK(at_once.got_fin);
        Client& bytewise = driver.connect();
        driver.say_bytewise(bytewise, bytes);
        CHECK(bytewise.take() == answer);
        CHECK(bytewise.got_fin);
        CHECK(bob.received.empty());
        // Reading on for a while, so that no reset eats the answer; then it is over.
        driver.say(at_once, "more\n");
        CHECK_FALSE(at_once.closed);
        driver.half_close(at_once);
        CHECK(at_once.closed);
        driver.pass(limits::linger_time_max + 20ms);
        CHECK(bytewise.closed);
    }
}

TEST_CASE("chat that looks like something else is chat", "[engine][lifecycle]") {
    for (const std::string line :
         {"GET me a coffee", "[deploy] done", "{hello}", "PROXY war", "GET / HTTP", "POST"}) {
        CAPTURE(line);
        EngineDriver driver;
        Client& bob = driver.join("bob");
        Client& ana = driver.connect();
        driver.say_bytewise(ana, line + "\n");
        CHECK(bob.take() == "<guest-1> " + line + "\n");
        CHECK(ana.received.empty());
    }
}

TEST_CASE("an unfinished HTTP request line has ten seconds", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& slow = driver.connect();
    driver.say(slow, "GET ");
    driver.pass(300ms);
    driver.say(ana, "not for a browser\n");
    // One byte a second does not buy more time.
    for (int second = 0; second < 9; ++second) {
        driver.say(slow, "x");
        driver.pass(1s);
        CHECK(slow.received.empty());
    }
    driver.pass(1s);
    CHECK(slow.received.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    CHECK(slow.got_fin);
}

// -- half-close ------------------------------------------------------------------------------

TEST_CASE("a line and FIN are a line said, for a script of any haste", "[engine][lifecycle]") {
    for (const std::string line : {"hi\n", "hi", "hi\r", "hi\r\n"}) {
        CAPTURE(line);
        EngineDriver driver;
        Client& bob = driver.join("bob");
        Client& script = driver.open();
        driver.receive(script, line);
        driver.end_input(script);
        driver.settle();
        CHECK(bob.take() == "<guest-1> hi\n");
        CHECK(script.got_fin);
        CHECK(script.closed);
        CHECK(script.received.empty());
    }
}

TEST_CASE("after FIN every request is answered and what the log held then is delivered",
          "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    driver.receive(ana, "before\n");
    driver.receive(bob, "/ping 1\n/ping 2\n/ping last");
    driver.end_input(bob);
    driver.receive(ana, "after\n");
    driver.settle();
    CHECK(bob.received ==
          "NOTE PING PONG :1\nNOTE PING PONG :2\nNOTE PING PONG :last\n<ana> before\n");
    CHECK(bob.closed);
}

TEST_CASE("FIN on a connection that said nothing just ends it", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& client = driver.connect();
    driver.half_close(client);
    CHECK(client.closed);
    CHECK(client.received.empty());
    CHECK(driver.engine.connection_count() == 0);
}

TEST_CASE("FIN behind unfinished JSON, HTTP or a method decides too", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& bob = driver.join("bob");
    Client& coffee = driver.connect();
    driver.say(coffee, "GET me a coffee");
    driver.half_close(coffee);
    CHECK(bob.take() == "<guest-1> GET me a coffee\n");
    CHECK(coffee.closed);
    Client& brace = driver.connect();
    driver.say(brace, "{");
    driver.half_close(brace);
    CHECK(bob.take() == "<guest-2> {\n");
    Client& request = driver.connect();
    driver.say(request, "GET / HTTP/1.1");
    driver.half_close(request);
    CHECK(request.closed);
    CHECK(bob.received.empty());
}

TEST_CASE("a reader that has sent FIN and takes nothing is closed after ten seconds",
          "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    driver.say(ana, "hello\n");
    driver.half_close(bob);
    driver.pass(9s);
    CHECK_FALSE(bob.closed);
    driver.pass(1100ms);
    CHECK(bob.closed);
}

// -- other ends ------------------------------------------------------------------------------

TEST_CASE("quit, FIN, reset and time-out are told apart", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    Client& quits = driver.join("quits");
    Client& closes = driver.join("closes");
    Client& resets = driver.join("resets");
    Client& times_out = driver.join("timesout");
    ana.take();
    driver.say(quits, "/quit\n");
    driver.half_close(closes);
    driver.reset(resets);
    driver.fail(times_out, StreamFailure::timed_out);
    driver.settle();
    CHECK(ana.take() ==
          "-- quits left #lobby (quit)\n-- closes left #lobby (closed)\n-- resets left #lobby "
          "(reset)\n"
          "-- timesout left #lobby (timed out)\n");
    driver.half_close(quits);
    CHECK(ended(driver, 1) == 1);  // quit
    CHECK(ended(driver, 2) == 1);  // closed
    CHECK(ended(driver, 3) == 1);  // reset
    CHECK(ended(driver, 4) == 1);  // timed out
}

TEST_CASE("a reset after our goodbye changes nothing about why it ended", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "/quit\n");
    REQUIRE(ana.got_fin);
    driver.reset(ana);
    CHECK(ana.closed);
    CHECK(ended(driver, 1) == 1);
    CHECK(ended(driver, 3) == 0);
}

TEST_CASE("a nick is free again as soon as its holder has ended", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.reset(ana);
    Client& next = driver.connect();
    CHECK(driver.ask(next, "/nick ana\n") == "NOTE NICK OK ana :You are ana.\n");
}

TEST_CASE("past its bound no connection is taken, and room comes back", "[engine][lifecycle]") {
    EngineConfig config;
    config.connections_max = 2;
    EngineDriver driver(config);
    Client& first = driver.connect();
    driver.connect();
    CHECK(driver.connect().refused);
    CHECK(driver.engine.counters().dropped[static_cast<std::size_t>(Drop::busy)] == 1);
    driver.half_close(first);
    CHECK_FALSE(driver.connect().refused);
}

TEST_CASE("a drain delivers what is pending, says so, and ends everyone", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    Client& silent = driver.connect();
    driver.pass(300ms);
    Client& browser = driver.connect();
    driver.ask(browser, upgrade_request);
    driver.receive(ana, "last\n");
    driver.drain();
    // The note was said before the last lines were handed out; both are there, and then FIN.
    CHECK(bob.take() == drain_note + "<ana> last\n");
    CHECK(ana.take() == drain_note);
    CHECK(silent.take() == "<ana> last\n");
    CHECK(frames_of(browser.take()) ==
          std::vector<std::string>{"text <ana> last",
                                   "close 1001 chatd is stopping; reconnect in a moment"});
    for (const Client& client : driver.clients)
        CHECK(client.got_fin);
    CHECK(driver.connect().refused);
    driver.pass(limits::linger_time_max + 20ms);
    CHECK(driver.engine.connection_count() == 0);
}

TEST_CASE("a connection that never says anything costs no turns", "[engine][lifecycle]") {
    EngineDriver driver;
    driver.connect();
    driver.pass(2s);
    driver.join("ana");
    CHECK(driver.engine.next_deadline() == time_never);
}

TEST_CASE("an engine with flying sends can be destroyed", "[engine][lifecycle]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    driver.say(ana, "hello\n");
    REQUIRE(bob.flying);
}
