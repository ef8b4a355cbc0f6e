#include "wire/json_form.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/wire/json_event.hpp"
#include "chatd/wire/utf8.hpp"
#include "chatd/wire/websocket.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::array all_forms{
    Form::text,      Form::text_notices,      Form::websocket_text, Form::websocket_text_notices,
    Form::json_line, Form::json_line_notices, Form::json_frame,     Form::json_frame_notices,
    Form::sse};
static_assert(all_forms.size() == form_count);

constexpr std::array kinds{EventKind::message,     EventKind::action,   EventKind::edited,
                           EventKind::redacted,    EventKind::reacted,  EventKind::topic,
                           EventKind::joined,      EventKind::left,     EventKind::renamed,
                           EventKind::joined_many, EventKind::left_many};
static_assert(kinds.size() == event_kind_count);

Event made_event(EventKind kind, std::string_view body) {
    Event made{.kind = kind, .room = "dev", .from = "ana", .body = body};
    if (is_numbered(kind)) {
        made.id = make_uuid7(1'795'687'200'123, 1, 2);
        made.at = {3, 42};
    }
    return made;
}

std::string encoded(Form form, const Event& event) {
    std::string out;
    append_event(out, form, event);
    return out;
}

std::string notification(const Event& event) {
    std::string params;
    append_event_json(params, event);
    return R"({"jsonrpc":"2.0","method":")" + std::string(event_method(event.kind)) +
           R"(","params":)" + params + "}";
}

std::string random_body(Prng& prng) {
    static const std::array<std::string_view, 20> pieces{
        "a",    "\n",   "\r",       "\x1b[2J",      "\"",    "\\",          "\x01",
        "\x7f", "\t",   "\xc2\x9b", "\xe2\x80\xa8", "}",     "{\"a\":",     "\xf0\x9f\x98\x80",
        "id: ", "\n\n", "data: ",   "\xc3\xbc",     "\\u00", "\xed\x9f\xbf"};
    std::string body;
    for (auto left = prng.below(30); left > 0; --left)
        body += pieces[prng.below(pieces.size())];
    return body;
}

}  // namespace

TEST_CASE("a line, a frame and a server-sent event carry the same", "[wire][json][form]") {
    for (const EventKind kind : kinds) {
        CAPTURE(static_cast<int>(kind));
        const Event made = made_event(kind, kind == EventKind::joined_many ? "12" : "b");
        const std::string expected = notification(made);
        CHECK(encoded(Form::json_line_notices, made) == expected + "\n");
        std::string frame;
        append_frame_header(frame, WebSocketOpcode::text, expected.size());
        CHECK(encoded(Form::json_frame_notices, made) == frame + expected);
        if (is_numbered(kind)) {
            CHECK(encoded(Form::json_line, made) == expected + "\n");
            CHECK(encoded(Form::json_frame, made) == frame + expected);
            std::string params;
            append_event_json(params, made);
            CHECK(encoded(Form::sse, made) ==
                  "id: 3:42\nevent: " + std::string(event_method(kind)) + "\ndata: " + params +
                      "\n\n");
        } else {
            CHECK(encoded(Form::json_line, made).empty());
            CHECK(encoded(Form::json_frame, made).empty());
            CHECK(encoded(Form::sse, made).empty());
        }
    }
}

TEST_CASE("a JSON form is found by framing and notices", "[wire][json][form]") {
    for (const bool framed : {false, true}) {
        for (const bool notices : {false, true}) {
            const Form form = json_form(framed, notices);
            CHECK(is_json(form));
            CHECK(is_websocket(form) == framed);
            CHECK(shows_notices(form) == notices);
            CHECK_FALSE(is_json(text_form(framed, notices)));
        }
    }
    CHECK(is_json(Form::sse));
    CHECK_FALSE(is_websocket(Form::sse));
    CHECK_FALSE(shows_notices(Form::sse));
}

TEST_CASE("what stood before an encoding stays", "[wire][json][form]") {
    for (const Form form : all_forms) {
        std::string out = "before";
        append_event(out, form, made_event(EventKind::message, "x"));
        append_event(out, form, made_event(EventKind::message, "y"));
        CHECK(out == "before" + encoded(form, made_event(EventKind::message, "x")) +
                         encoded(form, made_event(EventKind::message, "y")));
    }
}

TEST_CASE("no body leaves its line or its server-sent event", "[wire][json][form]") {
    Prng prng(21);
    for (int round = 0; round < 20'000; ++round) {
        const std::string body = random_body(prng);
        Event made = made_event(kinds[prng.below(6)], body);
        const std::string key = prng.chance(50) ? random_body(prng) : std::string{};
        made.key = key;
        const std::string line = encoded(Form::json_line, made);
        CAPTURE(line);
        REQUIRE(line.find('\n') == line.size() - 1);
        REQUIRE(utf8_valid(as_bytes(line)));
        for (const char byte : std::string_view(line).substr(0, line.size() - 1))
            REQUIRE((static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f));
        const test::JsonText read(line);
        const auto params = read.value().find("params");
        REQUIRE(params);
        const char* const member = made.kind == EventKind::topic     ? "topic"
                                   : made.kind == EventKind::reacted ? "reaction"
                                                                     : "body";
        if (made.kind != EventKind::redacted)
            REQUIRE(params->find(std::string_view(member))->text() == body);
        if (!key.empty()) REQUIRE(params->find("key")->text() == key);

        const std::string sse = encoded(Form::sse, made);
        REQUIRE(std::count(sse.begin(), sse.end(), '\n') == 4);
        REQUIRE(sse.ends_with("}\n\n"));
        REQUIRE(sse.find('\r') == std::string::npos);
    }
}

TEST_CASE("the largest record fits in every form", "[wire][json][form]") {
    const std::string name(limits::name_bytes_max, 'n');
    const std::string key(limits::key_bytes_max, '\x01');
    for (const char worst : {'\x01', '\x7f', '\n', '"', 'x'}) {
        std::string body(limits::body_bytes_max, worst);
        if (worst == '\n') {
            body.assign(limits::body_lines_max, '\n');
            body += std::string(limits::body_bytes_max - body.size(), '\x01');
        }
        for (const EventKind kind : {EventKind::message, EventKind::action, EventKind::edited,
                                     EventKind::reacted, EventKind::topic}) {
            for (const Form form : all_forms) {
                CAPTURE(static_cast<int>(form), static_cast<int>(kind), static_cast<int>(worst));
                Event made = made_event(kind, body);
                made.room = name;
                made.from = name;
                made.key = key;
                made.at = {json_integer_max, json_integer_max};
                made.target = made.at;
                CHECK(encoded(form, made).size() <= limits::record_bytes_max);
            }
        }
    }
}
