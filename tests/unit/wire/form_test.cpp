#include "chatd/wire/form.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/utf8.hpp"
#include "chatd/wire/websocket.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;
using client::TextEvent;

namespace {

constexpr std::array forms{Form::text, Form::text_notices, Form::websocket_text,
                           Form::websocket_text_notices};

std::string encoded(Form form, const Event& event) {
    std::string out;
    append_event(out, form, event);
    return out;
}

/// The LF-ended lines of an encoding; every byte of it must belong to one.
std::vector<std::string> text_lines(const std::string& out) {
    std::vector<std::string> lines;
    std::size_t start = 0;
    for (std::size_t end; (end = out.find('\n', start)) != std::string::npos; start = end + 1) {
        lines.push_back(out.substr(start, end - start));
    }
    REQUIRE(start == out.size());
    return lines;
}

/// The text messages of an encoding, read by the client's side of the frame codec.
std::vector<std::string> frame_lines(const std::string& out) {
    std::vector<std::string> lines;
    WebSocketDecoder decoder(WebSocketRole::client);
    std::string message;
    std::string scratch;
    for (Bytes rest = as_bytes(out); !rest.empty();) {
        const auto step = decoder.step(rest, {.message_bytes_max = 1 << 20, .fragments_max = 1},
                                       {message, scratch, 1 << 20});
        REQUIRE(step.kind == WebSocketStep::Kind::text);
        lines.emplace_back(as_text(step.payload));
        rest = rest.subspan(step.consumed);
    }
    REQUIRE(decoder.between_messages());
    return lines;
}

std::vector<std::string> lines_of(Form form, const std::string& out) {
    return is_websocket(form) ? frame_lines(out) : text_lines(out);
}

struct Case {
    Event event;
    std::string text;  ///< in the forms without notices
    bool is_notice = false;
};

const std::vector<Case> cases = {
    {{EventKind::message, "lobby", "ana", "hello"}, "<ana> hello"},
    {{EventKind::message, "dev", "ana", "hello"}, "#dev <ana> hello"},
    {{EventKind::message, "lobby", "ana", ""}, ""},
    {{EventKind::action, "lobby", "ana", "waves"}, "* ana waves"},
    {{EventKind::action, "dev", "ana", "waves"}, "#dev * ana waves"},
    {{EventKind::joined, "lobby", "ana", ""}, "-- ana joined #lobby", true},
    {{EventKind::joined, "dev", "ana", ""}, "-- ana joined #dev", true},
    {{EventKind::left, "dev", "ana", ""}, "-- ana left #dev", true},
    {{EventKind::left, "dev", "ana", "timed out"}, "-- ana left #dev (timed out)", true},
    {{EventKind::renamed, "dev", "ana", "bob"}, "-- ana is now bob in #dev", true},
    {{EventKind::joined_many, "lobby", "", "500"}, "-- 500 joined #lobby", true},
    {{EventKind::left_many, "dev", "", "7"}, "-- 7 left #dev", true},
};

}  // namespace

TEST_CASE("every kind of event is shown as the protocol says, in every form", "[wire][form]") {
    for (const auto& [event, text, is_notice] : cases) {
        for (const Form form : forms) {
            CAPTURE(text, static_cast<int>(form));
            const auto lines = lines_of(form, encoded(form, event));
            if (text.empty() || (is_notice && !shows_notices(form))) {
                CHECK(lines.empty());
            } else {
                CHECK(lines == std::vector<std::string>{text});
            }
        }
    }
}

TEST_CASE("a line is its text and LF, or one unmasked text frame", "[wire][form]") {
    const Event event{EventKind::message, "lobby", "ana", "hello"};
    CHECK(encoded(Form::text, event) == "<ana> hello\n");
    CHECK(encoded(Form::websocket_text, event) == "\x81\x0b<ana> hello");
    std::string out;
    append_line(out, false, "NOTE * X :y");
    append_line(out, true, "hi");
    CHECK(out == "NOTE * X :y\n\x81\x02hi");
}

TEST_CASE("frames use the shortest length at every size of a line", "[wire][form]") {
    for (const std::size_t bytes : {0U, 1U, 125U, 126U, 127U, 4'096U, 65'535U, 65'536U}) {
        CAPTURE(bytes);
        const std::string line(bytes, 'x');
        std::string out;
        append_line(out, true, line);
        CHECK(out.size() == bytes + frame_header_bytes(bytes));
        CHECK(frame_lines(out) == std::vector<std::string>{line});
    }
}

TEST_CASE("each text line of a body carries its author again", "[wire][form]") {
    const Event event{EventKind::message, "dev", "ana",
                      "one\ntwo\r\nthree\rfour\xe2\x80\xa8"
                      "five\xe2\x80\xa9"
                      "six\n"};
    const std::vector<std::string> expected{"#dev <ana> one",   "#dev <ana> two",
                                            "#dev <ana> three", "#dev <ana> four",
                                            "#dev <ana> five",  "#dev <ana> six"};
    for (const Form form : forms)
        CHECK(lines_of(form, encoded(form, event)) == expected);
    const Event action{EventKind::action, "lobby", "ana", "bows\n\nand goes"};
    CHECK(encoded(Form::text, action) == "* ana bows\n* ana \n* ana and goes\n");
}

TEST_CASE("control characters never reach a terminal", "[wire][form]") {
    const Event event{EventKind::message, "lobby", "ana",
                      "\x1b[2J\x07 \xe2\x80\xae"
                      "evil \xc2\x9b"};
    CHECK(encoded(Form::text, event) ==
          "<ana> \xe2\x90\x9b[2J\xe2\x90\x87 \xef\xbf\xbd"
          "evil \xef\xbf\xbd\n");
}

TEST_CASE("encodings are appended and what stood before stays", "[wire][form]") {
    for (const Form form : forms) {
        std::string out = "before";
        std::string expected = "before";
        for (const auto& [event, text, is_notice] : cases) {
            append_event(out, form, event);
            expected += encoded(form, event);
        }
        CHECK(out == expected);
    }
}

TEST_CASE("form, framing and notices agree", "[wire][form]") {
    for (const bool websocket : {false, true}) {
        for (const bool notices : {false, true}) {
            const Form form = text_form(websocket, notices);
            CHECK(is_websocket(form) == websocket);
            CHECK(shows_notices(form) == notices);
        }
    }
}

// -- no body can forge a line ----------------------------------------------------------------

namespace {

constexpr std::string_view name_bytes =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

std::string random_name(Prng& prng) {
    std::string name(1, name_bytes[prng.below(52)]);
    while (name.size() < limits::name_bytes_max && prng.chance(75)) {
        name += name_bytes[prng.below(name_bytes.size())];
    }
    return name;
}

/// Pieces that give lines of the dialect their shape, and what might break out of one.
std::string random_body(Prng& prng) {
    static const std::vector<std::string> pieces = {"<bob> ",
                                                    "* bob ",
                                                    "@bob ",
                                                    "#dev ",
                                                    "#dev <bob> hi",
                                                    "-- ",
                                                    "-- bob joined #dev",
                                                    "FAIL ",
                                                    "NOTE * WELCOME #lobby :",
                                                    "WARN X Y :",
                                                    "[udp:7 4B] de ad",
                                                    "[bob 4B] ",
                                                    " :",
                                                    ">",
                                                    "]",
                                                    "<",
                                                    "*",
                                                    "#",
                                                    "\n",
                                                    "\r",
                                                    "\r\n",
                                                    "\xe2\x80\xa8",
                                                    "\xe2\x80\xa9",
                                                    "\xc2\x85",
                                                    "\x0b",
                                                    "\x0c",
                                                    "\x1b[2K",
                                                    "\x08",
                                                    "\x7f",
                                                    "\xe2\x80\xae",
                                                    "\xef\xbb\xbf",
                                                    "\xe2\x90\x8a",
                                                    "a",
                                                    " ",
                                                    "\t",
                                                    "\xc3\xbc",
                                                    "\xf0\x9f\x98\x80"};
    std::string body;
    for (auto left = prng.below(10); left > 0; --left)
        body += pieces[prng.below(pieces.size())];
    return body;
}

}  // namespace

TEST_CASE("no name, body or action yields a line of another kind, author or room", "[wire][form]") {
    Prng prng(4);
    for (int round = 0; round < 30'000; ++round) {
        const std::string room = prng.chance(40) ? std::string(lobby_name) : random_name(prng);
        const std::string from = random_name(prng);
        const std::string body = random_body(prng);
        const bool action = prng.chance(40);
        const Event event{action ? EventKind::action : EventKind::message, room, from, body};
        const Form form = forms[prng.below(forms.size())];
        const auto lines = lines_of(form, encoded(form, event));
        CAPTURE(room, from, body);
        REQUIRE(lines.size() == count_lines(body, 1'000));
        for (const auto& line : lines) {
            const TextEvent read = client::parse_text_event(line);
            REQUIRE(read.kind == (action ? TextEvent::Kind::action : TextEvent::Kind::message));
            REQUIRE(read.room == room);
            REQUIRE(read.from == from);
            REQUIRE(is_plain(line));
            REQUIRE(utf8_valid(as_bytes(line)));
        }
    }
}

TEST_CASE("no event about people yields anything but a notice", "[wire][form]") {
    Prng prng(5);
    constexpr std::array kinds{EventKind::joined, EventKind::left, EventKind::renamed};
    for (int round = 0; round < 5'000; ++round) {
        const std::string room = prng.chance(40) ? std::string(lobby_name) : random_name(prng);
        const std::string from = random_name(prng);
        const EventKind kind = kinds[prng.below(kinds.size())];
        const std::string body =
            kind == EventKind::renamed ? random_name(prng) : std::string("quit");
        const auto lines = text_lines(encoded(Form::text_notices, {kind, room, from, body}));
        REQUIRE(lines.size() == 1);
        const TextEvent read = client::parse_text_event(lines.front());
        REQUIRE(read.kind == TextEvent::Kind::notice);
        REQUIRE(read.body.starts_with(from + " "));
        REQUIRE(read.body.find("#" + room) != std::string_view::npos);
    }
}
