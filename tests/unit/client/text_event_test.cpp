#include "chatd/client/text_event.hpp"

#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/wire/form.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using client::parse_text_event;
using client::TextEvent;
using Kind = TextEvent::Kind;
using Severity = TextEvent::Severity;

TEST_CASE("what is said carries room, author and words", "[client][text_event]") {
    struct Case {
        const char* line;
        Kind kind;
        const char* room;
        const char* from;
        const char* body;
    };
    const Case cases[] = {
        {"<ana> hello", Kind::message, "lobby", "ana", "hello"},
        {"<ana> ", Kind::message, "lobby", "ana", ""},
        {"<ana>", Kind::message, "lobby", "ana", ""},
        {"<ana>  two blanks", Kind::message, "lobby", "ana", " two blanks"},
        {"#dev <ana> hello", Kind::message, "dev", "ana", "hello"},
        {"* ana waves", Kind::action, "lobby", "ana", "waves"},
        {"#dev * ana waves", Kind::action, "dev", "ana", "waves"},
        {"@ana psst", Kind::private_message, "", "ana", "psst"},
        {"@guest-7", Kind::private_message, "", "guest-7", ""},
        {"-- ana joined #dev", Kind::notice, "", "", "ana joined #dev"},
        {"--", Kind::notice, "", "", ""},
        {"-- #dev 41 2026-11-26T10:00:00.123Z <ana> hello", Kind::notice, "", "",
         "#dev 41 2026-11-26T10:00:00.123Z <ana> hello"},
        {"#dev <ana> (removed)", Kind::message, "dev", "ana", "(removed)"},
        {"", Kind::other, "", "", ""},
        {"hello", Kind::other, "", "", "hello"},
        {"<an a> hello", Kind::other, "", "", "<an a> hello"},
        {"<> hello", Kind::other, "", "", "<> hello"},
        {"<ana>hello", Kind::other, "", "", "<ana>hello"},
        {"<ana hello", Kind::other, "", "", "<ana hello"},
        {"#dev", Kind::other, "", "", "#dev"},
        {"# <ana> x", Kind::other, "", "", "# <ana> x"},
        {"#dev -- no notice", Kind::other, "", "", "#dev -- no notice"},
        {"#dev #ops <ana> x", Kind::other, "", "", "#dev #ops <ana> x"},
        {"#dev @ana x", Kind::other, "", "", "#dev @ana x"},
        {"*ana waves", Kind::other, "", "", "*ana waves"},
        {"---", Kind::other, "", "", "---"},
        {" <ana> hello", Kind::other, "", "", " <ana> hello"},
    };
    for (const Case& wanted : cases) {
        CAPTURE(wanted.line);
        const TextEvent event = parse_text_event(wanted.line);
        CHECK(event.kind == wanted.kind);
        CHECK(event.room == wanted.room);
        CHECK(event.from == wanted.from);
        CHECK(event.body == wanted.body);
        CHECK(event.severity == Severity::none);
    }
}

TEST_CASE("a reply carries severity, command, code, context and sentence", "[client][text_event]") {
    struct Case {
        const char* line;
        Severity severity;
        const char *command, *code, *context, *body;
    };
    const Case cases[] = {
        {"NOTE NICK OK ana :You are ana.", Severity::note, "NICK", "OK", "ana", "You are ana."},
        {"NOTE * WELCOME #lobby :chatd, #lobby.", Severity::note, "*", "WELCOME", "#lobby",
         "chatd, #lobby."},
        {"FAIL * NO_ROOM :No room.", Severity::fail, "*", "NO_ROOM", "", "No room."},
        {"WARN * SLOW a b c :x : y :z", Severity::warn, "*", "SLOW", "a b c", "x : y :z"},
        {"NOTE * GAP #dev 7-19 :Missed.", Severity::note, "*", "GAP", "#dev 7-19", "Missed."},
        {"NOTE PING PONG :", Severity::note, "PING", "PONG", "", ""},
        {"NOTE WHO END 2 :2 in all.", Severity::note, "WHO", "END", "2", "2 in all."},
        {"NOTE * EDITED #dev 41 ana :new :text", Severity::note, "*", "EDITED", "#dev 41 ana",
         "new :text"},
        {"NOTE * REDACTED #lobby 3:41 ana :ana took message 3:41 back.", Severity::note, "*",
         "REDACTED", "#lobby 3:41 ana", "ana took message 3:41 back."},
        {"NOTE * REACTED #dev 41 ana :👍", Severity::note, "*", "REACTED", "#dev 41 ana", "👍"},
        {"NOTE * UNREACTED #dev 41 ana :+1", Severity::note, "*", "UNREACTED", "#dev 41 ana", "+1"},
        {"NOTE * TOPIC #dev ana :", Severity::note, "*", "TOPIC", "#dev ana", ""},
        {"NOTE JOIN OK #dev 3:41 lost 3:7-3:20 :You are in #dev.", Severity::note, "JOIN", "OK",
         "#dev 3:41 lost 3:7-3:20", "You are in #dev."},
        {"NOTE HISTORY END 50 more :50 shown; there are more.", Severity::note, "HISTORY", "END",
         "50 more", "50 shown; there are more."},
        {"NOTE IN OK 7 2026-11-26T18:00:00.000+02:00 #dev :It will be said.", Severity::note, "IN",
         "OK", "7 2026-11-26T18:00:00.000+02:00 #dev", "It will be said."},
    };
    for (const Case& wanted : cases) {
        CAPTURE(wanted.line);
        const TextEvent event = parse_text_event(wanted.line);
        CHECK(event.kind == Kind::reply);
        CHECK(event.severity == wanted.severity);
        CHECK(event.command == wanted.command);
        CHECK(event.code == wanted.code);
        CHECK(event.context == wanted.context);
        CHECK(event.body == wanted.body);
    }
    for (const char* line : {"NOTE", "NOTE ", "NOTE NICK :x", "NOTE NICK OK", "NOTE nick OK :x",
                             "NOTE NICK ok :x", "FAILURE A B :x", "NOTE  OK :x", "FAIL * * :x"}) {
        CAPTURE(line);
        CHECK(parse_text_event(line).kind == Kind::other);
    }
}

TEST_CASE("a datagram carries its sender, length and hex", "[client][text_event]") {
    const TextEvent plain = parse_text_event("[udp:7 4B] de ad be ef |....|");
    CHECK(plain.kind == Kind::datagram);
    CHECK(plain.room == "lobby");
    CHECK(plain.from == "udp:7");
    CHECK(plain.datagram_bytes == 4);
    CHECK_FALSE(plain.datagram_number);
    CHECK(plain.hex == "de ad be ef");
    CHECK(plain.body == "de ad be ef |....|");

    const TextEvent numbered = parse_text_event("#arena [udp:7 #1234 1B] 00 |.|");
    CHECK(numbered.kind == Kind::datagram);
    CHECK(numbered.room == "arena");
    CHECK(numbered.datagram_number == 1234U);
    CHECK(numbered.hex == "00");

    CHECK(parse_text_event("[ana 0B] ||").hex.empty());
    CHECK(parse_text_event("[ana 0B] ||").datagram_bytes == 0);
    CHECK(parse_text_event("[ana 1200B] 41 42 ... |AB|").datagram_bytes == 1200);
    CHECK(parse_text_event("[ana 1200B] 41 42 ... |AB|").hex == "41 42");
    CHECK(parse_text_event("[ana 2B] 41 42").hex == "41 42");
    for (const char* line :
         {"[ana] hi", "[ana 4] de", "[ana B] de", "[4B] de", "[ana 4B]de", "[ana #x 4B] de",
          "[ana -1B] de", "[ana 4 B] de", "[ana 99999999999B] ", "[ana 4B de"}) {
        CAPTURE(line);
        CHECK(parse_text_event(line).kind == Kind::other);
    }
}

TEST_CASE("words come off a context one by one", "[client][text_event]") {
    std::string_view words = "#dev 7-19  x";
    CHECK(client::next_word(words) == "#dev");
    CHECK(client::next_word(words) == "7-19");
    CHECK(client::next_word(words).empty());
    CHECK(client::next_word(words) == "x");
    CHECK(client::next_word(words).empty());
    CHECK(client::next_word(words).empty());
}

TEST_CASE("no byte past the line is read, and any cut is a line", "[client][text_event]") {
    for (const char* line : {"#dev [udp:7 #12 4B] de ad be ef |....|", "NOTE * GAP #dev 7-19 :x",
                             "#dev <ana> hello", "@ana hi", "-- x", "* ana waves"}) {
        test::for_every_cut(line, [](std::string_view first, std::string_view second) {
            for (const std::string_view part : {first, second}) {
                const test::Guarded guarded(part);
                const TextEvent event = parse_text_event(guarded.text());
                CHECK((event.kind != Kind::other || event.body == part));
            }
        });
    }
}

namespace {

// Bodies that try to be something else.
std::string hostile_body(Prng& prng) {
    static const std::vector<std::string> pieces{
        "<ana> ", "#dev ",  "* ",     "@bob ", "[udp:7 4B] ", "-- ", "FAIL NICK BAD :", " :", ">",
        "]",      "x",      " ",      "\n",    "\r",          "\t",  "\x1b[2J",         "#",  "<",
        "ü",      "\u2028", "\u202e", "NOTE ", "de ad",       "日本"};
    std::string body;
    const std::size_t count = prng.below(8);
    for (std::size_t index = 0; index < count; ++index) {
        body += pieces[prng.below(pieces.size())];
    }
    return body;
}

}  // namespace

TEST_CASE("nothing said can be taken for another kind, author or room", "[client][text_event]") {
    Prng prng(7);
    const std::string_view rooms[] = {"lobby", "dev", "a.b-c_1"};
    const std::string_view nicks[] = {"ana", "guest-7", "B.o_b"};
    for (int round = 0; round < 20'000; ++round) {
        const std::string body = hostile_body(prng);
        const bool action = prng.below(2) == 0;
        const wire::Event said{action ? wire::EventKind::action : wire::EventKind::message,
                               rooms[prng.below(3)], nicks[prng.below(3)], body};
        std::string lines;
        append_event(lines, wire::Form::text_notices, said);
        while (!lines.empty()) {
            const std::string line = lines.substr(0, lines.find('\n'));
            lines.erase(0, line.size() + 1);
            CAPTURE(body, line);
            const TextEvent event = parse_text_event(line);
            REQUIRE(event.kind == (action ? Kind::action : Kind::message));
            REQUIRE(event.room == said.room);
            REQUIRE(event.from == said.from);
        }
    }
}

TEST_CASE("changes are replies that nobody asked for", "[client][text_event]") {
    struct Case {
        wire::EventKind kind;
        const char* code;
        const char* context;
    };
    const Case cases[] = {
        {wire::EventKind::edited, "EDITED", "#dev 41 ana"},
        {wire::EventKind::redacted, "REDACTED", "#dev 41 ana"},
        {wire::EventKind::reacted, "REACTED", "#dev 41 ana"},
        {wire::EventKind::topic, "TOPIC", "#dev ana"},
    };
    for (const auto& [kind, code, context] : cases) {
        std::string line;
        append_event(line, wire::Form::text,
                     {.kind = kind,
                      .room = "dev",
                      .from = "ana",
                      .body = "x :y",
                      .at = {3, 50},
                      .target = {3, 41}});
        REQUIRE(line.ends_with('\n'));
        line.pop_back();
        const TextEvent event = parse_text_event(line);
        CHECK(event.kind == Kind::reply);
        CHECK(event.severity == Severity::note);
        CHECK(event.command == "*");
        CHECK(event.code == code);
        CHECK(event.context == context);
        if (kind != wire::EventKind::redacted) CHECK(event.body == "x :y");
    }
}

TEST_CASE("comings and goings are notices", "[client][text_event]") {
    for (const auto kind : {wire::EventKind::joined, wire::EventKind::left,
                            wire::EventKind::renamed, wire::EventKind::joined_many}) {
        std::string line;
        append_event(line, wire::Form::text_notices, {kind, "dev", "ana", "7"});
        REQUIRE(line.ends_with('\n'));
        line.pop_back();
        const TextEvent event = parse_text_event(line);
        CHECK(event.kind == Kind::notice);
        CHECK("-- " + std::string(event.body) == line);
    }
}
