#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using wire::WebSocketOpcode;
using Frames = std::vector<std::string>;

namespace {

Client& upgraded(EngineDriver& driver, std::string_view request = upgrade_request) {
    Client& client = driver.connect();
    driver.say(client, request);
    REQUIRE(client.received.starts_with("HTTP/1.1 101 "));
    client.received.clear();
    return client;
}

Frames frames_for(EngineDriver& driver, Client& client, std::string_view bytes) {
    return frames_of(driver.ask(client, bytes));
}

std::string with_subprotocol(std::string_view name) {
    std::string request(upgrade_request);
    return request.insert(request.size() - 2,
                          "Sec-WebSocket-Protocol: " + std::string(name) + "\r\n");
}

}  // namespace

TEST_CASE("an upgrade is answered and welcomed with a nick at once", "[engine][websocket]") {
    EngineDriver driver;
    Client& client = driver.connect();
    const std::string answer = driver.ask(client, upgrade_request);
    CHECK(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(answer.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
          std::string::npos);
    CHECK(frames_of(answer) == Frames{"text NOTE * WELCOME #lobby :chatd, #lobby, nobody else here "
                                      "yet. You are guest-1. Type a line to "
                                      "talk; /help; /nick NAME."});
}

TEST_CASE("lines pass between WebSocket and text both ways", "[engine][websocket]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& web = upgraded(driver, upgrade_to("/"));
    driver.say(web, masked_text("from the web"));
    CHECK(ana.take() == "<guest-1> from the web\n");
    CHECK(web.received.empty());
    driver.say(ana, "from a terminal\n");
    CHECK(web.take() == "\x81\x15<ana> from a terminal");
    CHECK(frames_for(driver, web, masked_text("/nick web")) ==
          Frames{"text NOTE NICK OK web :You are web."});
    driver.ask(web, masked_text("/notices on"));
    driver.join("bob");
    CHECK(frames_of(web.take()) == Frames{"text -- bob joined #lobby"});
}

TEST_CASE("a message is one line: none inside, at most one behind it", "[engine][websocket]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& web = upgraded(driver);
    driver.say(
        web, masked_text("ends\n") + masked_text("ends\r\n") + masked_text("") + masked_text("\n"));
    CHECK(ana.take() == "<guest-1> ends\n<guest-1> ends\n");
    CHECK(web.received.empty());
    CHECK(
        frames_for(driver, web, masked_text("one\ntwo")) ==
        Frames{"text FAIL * NEWLINE :One message is one line; send each line as its own message."});
    CHECK(ana.received.empty());
}

TEST_CASE("a message over 4096 bytes is refused, one over 64 KiB ends with 1009",
          "[engine][websocket]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& web = upgraded(driver);
    const std::string longest(limits::line_bytes_max, 'x');
    driver.say(web, masked_text(longest));
    CHECK(ana.take() == "<guest-1> " + longest + "\n");
    CHECK(frames_for(driver, web, masked_text(longest + "x"))
              .front()
              .starts_with("text FAIL * LINE_TOO_LONG :"));
    CHECK(frames_for(driver, web, masked_text(std::string(limits::websocket_text_bytes_max, 'x')))
              .size() == 1);
    const Frames frames = frames_for(
        driver, web, masked_text(std::string(limits::websocket_text_bytes_max + 1, 'x')));
    REQUIRE(frames.size() == 1);
    CHECK(frames.front().starts_with("close 1009 "));
    CHECK(web.got_fin);
    CHECK(ana.received.empty());
}

TEST_CASE("what breaks the protocol ends with its code", "[engine][websocket]") {
    struct Case {
        std::string bytes;
        std::string frame;
    };
    const std::vector<Case> cases = {
        {"\x81\x02hi", "close 1002 "},  // unmasked
        {masked(WebSocketOpcode::text, "\xff"), "close 1007 "},
        {masked(WebSocketOpcode::binary, "x"), "close 1003 "},
        {masked(WebSocketOpcode::continuation, "x"), "close 1002 "},
        {masked(WebSocketOpcode::close, ""), "close 1005 "},
        {masked(WebSocketOpcode::close, std::string("\x03\xe8") + "bye"), "close 1000 "},
        {masked(WebSocketOpcode::close, "\x0f\xa0"), "close 4000 "},
    };
    for (const auto& [bytes, frame] : cases) {
        CAPTURE(frame, bytes);
        EngineDriver driver;
        Client& ana = driver.join("ana");
        Client& web = upgraded(driver);
        const Frames frames = frames_for(driver, web, bytes + masked_text("not said"));
        REQUIRE(frames.size() == 1);
        CHECK(frames.front().starts_with(frame));
        CHECK(web.got_fin);
        CHECK(ana.received.empty());
    }
}

TEST_CASE("FIN without a close frame is answered with one", "[engine][websocket]") {
    EngineDriver driver;
    Client& web = upgraded(driver);
    driver.half_close(web);
    CHECK(frames_of(web.take()) == Frames{"close 1000 "});
    CHECK(web.closed);
}

TEST_CASE("JSON as first message of a connection without subprotocol makes it a JSON-RPC one",
          "[engine][websocket]") {
    const std::string json = R"({"jsonrpc":"2.0","id":1,"method":"rooms"})";
    {
        EngineDriver driver;
        Client& web = upgraded(driver);
        const Frames frames = frames_for(driver, web, masked_text(json));
        REQUIRE(frames.size() == 1);
        CHECK(frames[0].starts_with(R"(text {"jsonrpc":"2.0","result":{"rooms":)"));
        CHECK_FALSE(web.got_fin);
    }
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& later = upgraded(driver);
    driver.say(later, masked_text("hello") + masked_text(json));
    CHECK(ana.take() == "<guest-1> hello\n<guest-1> " + json + "\n");
    // With the text subprotocol chosen it is text from the first message on.
    for (const char* offered : {"chatd.text.v1", "nosuch.v1, chatd.text.v1"}) {
        Client& chosen = upgraded(driver, with_subprotocol(offered));
        driver.say(chosen, masked_text(json));
        CHECK(ana.take().ends_with(json + "\n"));
    }
}

TEST_CASE("the text subprotocol is chosen when offered, an unknown one is not",
          "[engine][websocket]") {
    EngineDriver driver;
    Client& known = driver.connect();
    CHECK(driver.ask(known, with_subprotocol("x, chatd.text.v1"))
              .find("\r\nSec-WebSocket-Protocol: chatd.text.v1\r\n") != std::string::npos);
    Client& unknown = driver.connect();
    const std::string answer = driver.ask(unknown, with_subprotocol("x"));
    CHECK(answer.starts_with("HTTP/1.1 101 "));
    CHECK(answer.find("Sec-WebSocket-Protocol") == std::string::npos);
}

TEST_CASE("bytes one at a time and cut anywhere mean the same", "[engine][websocket]") {
    const std::string script =
        std::string(upgrade_request) + masked_text("hello") +
        masked(WebSocketOpcode::text, "frag", false) + masked(WebSocketOpcode::ping, "p") +
        masked(WebSocketOpcode::continuation, "mented") + masked_text("/nosuch") +
        masked(WebSocketOpcode::close, std::string("\x03\xe8"));
    struct Heard {
        std::string ana;
        std::string web;
        bool operator==(const Heard&) const = default;
    };
    const auto heard = [&](auto&& say) {
        EngineDriver driver;
        Client& ana = driver.join("ana");
        Client& web = driver.connect();
        say(driver, web);
        return Heard{ana.take(), web.take()};
    };
    const Heard whole =
        heard([&](EngineDriver& driver, Client& web) { driver.say_bytewise(web, script); });
    CHECK(whole.ana == "<guest-1> hello\n<guest-1> fragmented\n");
    const Frames frames = frames_of(whole.web);
    REQUIRE(frames.size() == 4);
    CHECK(frames[1] == "pong p");
    CHECK(frames[2].starts_with("text FAIL NOSUCH "));
    CHECK(frames[3] == "close 1000 ");
    for_every_cut(script, [&](std::string_view first, std::string_view second) {
        const Heard cut = heard([&](EngineDriver& driver, Client& web) {
            driver.say(web, first);
            driver.say(web, second);
        });
        REQUIRE(cut.ana == whole.ana);
        REQUIRE(cut.web == whole.web);
    });
}

// -- keepalive -------------------------------------------------------------------------------

TEST_CASE("a quiet connection is pinged every 25 s and ends 10 s after a ping without a sign",
          "[engine][websocket]") {
    EngineDriver driver;
    Client& web = upgraded(driver);
    driver.pass(24900ms);
    CHECK(web.received.empty());
    driver.pass(200ms);
    CHECK(frames_of(web.take()) == Frames{"ping "});
    driver.say(web, masked(WebSocketOpcode::pong, ""));
    driver.pass(24900ms);
    CHECK(web.received.empty());
    driver.pass(200ms);
    CHECK(frames_of(web.take()) == Frames{"ping "});
    driver.pass(9800ms);
    CHECK_FALSE(web.closed);
    driver.pass(300ms);
    CHECK(web.closed);
    CHECK(driver.engine.counters().pings_sent == 2);
}

TEST_CASE("any byte from the peer is a sign of life", "[engine][websocket]") {
    EngineDriver driver;
    Client& web = upgraded(driver);
    for (int round = 0; round < 5; ++round) {
        driver.pass(20s);
        driver.say(web, masked_text("/ping"));
        CHECK(frames_of(web.take()) == Frames{"text NOTE PING PONG :"});
    }
    driver.pass(25100ms);
    CHECK(frames_of(web.take()) == Frames{"ping "});
    driver.say(web, masked_text("hello").substr(0, 1));
    driver.pass(20s);
    CHECK_FALSE(web.closed);
}

TEST_CASE("output that is taken restarts the wait for a pong", "[engine][websocket]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& web = upgraded(driver);
    driver.pass(25100ms);
    for (int round = 0; round < 4; ++round) {
        driver.pass(8s);
        driver.say(ana, "hello\n");
        CHECK_FALSE(web.closed);
    }
    driver.pass(10100ms);
    CHECK(web.closed);
}

TEST_CASE("the wait for a pong begins when the ping has left, not before", "[engine][websocket]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& web = upgraded(driver);
    web.stalled = true;
    driver.say(ana, "hello\n");
    driver.pass(60s);
    CHECK_FALSE(web.closed);  // the ping waits behind the line
    driver.resume(web);
    CHECK(frames_of(web.take()) == Frames{"text <ana> hello", "ping "});
    driver.pass(9800ms);
    CHECK_FALSE(web.closed);
    driver.pass(300ms);
    CHECK(web.closed);
}

TEST_CASE("a ping of which a part has left has not left", "[engine][websocket]") {
    EngineDriver driver;
    Client& web = upgraded(driver);
    web.take_max = 1;
    web.stalled = true;
    driver.pass(25100ms);
    REQUIRE(web.flying);
    web.stalled = false;
    driver.turn();  // one byte of the ping is taken, the rest is sent again
    web.stalled = true;
    web.take_max = SIZE_MAX;
    driver.pass(15s);
    CHECK_FALSE(web.closed);
    driver.resume(web);
    CHECK(frames_of(web.take()) == Frames{"ping "});
    driver.pass(10100ms);
    CHECK(web.closed);
}

TEST_CASE(
    "while we do not read it for the store's sake a connection is not ended by the pong time-out",
    "[engine][websocket]") {
    EngineDriver driver(remembering());
    FakeStore store;
    driver.store = &store;
    Client& web = upgraded(driver);
    driver.pass(20s);
    store.stalled = true;
    driver.say(web, masked_text("/history"));
    driver.say(web, masked_text("/ping still here"));
    REQUIRE(web.paused);
    // Its pong would lie in the kernel all that time.
    driver.pass(200s);
    CHECK_FALSE(web.closed);
    CHECK_FALSE(web.got_fin);
    store.stalled = false;
    driver.settle();
    CHECK_FALSE(web.paused);
    CHECK(frames_of(web.take()) ==
          Frames{"text NOTE HISTORY END 0 :None.", "text NOTE PING PONG :still here"});
    // Once it is read again a pong is waited for as ever.
    driver.pass(25s + 100ms);
    CHECK(frames_of(web.take()) == Frames{"ping "});
    driver.pass(10s + 100ms);
    CHECK(web.closed);
}

TEST_CASE("pings can be switched off", "[engine][websocket]") {
    EngineConfig config;
    config.websocket_ping_interval = Duration::zero();
    EngineDriver driver(config);
    Client& web = upgraded(driver);
    driver.pass(1h);
    CHECK(web.received.empty());
    CHECK_FALSE(web.closed);
}

TEST_CASE("pings are answered in their order, among the replies around them",
          "[engine][websocket]") {
    EngineDriver driver;
    Client& web = upgraded(driver);
    CHECK(frames_for(driver, web,
                     masked(WebSocketOpcode::ping, "1") + masked_text("/ping") +
                         masked(WebSocketOpcode::ping, "2")) ==
          Frames{"pong 1", "text NOTE PING PONG :", "pong 2"});
}

TEST_CASE("where the kernel can be asked, a ping it still holds has not left",
          "[engine][websocket]") {
    EngineConfig config;
    config.can_ask_unsent = true;
    EngineDriver driver(config);
    Client& web = upgraded(driver);
    web.unsent_bytes = 2;
    driver.pass(3min);
    CHECK_FALSE(web.closed);
    CHECK(frames_of(web.take()) == Frames{"ping "});
    // From the report that all has left the whole wait begins.
    web.unsent_bytes = 0;
    driver.pass(9s);
    CHECK_FALSE(web.closed);
    driver.pass(11100ms);
    CHECK(web.closed);
}

// -- /echo -----------------------------------------------------------------------------------

TEST_CASE("/echo gives text and binary back and is in no room", "[engine][websocket]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& echo = upgraded(driver, upgrade_to("/echo"));
    CHECK(frames_for(driver, echo,
                     masked_text("/nick x") + masked(WebSocketOpcode::binary, "\xff")) ==
          Frames{"text /nick x", "binary \xff"});
    driver.say(ana, "hello\n");
    CHECK(echo.received.empty());
    CHECK(driver.ask(ana, "/who\n") == "-- ana\nNOTE WHO END 1 :1 in all.\n");
    const std::string large(1 << 20, 'x');
    CHECK(frames_for(driver, echo, masked(WebSocketOpcode::binary, large)) ==
          Frames{"binary " + large});
}

TEST_CASE("/echo stops reading while too much of its answers is unsent", "[engine][websocket]") {
    EngineConfig config;
    config.stream_bytes_max = 1'000;
    EngineDriver driver(config);
    Client& echo = upgraded(driver, upgrade_to("/echo"));
    echo.stalled = true;
    const std::string first(900, '1');
    const std::string second(900, '2');
    driver.say(echo, masked_text(first));
    CHECK_FALSE(echo.paused);
    driver.say(echo, masked_text(second) + masked_text("three"));
    CHECK(echo.paused);
    driver.resume(echo);
    CHECK_FALSE(echo.paused);
    CHECK(frames_of(echo.take()) == Frames{"text " + first, "text " + second, "text three"});
}

TEST_CASE("unfinished messages of all connections share one budget, past it 1013",
          "[engine][websocket]") {
    EngineConfig config;
    config.reassembly_bytes_max = 300'000;
    EngineDriver driver(config);
    std::vector<Client*> holders;
    const std::string half = masked(WebSocketOpcode::binary, std::string(100'000, 'x'), false);
    Frames last;
    for (int count = 0; count < 4 && last.empty(); ++count) {
        holders.push_back(&upgraded(driver, upgrade_to("/echo")));
        last = frames_for(driver, *holders.back(), half);
    }
    REQUIRE(last.size() == 1);
    CHECK(last.front().starts_with("close 1013 "));
    REQUIRE(holders.size() >= 2);
    // What ends gives its share back.
    for (Client* holder : holders)
        driver.reset(*holder);
    Client& next = upgraded(driver, upgrade_to("/echo"));
    CHECK(driver.ask(next, half).empty());
    CHECK(frames_for(driver, next, masked(WebSocketOpcode::continuation, "end")).size() == 1);
}

TEST_CASE("a WebSocket that speaks and half-closes in one turn gets its close frame",
          "[engine][websocket]") {
    EngineDriver driver;
    Client& socket = driver.connect();
    driver.say(socket, upgrade_request);
    socket.received.clear();
    // Its own line marks the room, its FIN marks the connection: its end is noticed twice.
    driver.receive(socket, masked_text("bye"));
    driver.end_input(socket);
    driver.settle();
    CHECK(frames_of(socket.take()) == std::vector<std::string>{"close 1000 "});
    CHECK(socket.got_fin);
}
