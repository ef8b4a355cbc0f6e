#include "chatd/wire/text_request.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/wire/hex.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

/// A request as one word and its arguments, so that a table can say what is expected.
struct Describe {
    std::string operator()(const Say& say) {
        return (say.action ? "me " : "say ") + quoted(say.body);
    }
    std::string operator()(const Nick& nick) { return "nick " + quoted(nick.name); }
    std::string operator()(const Join& join) { return "join " + quoted(join.room); }
    std::string operator()(const Leave& leave) { return "leave " + quoted(leave.room); }
    std::string operator()(const Rooms&) { return "rooms"; }
    std::string operator()(const Who& who) { return "who " + quoted(who.room); }
    std::string operator()(const Msg& msg) {
        return "msg " + quoted(msg.nick) + " " + quoted(msg.body);
    }
    std::string operator()(const Ping& ping) { return "ping " + quoted(ping.token); }
    std::string operator()(const Notices& notices) {
        return notices.on ? "notices on" : "notices off";
    }
    std::string operator()(const Datagrams& datagrams) {
        return "dgram " + std::to_string(datagrams.hz);
    }
    std::string operator()(const Datagram& datagram) {
        return "hex " + print_hex(datagram.payload);
    }
    std::string operator()(const Help&) { return "help"; }
    std::string operator()(const Quit&) { return "quit"; }
};

std::string decoded(std::string_view line) {
    const auto request = decode_text_request(line, limits::datagram_bytes_max);
    if (request) return std::visit(Describe{}, *request);
    const TextRefusal& refusal = request.error();
    return refusal.command + " " + std::string(code_of(refusal.error)) +
           (refusal.detail.empty() ? "" : " (" + refusal.detail + ")");
}

struct Case {
    std::string line;
    std::string request;
};

const std::vector<Case> cases = {
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
    {"/join dev", "join 'dev'"},
    {"/join #dev", "join '#dev'"},
    {"/join", "JOIN NEED_MORE_PARAMS"},
    {"/join dev ops", "JOIN BAD_ARGUMENT"},
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
    {"/hex ,", "HEX BAD_HEX (column 2: there is no byte here)"},
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
    for (const auto& [line, request] : cases) {
        CAPTURE(line);
        // The message of the hex grammar is its own test's business.
        if (request.find("BAD_HEX") != std::string::npos) {
            CHECK(decoded(line).starts_with("HEX BAD_HEX (column "));
        } else {
            CHECK(decoded(line) == request);
        }
    }
}

TEST_CASE("nothing is read past the end of a line", "[wire][text_request]") {
    for (const auto& [line, request] : cases) {
        CAPTURE(line);
        const std::string whole = decoded(line);
        CHECK(decoded(test::Guarded(line).text()) == whole);
        // A line cut short is another line; it must decode within its own bytes too.
        test::for_every_cut(line, [](std::string_view first, std::string_view) {
            if (!first.empty()) CHECK(decoded(test::Guarded(first).text()) == decoded(first));
        });
    }
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
    const std::vector<std::string> starts = {"",      "/",     "//",         "/nick ",
                                             "/msg ", "/hex ", "/dgram on ", "/ME"};
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

TEST_CASE("/help names every command", "[wire][text_request]") {
    const auto lines = help_lines();
    for (const char* command : {"/help", "/nick", "/join", "/leave", "/rooms", "/who", "/msg",
                                "/me", "/ping", "/notices", "/dgram", "/hex", "/quit", "//"}) {
        CAPTURE(command);
        CHECK(std::any_of(lines.begin(), lines.end(),
                          [&](std::string_view line) { return line.starts_with(command); }));
    }
    for (const auto line : lines) {
        CAPTURE(line);
        CHECK(line.find('\n') == std::string_view::npos);
        CHECK(line.size() <= 100);
    }
}
