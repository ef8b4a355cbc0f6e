// Each adapter against what its server says: whole, cut at every byte, and against a guard page.

#include "load/adapter.hpp"

#include "adapter_reader.hpp"
#include "chatd/wire/websocket.hpp"

using namespace chatd;
using namespace chatd::load;
using namespace std::string_literals;

TEST_CASE("protocols go by their names", "[load][adapter]") {
    for (const char* name : {"chatd", "websocket", "json", "websocket_json", "sse", "udp", "redis",
                             "nats", "ncat", "irc", "mqtt", "floor"}) {
        REQUIRE(protocol_named(name));
        CHECK(name_of(*protocol_named(name)) == name);
    }
    CHECK_FALSE(protocol_named("telnet"));
}

TEST_CASE("chatd: lines in the lobby and in other rooms, replies, gaps", "[load][adapter]") {
    const Log log = heard_in(Protocol::chatd,
                             "NOTE * WELCOME #lobby :chatd, #lobby, 3 here.\n"
                             "NOTE NICK OK u7 :You are u7.\n"
                             "<ana> one\n#dev <bob> two\nNOTE * GAP #lobby 3-9 :missed\n"
                             "-- cy joined\n* ana waves\n<ana> th");
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"one", "two"});
    CHECK(log.gaps == 1);
    CHECK(log.refusal.empty());
    CHECK(said(Protocol::chatd, "hello") == "hello\n");
    CHECK(greeting(Protocol::chatd, listener) == "/nick u7\n");
}

TEST_CASE("chatd: a taken nick leaves a guest, any other failure ends it", "[load][adapter]") {
    CHECK(heard_in(Protocol::chatd, "FAIL NICK NICK_IN_USE u7 :Taken.\n").ready);
    CHECK(heard_in(Protocol::chatd, "FAIL NICK NICK_IN_USE u7 :Taken.\n").refusal.empty());
    CHECK(heard_in(Protocol::chatd, "FAIL * LINE_TOO_LONG :Too long.\n").refusal ==
          "FAIL * LINE_TOO_LONG :Too long.");
}

TEST_CASE("chatd: another room is joined and the lobby left", "[load][adapter]") {
    const auto adapter = make_adapter(Protocol::chatd, {.room = "dev"});
    CHECK(adapter->greeting(listener) == "/nick u7\n/join dev\n/leave lobby\n");
    Heard heard;
    adapter->decode("NOTE NICK OK u7 :You are u7.\nNOTE JOIN OK #dev :Hi.\n", listener, false,
                    heard);
    CHECK_FALSE(heard.ready);
    heard.clear();
    adapter->decode("NOTE LEAVE OK #lobby :Left.\n", listener, false, heard);
    CHECK(heard.ready);
}

TEST_CASE("websocket: the upgrade, the nick, frames and pings", "[load][adapter]") {
    std::string input = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    const auto frame = [&](wire::WebSocketOpcode opcode, std::string_view payload) {
        wire::append_frame(input, opcode, as_bytes(payload));
    };
    frame(wire::WebSocketOpcode::text, "NOTE NICK OK u7 :You are u7.");
    frame(wire::WebSocketOpcode::text, "<ana> one");
    frame(wire::WebSocketOpcode::ping, "");
    frame(wire::WebSocketOpcode::text, "<ana> " + std::string(300, 'x'));
    const Log log = heard_in(Protocol::websocket, input);
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"one", std::string(300, 'x')});
    // "/nick u7" masked, then an empty masked pong.
    CHECK(log.replies.size() == 6 + 8 + 6);
    CHECK(log.replies[6 + 8] == '\x8a');

    const std::string hello = greeting(Protocol::websocket, listener, {.host = "there:80"});
    CHECK(hello.starts_with("GET /ws HTTP/1.1\r\nHost: there:80\r\n"));
    CHECK(hello.ends_with("\r\n\r\n"));
}

TEST_CASE("websocket: what is said is a masked text frame", "[load][adapter]") {
    const std::string bytes = said(Protocol::websocket, "hello");
    wire::WebSocketDecoder decoder(wire::WebSocketRole::server);
    std::string message;
    std::string scratch;
    const auto step = decoder.step(as_bytes(bytes), {.message_bytes_max = 100, .fragments_max = 1},
                                   {message, scratch, 100});
    CHECK(step.kind == wire::WebSocketStep::Kind::text);
    CHECK(as_text(step.payload) == "hello");
    CHECK(step.consumed == bytes.size());
}

TEST_CASE("websocket: fragments make one body", "[load][adapter]") {
    std::string input;
    wire::append_frame(input, wire::WebSocketOpcode::text, as_bytes("<ana> on"), false);
    wire::append_frame(input, wire::WebSocketOpcode::continuation, as_bytes("e"), true);
    wire::append_frame(input, wire::WebSocketOpcode::text, as_bytes("<ana> two"));
    Reader reader(Protocol::websocket, listener);
    reader.read(input);
    CHECK(reader.log().bodies == Bodies{"one", "two"});
    CHECK(reader.rest().empty());
}

TEST_CASE("websocket: a refusal is told", "[load][adapter]") {
    CHECK(heard_in(Protocol::websocket, "HTTP/1.1 403 Forbidden\r\n\r\n").refusal ==
          "HTTP/1.1 403 Forbidden");
    std::string closing;
    wire::append_close(closing, wire::close_code::going_away, "bye");
    CHECK(heard_in(Protocol::websocket, closing).refusal == "closed with 1001 bye");
}

TEST_CASE("udp: a datagram is a body", "[load][adapter]") {
    Reader reader(Protocol::udp, listener);
    reader.read("abc");
    reader.read("def");
    CHECK(reader.log().bodies == Bodies{"abc", "def"});
    CHECK(said(Protocol::udp, "abc") == "abc");
    CHECK(make_adapter(Protocol::udp, {})->traits().datagrams);
}

TEST_CASE("redis: pushes are bodies, the subscription ends the login", "[load][adapter]") {
    const std::string hello = "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nmodules\r\n*0\r\n";
    const std::string push = ">3\r\n$7\r\nmessage\r\n$5\r\nlobby\r\n";
    const Log log =
        heard_in(Protocol::redis, hello + ">3\r\n$9\r\nsubscribe\r\n$5\r\nlobby\r\n:1\r\n" + push +
                                      "$5\r\na\r\nbc\r\n:100\r\n" + push + "$2\r\nxy\r\n" + push);
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"a\r\nbc", "xy"});
    CHECK(heard_in(Protocol::redis, hello, publisher).ready);
    CHECK_FALSE(heard_in(Protocol::redis, hello).ready);
    CHECK(said(Protocol::redis, "abc") == "*3\r\n$7\r\nPUBLISH\r\n$5\r\nlobby\r\n$3\r\nabc\r\n");
    CHECK(greeting(Protocol::redis, listener) == "HELLO 3\r\nSUBSCRIBE lobby\r\n");
}

TEST_CASE("redis: errors and nonsense are refused", "[load][adapter]") {
    CHECK(heard_in(Protocol::redis, "-ERR max number of clients reached\r\n").refusal ==
          "-ERR max number of clients reached");
    for (const char* nonsense : {"hello\r\n", "\r\n", "$x\r\n", "*99999\r\n", "$-2\r\n"}) {
        CAPTURE(nonsense);
        CHECK_FALSE(heard_in(Protocol::redis, nonsense).refusal.empty());
    }
    std::string deep;
    for (int depth = 0; depth < 20; ++depth)
        deep += "*1\r\n";
    CHECK_FALSE(heard_in(Protocol::redis, deep + ":1\r\n").refusal.empty());
}

TEST_CASE("nats: messages by size, pings, the pong that ends the login", "[load][adapter]") {
    const Log log = heard_in(Protocol::nats,
                             "INFO {\"server_id\":\"x\"}\r\nPONG\r\nMSG lobby 1 5\r\na\r\nbc\r\n"
                             "PING\r\nMSG lobby 1 reply 2\r\nxy\r\nMSG lobby 1 9\r\nabc");
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"a\r\nbc", "xy"});
    CHECK(log.replies == "PONG\r\n");
    CHECK(said(Protocol::nats, "abc") == "PUB lobby 3\r\nabc\r\n");
    CHECK(greeting(Protocol::nats, listener).ends_with("SUB lobby 1\r\nPING\r\n"));
    CHECK(greeting(Protocol::nats, publisher).find("SUB") == std::string::npos);
    CHECK(heard_in(Protocol::nats, "-ERR 'Slow Consumer'\r\n").refusal == "-ERR 'Slow Consumer'");
    CHECK_FALSE(heard_in(Protocol::nats, "MSG lobby 1 x\r\n").refusal.empty());
}

TEST_CASE("ncat: only the first line of a block has a name", "[load][adapter]") {
    Reader reader(Protocol::ncat, listener);
    reader.read("<announce> 127.0.0.1 is connected as <user5>.\n");
    CHECK(reader.log().ready);
    reader.read("<user9> one\ntwo\n<user9> three\n<ann");
    CHECK(reader.log().bodies == Bodies{"one", "two", "three"});
    CHECK(reader.rest() == "<ann");
    CHECK(said(Protocol::ncat, "abc") == "abc\n");
}

TEST_CASE("irc: registration, join, messages, pings", "[load][adapter]") {
    const Log log =
        heard_in(Protocol::irc,
                 ":irc NOTICE * :*** hello\r\nPING :12345\r\n:irc 001 u7 :Welcome\r\n"
                 ":irc 422 u7 :No message of the day\r\n:irc 353 u7 = #lobby :u7\r\n"
                 ":irc 366 u7 #lobby :End of /NAMES list.\r\n"
                 ":u8!u8@host PRIVMSG #lobby :one : two\r\n:u9!u9@host JOIN :#lobby\r\n");
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"one : two"});
    CHECK(log.replies == "PONG :12345\r\nJOIN #lobby\r\n");
    CHECK(said(Protocol::irc, "abc") == "PRIVMSG #lobby :abc\r\n");
    CHECK(greeting(Protocol::irc, listener) == "NICK u7\r\nUSER u7 0 * :u7\r\n");
    CHECK(heard_in(Protocol::irc, "ERROR :Closing link\r\n").refusal == "ERROR :Closing link");
    CHECK_FALSE(heard_in(Protocol::irc, ":irc 433 * u7 :in use\r\n").refusal.empty());
    CHECK(heard_in(Protocol::irc, ":\r\n:irc\r\n: \r\n\r\n").refusal.empty());
}

TEST_CASE("mqtt: packets by their length, subscription after CONNACK", "[load][adapter]") {
    const std::string connack = "\x20\x02\x00\x00"s;
    const std::string suback = "\x90\x03\x00\x01\x00"s;
    const std::string large(300, 'x');
    const Log log =
        heard_in(Protocol::mqtt, connack + suback + "\x30\x0a\x00\x05lobbyabc"s +
                                     "\x30\xb3\x02\x00\x05lobby"s + large + "\x30\x0a"s);
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"abc", large});
    CHECK(log.replies == "\x82\x0a\x00\x01\x00\x05lobby\x00"s);
    CHECK(heard_in(Protocol::mqtt, connack, publisher).ready);
    CHECK_FALSE(heard_in(Protocol::mqtt, connack).ready);
    CHECK(said(Protocol::mqtt, "abc") == "\x30\x0a\x00\x05lobbyabc"s);
    CHECK(said(Protocol::mqtt, large) == "\x30\xb3\x02\x00\x05lobby"s + large);
    CHECK(greeting(Protocol::mqtt, listener) == "\x10\x0e\x00\x04MQTT\x04\x02\x00\x00\x00\x02u7"s);
}

TEST_CASE("mqtt: refusals and nonsense", "[load][adapter]") {
    CHECK_FALSE(heard_in(Protocol::mqtt, "\x20\x02\x00\x05"s).refusal.empty());
    CHECK_FALSE(heard_in(Protocol::mqtt, "\x90\x03\x00\x01\x80"s).refusal.empty());
    CHECK_FALSE(heard_in(Protocol::mqtt, "\x30\xff\xff\xff\xff\x01"s).refusal.empty());
    // A PUBLISH too short for its topic says nothing.
    CHECK(heard_in(Protocol::mqtt, "\x30\x01x\x30\x03\x00\x05l"s).bodies.empty());
}

TEST_CASE("floor: what is said is what chatd's listeners hear", "[load][adapter]") {
    const std::string bytes = said(Protocol::floor, "abc");
    CHECK(bytes == "<u8> abc\n");
    CHECK(heard_in(Protocol::floor, bytes + bytes).bodies == Bodies{"abc", "abc"});
    CHECK(heard_in(Protocol::chatd, bytes).bodies == Bodies{"abc"});
}
