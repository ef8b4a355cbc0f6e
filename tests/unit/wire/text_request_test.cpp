#include "chatd/wire/text_request.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/text_requests.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;
using test::decoded;

namespace {

const std::vector<test::TextCase> request_cases = {
    // Lines that are said.
    {"hello", "say 'hello'"},
    {" ", "say ' '"},
    {"  spaces stay  ", "say '  spaces stay  '"},
    {"GET me a coffee", "say 'GET me a coffee'"},
    {"gr\xc3\xbc\xc3\x9f dich", "say 'gr\xc3\xbc\xc3\x9f dich'"},
    {"\x1b[31mred", "say '\x1b[31mred'"},
    {"//path", "say '/path'"},
    {"//", "say '/'"},
    {"///", "say '//'"},
    {" /nick ana", "say ' /nick ana'"},
    {"#dev hello", "say '#dev hello'"},
    {"@ana hello", "say '@ana hello'"},
    // Commands without arguments, in any case, what follows them ignored or refused.
    {"/help", "help"},
    {"/HELP", "help"},
    {"/Help me", "help"},
    {"/rooms", "rooms"},
    {"/quit", "quit"},
    {"/quit now", "quit"},
    {"/ help", "help"},
    // One word.
    {"/nick ana", "nick 'ana'"},
    {"/nick   ana  ", "nick 'ana'"},
    {"/nick\tana", "nick 'ana'"},
    {"/NICK Ana", "nick 'Ana'"},
    {"/nick", "NICK NEED_MORE_PARAMS"},
    {"/nick ", "NICK NEED_MORE_PARAMS"},
    {"/nick ana bob", "NICK BAD_ARGUMENT"},
    // A word or none.
    {"/leave", "leave ''"},
    {"/leave #dev", "leave '#dev'"},
    {"/leave dev ops", "LEAVE BAD_ARGUMENT"},
    {"/who", "who ''"},
    {"/who dev", "who 'dev'"},
    {"/who dev ops", "WHO BAD_ARGUMENT"},
    // Text behind the command.
    {"/msg bob hi there", "msg 'bob' 'hi there'"},
    {"/msg  bob   hi  there ", "msg 'bob' 'hi  there'"},
    {"/msg bob /quit", "msg 'bob' '/quit'"},
    {"/msg", "MSG NEED_MORE_PARAMS"},
    {"/msg bob", "MSG NEED_MORE_PARAMS"},
    {"/msg bob  ", "MSG NEED_MORE_PARAMS"},
    {"/me waves", "me 'waves'"},
    {"/me  waves  twice ", "me 'waves  twice'"},
    {"/me", "ME NEED_MORE_PARAMS"},
    {"/me \t ", "ME NEED_MORE_PARAMS"},
    {"/ping", "ping ''"},
    {"/ping 1 2", "ping '1 2'"},
    // Switches.
    {"/notices on", "notices on"},
    {"/notices off", "notices off"},
    {"/notices", "NOTICES NEED_MORE_PARAMS"},
    {"/notices maybe", "NOTICES BAD_ARGUMENT"},
    {"/notices ON", "NOTICES BAD_ARGUMENT"},
    {"/notices on please", "NOTICES BAD_ARGUMENT"},
    {"/dgram on", "dgram 10"},
    {"/dgram on 1", "dgram 1"},
    {"/dgram on 1000", "dgram 1000"},
    {"/dgram off", "dgram 0"},
    {"/dgram", "DGRAM NEED_MORE_PARAMS"},
    {"/dgram 10", "DGRAM BAD_ARGUMENT"},
    {"/dgram on 0", "DGRAM BAD_ARGUMENT"},
    {"/dgram on 1001", "DGRAM BAD_ARGUMENT"},
    {"/dgram on -1", "DGRAM BAD_ARGUMENT"},
    {"/dgram on 10x", "DGRAM BAD_ARGUMENT"},
    {"/dgram on 10 20", "DGRAM BAD_ARGUMENT"},
    {"/dgram on 99999999999999999999", "DGRAM BAD_ARGUMENT"},
    {"/dgram off 10", "DGRAM BAD_ARGUMENT"},
    // Datagrams.
    {"/hex de ad be ef", "hex de ad be ef"},
    {"/hex 0xDEADBEEF", "hex de ad be ef"},
    {"/hex", "HEX NEED_MORE_PARAMS"},
    {"/hex  ", "HEX NEED_MORE_PARAMS"},
    // Typing, in the current room or a marked one.
    {"/typing on", "typing on"},
    {"/typing off", "typing off"},
    {"/typing #dev on", "in #dev typing on"},
    {"/typing", "TYPING NEED_MORE_PARAMS"},
    {"/typing #dev", "TYPING NEED_MORE_PARAMS"},
    {"/typing dev on", "TYPING BAD_ARGUMENT"},
    {"/typing on now", "TYPING BAD_ARGUMENT"},
    {"/stats", "stats"},
    {"/Stats please", "stats"},
    {"/connections", "connections 0"},
    {"/connections 100", "connections 100"},
    {"/connections 4294967295", "connections 4294967295"},
    {"/connections 4294967296", "CONNECTIONS BAD_ARGUMENT"},
    {"/connections 0", "CONNECTIONS BAD_ARGUMENT"},
    {"/connections all", "CONNECTIONS BAD_ARGUMENT"},
    {"/connections 1 2", "CONNECTIONS BAD_ARGUMENT"},
    // What is JSON's own is no command here.
    {"/hello", "HELLO UNKNOWN_COMMAND"},
    {"/resume token", "RESUME UNKNOWN_COMMAND"},
    {"/say hi", "SAY UNKNOWN_COMMAND"},
    // What is no command.
    {"/nosuch", "NOSUCH UNKNOWN_COMMAND"},
    {"/nosuch with words", "NOSUCH UNKNOWN_COMMAND"},
    {"/help,", "* UNKNOWN_COMMAND"},
    {"/", "* UNKNOWN_COMMAND"},
    {"/ ", "* UNKNOWN_COMMAND"},
    {"/gr\xc3\xbc\xc3\x9f", "* UNKNOWN_COMMAND"},
    {"/\x1b[2J", "* UNKNOWN_COMMAND"},
    {"/sixteen-letters1", "SIXTEEN-LETTERS1 UNKNOWN_COMMAND"},
    {"/seventeen-letters", "* UNKNOWN_COMMAND"},
    // What is no line.
    {"caf\xe9", "* BAD_UTF8"},
    {"/nick caf\xe9", "* BAD_UTF8"},
    {"\xed\xa0\x80", "* BAD_UTF8"},
    {"a\0b"s, "* NUL"},
    {"/nick a\0b"s, "* NUL"},
    {"\0\xff"s, "* NUL"},
};

}  // namespace

TEST_CASE("every command decodes, well written and badly written", "[wire][text_request]") {
    test::check_cases(request_cases);
}

TEST_CASE("a hex error names its column, counted from the first digit", "[wire][text_request]") {
    CHECK(decoded("/hex de ax").starts_with("HEX BAD_HEX (column 5: "));
    CHECK(decoded("/hex   zz").starts_with("HEX BAD_HEX (column 1: "));
}

TEST_CASE("/hex is bounded by the largest datagram", "[wire][text_request]") {
    const auto of_bytes = [](std::size_t bytes) {
        std::string line = "/hex ";
        for (std::size_t count = 0; count < bytes; ++count)
            line += "00";
        return line;
    };
    const auto largest = decode_text_request(of_bytes(8), 8);
    REQUIRE(largest);
    CHECK(std::get<Datagram>(*largest).payload.size() == 8);
    const auto larger = decode_text_request(of_bytes(9), 8);
    REQUIRE_FALSE(larger);
    CHECK(larger.error().error == Errc::bad_hex);
}

TEST_CASE("views of a request lie within its line", "[wire][text_request]") {
    const std::string line = "/msg bob hello there";
    const auto request = decode_text_request(line, 1);
    REQUIRE(request);
    const auto& msg = std::get<Msg>(*request);
    CHECK(msg.nick.data() == line.data() + 5);
    CHECK(msg.body.data() == line.data() + 9);
}

TEST_CASE("any bytes decode to a request or a refusal that can be shown", "[wire][text_request]") {
    Prng prng(2);
    const std::vector<std::string> starts = {
        "",           "/",    "//",        "/nick ",        "/msg ",  "/hex ",
        "/dgram on ", "/ME",  "/history ", "/react 1 ",     "/edit ", "/join x ",
        "/in ",       "/at ", "/every ",   "/reschedule 1 "};
    for (int round = 0; round < 20'000; ++round) {
        std::string line = starts[prng.below(starts.size())];
        for (auto left = prng.below(12); left > 0; --left) {
            line += static_cast<char>(prng.chance(70) ? prng.between(0x20, 0x7e) : prng.below(256));
        }
        if (line.empty()) continue;
        const auto request = decode_text_request(line, 4);
        if (request) continue;
        REQUIRE(request.error().error != Errc::none);
        for (const char letter : request.error().command) {
            REQUIRE((letter == '*' || letter == '-' || (letter >= '0' && letter <= '9') ||
                     (letter >= 'A' && letter <= 'Z')));
        }
    }
}

TEST_CASE("a reply names the command that was written", "[wire][text_request]") {
    for (const char* line :
         {"/nick ana",   "/join dev",   "/leave",        "/rooms",
          "/who",        "/topic",      "/topic x",      "/history",
          "/search x",   "/msg bob x",  "/me x",         "/reply 1 x",
          "/edit 1 x",   "/redact 1",   "/react 1 x",    "/read 1",
          "/typing on",  "/in 1m x",    "/at 18:00 x",   "/at 2027-01-31T18:00:00Z x",
          "/every 1m x", "/schedules",  "/unschedule 1", "/reschedule 1 in 1m x",
          "/ping",       "/notices on", "/dgram on",     "/dgram off",
          "/hex de",     "/stats",      "/help",         "/quit"}) {
        CAPTURE(line);
        const auto request = decode_text_request(line, 1);
        REQUIRE(request);
        std::string name(line + 1);
        name.resize(std::min(name.find(' '), name.size()));
        for (char& letter : name)
            letter = static_cast<char>(letter - 'a' + 'A');
        CHECK(command_of(*request) == name);
    }
    CHECK(command_of(*decode_text_request("hi", 1)) == "*");
    CHECK(command_of(*decode_text_request("//hi", 1)) == "*");
    CHECK(command_of(Request{Hello{}}) == "HELLO");
    CHECK(command_of(Request{Resume{}}) == "RESUME");
}

TEST_CASE("/help names every command", "[wire][text_request]") {
    const auto lines = help_lines();
    CHECK(lines.size() == 31);
    for (const auto line : lines) {
        CAPTURE(line);
        CHECK(line.starts_with('/'));
        CHECK(line.find('\n') == std::string_view::npos);
        CHECK(line.size() <= 100);
        // What it names is a command; "//" is none.
        const std::string word(line.substr(0, line.find(' ')));
        if (!word.starts_with("//")) CHECK(decoded(word).find("UNKNOWN") == std::string::npos);
    }
    for (const char* command :
         {"/help",    "/nick",    "/join",      "/leave",      "/rooms",      "/who",
          "/topic",   "/history", "/search",    "/msg",        "/me",         "/reply",
          "/edit",    "/redact",  "/react",     "/read",       "/typing",     "/in",
          "/at",      "/every",   "/schedules", "/unschedule", "/reschedule", "/ping",
          "/notices", "/dgram",   "/hex",       "/stats",      "/quit",       "//TEXT"}) {
        CAPTURE(command);
        CHECK(std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
            return line.starts_with(std::string(command) + " ");
        }));
    }
}
