#include <sstream>
#include <string>

#include "chatd/base/limits.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/text_request.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/text_lines.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;

TEST_CASE("/help lists the commands and ends with their number", "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const std::string answer = driver.ask(ana, "/help\n");
    CHECK(count_of(answer, "-- /") == wire::help_lines().size());
    CHECK(answer.ends_with("NOTE HELP END 31 :Anything else is said in the current room.\n"));
}

TEST_CASE("/ping answers with its token, made safe", "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    CHECK(driver.ask(ana, "/ping\n") == "NOTE PING PONG :\n");
    CHECK(driver.ask(ana, "/ping 42 x\n") == "NOTE PING PONG :42 x\n");
    CHECK(driver.ask(ana, "/ping \x1b[2J\n") == "NOTE PING PONG :\xe2\x90\x9b[2J\n");
}

TEST_CASE("a body has at most 64 lines", "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    std::string lines = "1";
    for (std::size_t line = 1; line < limits::body_lines_max; ++line)
        lines += "\r1";
    CHECK(driver.ask(ana, lines + "\n").empty());
    CHECK(count_of(bob.take(), "<ana> 1") == limits::body_lines_max);
    const std::string refused =
        "TOO_MANY_LINES :A message has at most 64 lines; send it in parts.\n";
    CHECK(driver.ask(ana, lines + "\r1\n") == "FAIL * " + refused);
    CHECK(driver.ask(ana, "/me " + lines + "\r1\n") == "FAIL ME " + refused);
    CHECK(driver.ask(ana, "/msg bob " + lines + "\r1\n") == "FAIL MSG " + refused);
    CHECK(bob.received.empty());
}

TEST_CASE("every command answers with at least one line, but for what is said",
          "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    for (const char* command : {"/help", "/nick ana", "/join dev", "/leave dev", "/rooms", "/who",
                                "/msg ana hi", "/ping", "/notices on", "/notices off", "/dgram on",
                                "/dgram off", "/nosuch", "/msg", "/hex zz", "/hex"}) {
        CAPTURE(command);
        CHECK_FALSE(driver.ask(ana, std::string(command) + "\n").empty());
    }
    for (const char* command : {"said", "/me waves", "/hex 00", "//slash"}) {
        CAPTURE(command);
        CHECK(driver.ask(ana, std::string(command) + "\n").empty());
    }
}

TEST_CASE("every answer parses as a reply or a list line", "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const std::string answers =
        driver.ask(ana,
                   "/help\n/nick -\n/nick eve\n/join #dev\n/join !\n/leave\n/rooms\n/who\n/msg x "
                   "y\n/ping : :\n"
                   "/notices on\n/dgram on 5\n/hex 0\n/\xc3\xbc\n\xff\n/quit\n");
    std::istringstream stream(answers);
    std::size_t count = 0;
    for (std::string line; std::getline(stream, line); ++count) {
        CAPTURE(line);
        const auto event = client::parse_text_event(line);
        const bool shaped = event.kind == client::TextEvent::Kind::reply ||
                            event.kind == client::TextEvent::Kind::notice;
        CHECK(shaped);
    }
    CHECK(count > 25);
}

TEST_CASE("datagrams live in the lobby: who has left it neither sees nor posts any",
          "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    driver.ask(bob, "/dgram on\n");
    driver.ask(bob, "/join dev\n");
    driver.ask(bob, "/leave lobby\n");
    const std::string refused = "NOT_IN_ROOM :You are not in that room; /join it first. (#lobby)\n";
    CHECK(driver.ask(bob, "/hex 00\n") == "FAIL HEX " + refused);
    CHECK(driver.ask(bob, "/dgram on\n") == "FAIL DGRAM " + refused);
    CHECK(driver.ask(bob, "/dgram off\n").starts_with("NOTE DGRAM OK off :"));
    driver.say(ana, "/hex 00\n");
    driver.pass(1s);
    CHECK(bob.received.empty());
}

TEST_CASE("/hex is refused when it is no hex, too long, or too much", "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    CHECK(driver.ask(ana, "/hex zz\n")
              .starts_with(
                  "FAIL HEX BAD_HEX :That is not hex; write bytes like de ad be ef. (column 1: "));
    std::string long_hex = "/hex ";
    for (std::size_t byte = 0; byte <= limits::datagram_bytes_max; ++byte)
        long_hex += "00";
    CHECK(driver.ask(ana, long_hex + "\n").starts_with("FAIL HEX BAD_HEX :"));
    // From elsewhere than loopback posts have the rate of a datagram source.
    Client& far = driver.connect(false);
    std::string burst;
    for (std::uint32_t post = 0; post < limits::udp_packets_per_second_max + 50; ++post)
        burst += "/hex 00\n";
    driver.say(far, burst);
    const std::string answer = far.take();
    CHECK(count_of(answer, "FAIL HEX TOO_FAST :") >= 1);
    CHECK(count_of(answer, "FAIL HEX TOO_FAST :") <= 60);
}

TEST_CASE("who leaves room and lobby talks in the first room by name that is left",
          "[engine][dispatch]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "/join dev\n/join zoo\n/join ops\n/leave lobby\n");
    CHECK(driver.ask(ana, "/leave\n") ==
          "NOTE LEAVE OK #ops :You left #ops; your lines go to #dev.\n");
}
