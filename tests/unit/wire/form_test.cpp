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
#include "support/hostile.hpp"

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

/// What ana does to message 41 of epoch 3, as number 50.
Event change(EventKind kind, std::string_view body) {
    return {
        .kind = kind, .room = "dev", .from = "ana", .body = body, .at = {3, 50}, .target = {3, 41}};
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
    {{EventKind::joined_many, "lobby", "", "500 1234"}, "-- 500 joined #lobby (1234 here)", true},
    {{EventKind::left_many, "dev", "", "7 9"}, "-- 7 left #dev (9 here)", true},
    {change(EventKind::edited, "better"), "NOTE * EDITED #dev 41 ana :better"},
    {change(EventKind::redacted, ""), "NOTE * REDACTED #dev 41 ana :ana took message 41 back."},
    {change(EventKind::reacted, "\xf0\x9f\x91\x8d"),
     "NOTE * REACTED #dev 41 ana :\xf0\x9f\x91\x8d"},
    {change(EventKind::topic, "release: Friday"), "NOTE * TOPIC #dev ana :release: Friday"},
    {change(EventKind::topic, ""), "NOTE * TOPIC #dev ana :"},
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

TEST_CASE("each text line of an edit or a topic is told as one", "[wire][form]") {
    for (const Form form : forms) {
        CHECK(lines_of(form, encoded(form, change(EventKind::edited, "one\ntwo\r\n\nfour"))) ==
              std::vector<std::string>{
                  "NOTE * EDITED #dev 41 ana :one", "NOTE * EDITED #dev 41 ana :two",
                  "NOTE * EDITED #dev 41 ana :", "NOTE * EDITED #dev 41 ana :four"});
        CHECK(lines_of(form, encoded(form, change(EventKind::topic, "one\ntwo"))) ==
              std::vector<std::string>{"NOTE * TOPIC #dev ana :one", "NOTE * TOPIC #dev ana :two"});
    }
}

TEST_CASE("the room of a change always stands in it, the lobby too", "[wire][form]") {
    Event event = change(EventKind::edited, "better");
    event.room = lobby_name;
    CHECK(encoded(Form::text, event) == "NOTE * EDITED #lobby 41 ana :better\n");
    event.kind = EventKind::topic;
    CHECK(encoded(Form::text, event) == "NOTE * TOPIC #lobby ana :better\n");
}

TEST_CASE("a reaction that is taken off has its own code", "[wire][form]") {
    Event event = change(EventKind::reacted, "+1");
    event.off = true;
    CHECK(encoded(Form::text, event) == "NOTE * UNREACTED #dev 41 ana :+1\n");
}

TEST_CASE("a change of what another epoch said names that epoch", "[wire][form]") {
    Event event = change(EventKind::redacted, "");
    event.at = {4, 2};
    CHECK(encoded(Form::text, event) ==
          "NOTE * REDACTED #dev 3:41 ana :ana took message 3:41 back.\n");
}

TEST_CASE("what was taken back is shown as removed, its body never", "[wire][form]") {
    Event event{EventKind::message, "dev", "ana", "secret\nsecret"};
    event.removed = true;
    for (const Form form : forms) {
        event.kind = EventKind::message;
        CHECK(lines_of(form, encoded(form, event)) ==
              std::vector<std::string>{"#dev <ana> (removed)"});
        event.kind = EventKind::action;
        CHECK(lines_of(form, encoded(form, event)) ==
              std::vector<std::string>{"#dev * ana (removed)"});
    }
    // The store gives no body at all.
    event.body = {};
    CHECK(encoded(Form::text, event) == "#dev * ana (removed)\n");
}

TEST_CASE("an answer is shown as any other message", "[wire][form]") {
    Event event{EventKind::message, "dev", "ana", "yes"};
    event.target = {3, 41};
    CHECK(encoded(Form::text, event) == "#dev <ana> yes\n");
}

TEST_CASE("the largest record of each kind stays within its bound", "[wire][form]") {
    const std::string name(limits::name_bytes_max, 'n');
    // As many lines as there may be, of bytes that grow the most.
    std::string body(limits::body_bytes_max, '\x1b');
    for (std::size_t line = 0; line + 1 < limits::body_lines_max; ++line)
        body[line] = '\n';
    REQUIRE(count_lines(body, 1'000) == limits::body_lines_max);
    for (int kind = 0; is_numbered(static_cast<EventKind>(kind)); ++kind) {
        for (const Form form : forms) {
            CAPTURE(kind, static_cast<int>(form));
            const Event event{.kind = static_cast<EventKind>(kind),
                              .room = name,
                              .from = name,
                              .body = body,
                              .at = {json_integer_max, json_integer_max},
                              .target = {json_integer_max - 1, json_integer_max}};
            CHECK(encoded(form, event).size() <= limits::record_bytes_max);
        }
    }
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

TEST_CASE("no name, body or action yields a line of another kind, author or room", "[wire][form]") {
    Prng prng(4);
    for (int round = 0; round < 30'000; ++round) {
        const std::string room =
            prng.chance(40) ? std::string(lobby_name) : test::random_name(prng);
        const std::string from = test::random_name(prng);
        const std::string body = test::hostile_body(prng);
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

TEST_CASE("no change yields a line of another kind, author or room", "[wire][form]") {
    Prng prng(8);
    constexpr std::array kinds{EventKind::edited, EventKind::redacted, EventKind::reacted,
                               EventKind::topic};
    for (int round = 0; round < 20'000; ++round) {
        const std::string room =
            prng.chance(40) ? std::string(lobby_name) : test::random_name(prng);
        const std::string from = test::random_name(prng);
        const std::string body = test::hostile_body(prng);
        Event event = change(kinds[prng.below(kinds.size())], body);
        event.room = room;
        event.from = from;
        event.off = prng.chance(50);
        const bool is_topic = event.kind == EventKind::topic;
        const Form form = forms[prng.below(forms.size())];
        CAPTURE(room, from, body);
        const auto lines = lines_of(form, encoded(form, event));
        REQUIRE_FALSE(lines.empty());
        for (const auto& line : lines) {
            const TextEvent read = client::parse_text_event(line);
            REQUIRE(read.kind == TextEvent::Kind::reply);
            REQUIRE(read.severity == TextEvent::Severity::note);
            REQUIRE(read.command == "*");
            REQUIRE(read.context == "#" + room + (is_topic ? " " : " 41 ") + from);
            REQUIRE(is_plain(line));
            REQUIRE(utf8_valid(as_bytes(line)));
        }
    }
}

TEST_CASE("no event about people yields anything but a notice", "[wire][form]") {
    Prng prng(5);
    constexpr std::array kinds{EventKind::joined, EventKind::left, EventKind::renamed};
    for (int round = 0; round < 5'000; ++round) {
        const std::string room =
            prng.chance(40) ? std::string(lobby_name) : test::random_name(prng);
        const std::string from = test::random_name(prng);
        const EventKind kind = kinds[prng.below(kinds.size())];
        const std::string body =
            kind == EventKind::renamed ? test::random_name(prng) : std::string("quit");
        const auto lines = text_lines(encoded(Form::text_notices, {kind, room, from, body}));
        REQUIRE(lines.size() == 1);
        const TextEvent read = client::parse_text_event(lines.front());
        REQUIRE(read.kind == TextEvent::Kind::notice);
        REQUIRE(read.body.starts_with(from + " "));
        REQUIRE(read.body.find("#" + room) != std::string_view::npos);
    }
}
