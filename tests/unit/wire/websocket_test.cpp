#include "chatd/wire/websocket.hpp"

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"
#include "support/websocket_cases.hpp"
#include "support/websocket_echo.hpp"
#include "wire/websocket_mask.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;
using namespace std::string_literals;
namespace parts = chatd::test::websocket_case_parts;
using Kind = WebSocketStep::Kind;

namespace {

MaskKey random_key(Prng& random) {
    MaskKey key;
    for (std::byte& byte : key)
        byte = static_cast<std::byte>(random.next());
    return key;
}

/// A frame as the given role sends it.
void append_as(std::string& target, WebSocketRole sender, WebSocketOpcode opcode,
               std::string_view payload, Prng& random, bool final = true) {
    if (sender == WebSocketRole::client) {
        append_masked_frame(target, opcode, as_bytes(payload), random_key(random), final);
    } else {
        append_frame(target, opcode, as_bytes(payload), final);
    }
}

WebSocketRole other(WebSocketRole role) {
    return role == WebSocketRole::server ? WebSocketRole::client : WebSocketRole::server;
}

}  // namespace

TEST_CASE("a frame decodes to what was encoded, both roles and every size", "[wire][websocket]") {
    Prng random(7);
    for (const auto sender : {WebSocketRole::client, WebSocketRole::server}) {
        for (std::size_t size = 0; size < 300; ++size) {
            std::string payload(size, '\0');
            for (char& byte : payload)
                byte = static_cast<char>(random.next());
            std::string wire_bytes;
            append_as(wire_bytes, sender, WebSocketOpcode::binary, payload, random);
            const std::size_t mask_bytes = sender == WebSocketRole::client ? 4 : 0;
            CHECK(wire_bytes.size() == frame_header_bytes(size) + mask_bytes + size);
            const Guarded guarded(wire_bytes);
            WebSocketEnd receiver(other(sender));
            CHECK(receiver.events(guarded.text()) ==
                  std::vector<SeenEvent>{{Kind::binary, 0, payload}});
            CHECK(receiver.decoder().between_messages());
        }
    }
}

TEST_CASE("random conversations survive any cutting, both roles", "[wire][websocket]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Prng random(seed);
        const auto sender = random.chance(50) ? WebSocketRole::client : WebSocketRole::server;
        std::string wire_bytes;
        std::vector<SeenEvent> expected;
        for (int message = 0; message < 6; ++message) {
            const bool text = random.chance(50);
            SeenEvent whole{text ? Kind::text : Kind::binary, 0, ""};
            const std::uint64_t fragments = 1 + random.below(4);
            for (std::uint64_t number = 1; number <= fragments; ++number) {
                std::string piece;
                const std::uint64_t length = random.below(random.chance(10) ? 700 : 40);
                for (std::uint64_t index = 0; index < length; ++index) {
                    piece += text ? "é"s : std::string(1, static_cast<char>(random.next()));
                }
                const auto first = text ? WebSocketOpcode::text : WebSocketOpcode::binary;
                append_as(wire_bytes, sender, number == 1 ? first : WebSocketOpcode::continuation,
                          piece, random, number == fragments);
                whole.payload += piece;
                if (number < fragments && random.chance(40)) {
                    const std::string pinged(random.below(126), 'p');
                    append_as(wire_bytes, sender, WebSocketOpcode::ping, pinged, random);
                    expected.push_back({Kind::ping, 0, pinged});
                }
            }
            expected.push_back(whole);
        }
        WebSocketEnd receiver(other(sender));
        std::vector<SeenEvent> seen;
        std::string_view rest = wire_bytes;
        while (!rest.empty()) {
            const std::size_t bytes = 1 + random.below(random.chance(50) ? 3 : 200);
            const Guarded piece(rest.substr(0, bytes));
            for (SeenEvent& event : receiver.events(piece.text()))
                seen.push_back(std::move(event));
            rest.remove_prefix(std::min(bytes, rest.size()));
        }
        CAPTURE(seed);
        CHECK(seen == expected);
        CHECK(receiver.decoder().between_messages());
        CHECK(receiver.message().capacity() == std::string().capacity());
    }
}

TEST_CASE("the frames of RFC 6455 5.7", "[wire][websocket]") {
    WebSocketEnd client(WebSocketRole::client);
    CHECK(client.events("\x81\x05Hello"s) == std::vector<SeenEvent>{{Kind::text, 0, "Hello"}});
    CHECK(client.events("\x01\x03Hel\x80\x02lo"s) ==
          std::vector<SeenEvent>{{Kind::text, 0, "Hello"}});
    CHECK(client.events("\x89\x05Hello"s) == std::vector<SeenEvent>{{Kind::ping, 0, "Hello"}});
    const std::string longest(65'536, 'x');
    CHECK(client.events("\x82\x7e\x01\x00"s + longest.substr(0, 256)).front().payload.size() ==
          256);
    CHECK(client.events("\x82\x7f\0\0\0\0\0\x01\0\0"s + longest).front().payload == longest);

    std::string encoded;
    append_frame(encoded, WebSocketOpcode::text, as_bytes("Hello"));
    CHECK(encoded == "\x81\x05Hello");
    encoded.clear();
    const MaskKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
    append_masked_frame(encoded, WebSocketOpcode::text, as_bytes("Hello"), key);
    CHECK(encoded == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    encoded.clear();
    append_frame_header(encoded, WebSocketOpcode::binary, 256);
    append_frame_header(encoded, WebSocketOpcode::binary, 65'536, false);
    CHECK(encoded == "\x82\x7e\x01\x00\x02\x7f\0\0\0\0\0\x01\0\0"s);
}

TEST_CASE("a client refuses masked frames", "[wire][websocket]") {
    WebSocketEnd client(WebSocketRole::client);
    const auto events = client.events(parts::text("Hello"));
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == Kind::failed);
    CHECK(events[0].code == close_code::protocol_error);
}

TEST_CASE("bad text fails at the byte that spoils it", "[wire][websocket]") {
    const std::string sent = parts::header(0x81, 100) + parts::masked("ok\xf4\x90");
    WebSocketEnd server(WebSocketRole::server);
    CHECK(server.events(sent.substr(0, sent.size() - 1)).empty());
    const auto events = server.events(sent.substr(sent.size() - 1));
    REQUIRE(events.size() == 1);
    CHECK(events[0].code == close_code::bad_payload);
}

TEST_CASE("a header fails at the byte that spoils it", "[wire][websocket]") {
    const auto first_failing_byte = [](std::string_view sent) -> std::size_t {
        WebSocketEnd server(WebSocketRole::server, {.message_bytes_max = 1000, .fragments_max = 4});
        for (std::size_t index = 0; index < sent.size(); ++index) {
            if (!server.events(sent.substr(index, 1)).empty()) return index;
        }
        return std::string_view::npos;
    };
    CHECK(first_failing_byte(parts::header(0xc1, 1)) == 0);
    CHECK(first_failing_byte(parts::header(0x83, 1)) == 0);
    CHECK(first_failing_byte(parts::header(0x09, 1)) == 0);
    CHECK(first_failing_byte(parts::header(0x80, 1)) == 0);
    CHECK(first_failing_byte("\x81\x01x") == 1);
    CHECK(first_failing_byte(parts::header(0x89, 126)) == 1);
    CHECK(first_failing_byte(parts::header(0x82, 1001)) == 3);
    CHECK(first_failing_byte(parts::header(0x82, 100'000)) == 9);
    CHECK(first_failing_byte(parts::header(0x82, 1000)) == std::string_view::npos);
}

TEST_CASE("what follows a close or a failure is swallowed", "[wire][websocket]") {
    for (const std::string& end : {parts::close(1000), "\xff"s}) {
        WebSocketEnd server(WebSocketRole::server);
        CHECK(server.events(parts::text_part(std::string(100, 'b')) + end + parts::text("late"))
                  .size() == 1);
        CHECK(server.events(parts::text("later")).empty());
        CHECK_FALSE(server.decoder().between_messages());
        CHECK(server.message().capacity() == std::string().capacity());
    }
}

TEST_CASE("consumed ends with the frame of the event", "[wire][websocket]") {
    const std::string first = parts::text("one");
    const std::string input = first + parts::ping("") + parts::text("three");
    WebSocketDecoder decoder(WebSocketRole::server);
    std::string message;
    std::string scratch;
    const auto step = decoder.step(as_bytes(input), echo_limits, {message, scratch, 0});
    CHECK(step.kind == Kind::text);
    CHECK(step.consumed == first.size());
    const auto none = decoder.step({}, echo_limits, {message, scratch, 0});
    CHECK(none.kind == Kind::none);
    CHECK(none.consumed == 0);
}

TEST_CASE("a message that stands whole in the input needs no memory of its own",
          "[wire][websocket]") {
    WebSocketEnd server(WebSocketRole::server, echo_limits, 0);
    const std::string payload(5'000, 'x');
    const auto events =
        server.events(parts::text(payload) + parts::ping("p") + parts::binary(payload));
    REQUIRE(events.size() == 3);
    CHECK(events[0].payload == payload);
    CHECK(events[2].payload == payload);
    CHECK(server.message().capacity() == std::string().capacity());
}

TEST_CASE("an unmasked frame is handed out where it stands", "[wire][websocket]") {
    WebSocketDecoder decoder(WebSocketRole::client);
    std::string message;
    std::string scratch;
    const std::string input = "\x82\x05Hello";
    const auto step = decoder.step(as_bytes(input), echo_limits, {message, scratch, 0});
    CHECK(step.payload.data() == as_bytes(input).data() + 2);
}

TEST_CASE("an unfinished message grows with what came, not with what was announced",
          "[wire][websocket]") {
    WebSocketEnd server(WebSocketRole::server);
    server.events(parts::header(0x82, 16 << 20) + std::string(1'000, 'x'));
    CHECK(server.message().capacity() <= 2'000);
    std::size_t sent = 1'000;
    for (; sent < 100'000; sent += 1'000)
        server.events(std::string(1'000, 'x'));
    CHECK(server.message().capacity() <= 2 * sent);

    WebSocketEnd exact(WebSocketRole::server);
    exact.events(parts::header(0x82, 70'000) + std::string(40'000, 'x'));
    exact.events(std::string(29'999, 'x'));
    CHECK(exact.message().capacity() == 70'000);
    CHECK(exact.events("x").size() == 1);
    CHECK(exact.message().capacity() == std::string().capacity());
}

TEST_CASE("growth keeps to the allowance, then 1013", "[wire][websocket]") {
    for (std::size_t allowance = 0; allowance < 300; ++allowance) {
        Prng random(allowance);
        WebSocketDecoder decoder(WebSocketRole::server);
        std::string message;
        std::string scratch;
        const std::string sent =
            parts::header(0x02, 250) + std::string(250, 'x') + parts::header(0x80, 50);
        Bytes rest = as_bytes(sent);
        const std::size_t before = message.capacity();
        bool failed = false;
        while (!rest.empty() && !failed) {
            const Bytes piece = rest.first(std::min<std::size_t>(rest.size(), 1 + random.below(9)));
            const std::size_t left = allowance - (message.capacity() - before);
            const auto step = decoder.step(piece, echo_limits, {message, scratch, left});
            failed = step.kind == Kind::failed;
            if (failed) CHECK(step.code == close_code::busy);
            REQUIRE(message.capacity() - before <= allowance);
            rest = rest.subspan(step.consumed);
        }
        CAPTURE(allowance);
        CHECK(failed == (allowance + before < 250));
        if (failed) CHECK(message.capacity() == before);
    }
}

TEST_CASE("a control frame cut inside a message leaves the message alone", "[wire][websocket]") {
    const std::string sent = parts::text_part("frag") + parts::ping(std::string(125, 'p')) +
                             parts::pong("x") + parts::last("ment");
    WebSocketEnd server(WebSocketRole::server);
    std::vector<SeenEvent> seen;
    for (const char& byte : sent) {
        for (SeenEvent& event : server.events({&byte, 1}))
            seen.push_back(std::move(event));
    }
    CHECK(seen == std::vector<SeenEvent>{{Kind::ping, 0, std::string(125, 'p')},
                                         {Kind::pong, 0, "x"},
                                         {Kind::text, 0, "fragment"}});
}

TEST_CASE("a control frame that came in pieces leaves no memory behind", "[wire][websocket]") {
    const std::string sent = parts::ping(std::string(125, 'p'));
    WebSocketEnd server(WebSocketRole::server);
    CHECK(server.events(sent.substr(0, 100)).empty());
    CHECK_FALSE(server.decoder().between_messages());
    CHECK(server.events(sent.substr(100)).size() == 1);
    CHECK(server.decoder().between_messages());
    CHECK(server.message().capacity() == std::string().capacity());
}

TEST_CASE("limits count the message, not its frames or its pings", "[wire][websocket]") {
    const WebSocketLimits limits{.message_bytes_max = 10, .fragments_max = 3};
    const auto code_of = [&](const std::string& sent) {
        WebSocketEnd server(WebSocketRole::server, limits);
        const auto events = server.events(sent);
        return events.empty() ? 0 : events.back().code;
    };
    CHECK(code_of(parts::text("0123456789")) == 0);
    CHECK(code_of(parts::text("0123456789a")) == close_code::too_big);
    CHECK(code_of(parts::text_part("01234") + parts::ping("01234567890") + parts::last("56789")) ==
          0);
    CHECK(code_of(parts::text_part("01234") + parts::last("567890")) == close_code::too_big);
    CHECK(code_of(parts::text_part("0") + parts::more("1") + parts::last("2")) == 0);
    CHECK(code_of(parts::text_part("0") + parts::more("1") + parts::more("2") + parts::last("")) ==
          close_code::too_big);
}

TEST_CASE("a huge message leaves no huge scratch buffer behind", "[wire][websocket]") {
    WebSocketDecoder decoder(WebSocketRole::server);
    std::string message;
    std::string scratch;
    const std::string huge = parts::binary(std::string(1 << 20, 'x'));
    const auto step = decoder.step(as_bytes(huge), echo_limits, {message, scratch, 0});
    CHECK(step.payload.size() == 1 << 20);
    decoder.step(as_bytes(parts::text("x")), echo_limits, {message, scratch, 0});
    CHECK(scratch.capacity() <= limits::websocket_scratch_bytes_max);
}

TEST_CASE("close frames carry code and reason, cut where a character ends", "[wire][websocket]") {
    WebSocketEnd client(WebSocketRole::client);
    std::string encoded;
    append_close(encoded, close_code::going_away, "drain");
    CHECK(encoded ==
          "\x88\x07\x03\xe9"
          "drain");
    CHECK(client.events(encoded) ==
          std::vector<SeenEvent>{{Kind::close, close_code::going_away, "drain"}});

    encoded.clear();
    append_close(encoded, close_code::none, "not sent");
    CHECK(encoded == "\x88\0"s);

    // 61 characters of two bytes fill 122 of the 123 bytes.
    std::string reason;
    for (int count = 0; count < 100; ++count)
        reason += "é";
    encoded.clear();
    append_masked_close(encoded, close_code::policy, reason, MaskKey{});
    WebSocketEnd server(WebSocketRole::server);
    CHECK(server.events(encoded) ==
          std::vector<SeenEvent>{{Kind::close, close_code::policy, reason.substr(0, 122)}});
}

TEST_CASE("close codes of RFC 6455 7.4 and the IANA registry", "[wire][websocket]") {
    for (unsigned code = 0; code <= 0xffff; ++code) {
        const bool valid = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
                           (code >= 3000 && code <= 4999);
        if (close_code_valid(static_cast<std::uint16_t>(code)) != valid) {
            CAPTURE(code);
            CHECK(close_code_valid(static_cast<std::uint16_t>(code)) == valid);
        }
    }
}

TEST_CASE("masking by words equals masking by bytes, at every offset", "[wire][websocket]") {
    Prng random(3);
    for (std::size_t size = 0; size < 100; ++size) {
        const MaskKey key = random_key(random);
        std::uint32_t mask;
        std::memcpy(&mask, key.data(), sizeof mask);
        std::string source(size, '\0');
        for (char& byte : source)
            byte = static_cast<char>(random.next());
        std::string expected = source;
        for (std::size_t index = 0; index < size; ++index) {
            expected[index] =
                static_cast<char>(expected[index] ^ std::to_integer<char>(key[index % 4]));
        }
        const bool ascii = std::all_of(expected.begin(), expected.end(), [](char byte) {
            return static_cast<signed char>(byte) >= 0;
        });
        for (std::size_t cut = 0; cut <= size; ++cut) {
            const Guarded from(source);
            std::string target(size, '\0');
            auto* to = reinterpret_cast<std::byte*>(target.data());
            const bool first = copy_masked(to, from.bytes().first(cut), mask);
            const bool second =
                copy_masked(to + cut, from.bytes().subspan(cut), mask_after(mask, cut));
            CHECK(target == expected);
            CHECK((first && second) == ascii);
        }
    }
}
