#include "paint.hpp"

#include <string>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

std::string painted(std::string_view line) {
    std::string out;
    append_painted(out, line);
    return out;
}

// What is left without our own colours: "\x1b[", digits and semicolons, "m".
std::string without_colours(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text.starts_with("\x1b[")) {
            const auto end = text.find_first_not_of("0123456789;", 2);
            if (end != std::string_view::npos && text[end] == 'm') {
                text.remove_prefix(end + 1);
                continue;
            }
        }
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

}  // namespace

TEST_CASE("plain lines stay as they are", "[terminal][paint]") {
    for (const char* line : {"", "<ana> grüß\tdich", "#dev * ana waves", "日本語"}) {
        CHECK(safe(line) == line);
    }
}

TEST_CASE("controls are shown, not obeyed", "[terminal][paint]") {
    CHECK(safe("\x1b[2J") == "␛[2J");
    CHECK(safe("a\rb") == "a␍b");
    CHECK(safe("\xe2\x80\xae") == "\xef\xbf\xbd");
    CHECK(safe("\xc2\x9b") == "\xef\xbf\xbd");
}

TEST_CASE("a line that is no UTF-8 keeps its ASCII alone", "[terminal][paint]") {
    CHECK(safe("a\x9b"
               "2Jb") ==
          "a\xef\xbf\xbd"
          "2Jb");
    CHECK(safe("\xff\x1b") == "\xef\xbf\xbd␛");
}

TEST_CASE("each kind of line has its colour", "[terminal][paint]") {
    CHECK(painted("FAIL NICK BAD :x") == "\x1b[31mFAIL NICK BAD :x\x1b[0m");
    CHECK(painted("WARN NICK BAD :x") == "\x1b[33mWARN NICK BAD :x\x1b[0m");
    CHECK(painted("NOTE NICK OK :x") == "\x1b[2mNOTE NICK OK :x\x1b[0m");
    CHECK(painted("-- ana joined #dev") == "\x1b[2m-- ana joined #dev\x1b[0m");
    CHECK(painted("@ana psst") == "\x1b[35m@ana psst\x1b[0m");
    CHECK(painted("[udp:7 1B] 00 |.|") == "\x1b[32m[udp:7 1B] 00 |.|\x1b[0m");
    CHECK(painted("who knows") == "who knows");
}

TEST_CASE("a nick has one colour everywhere, what it says none", "[terminal][paint]") {
    const std::string said = painted("<ana> hello");
    const std::string nick = said.substr(1, said.find(">") - 1);
    CHECK(nick.starts_with("\x1b[1;3"));
    CHECK(nick.ends_with("ana\x1b[0m"));
    CHECK(said == "<" + nick + "> hello");
    CHECK(painted("#dev <ana> hello") == "#dev <" + nick + "> hello");
    CHECK(painted("#dev * ana waves") == "#dev * " + nick + " waves");
}

TEST_CASE("painting adds colours and nothing else, whatever comes", "[terminal][paint]") {
    Prng prng(11);
    const std::string_view pieces[] = {"<ana> ", "#dev ",      "* ",   "@b ",     "[u 1B] ",
                                       "-- ",    "FAIL A B :", "\x1b", "\x9b",    "[31m",
                                       "x",      "ü",          "\x7f", "\xe2\x80"};
    for (int round = 0; round < 10'000; ++round) {
        std::string line;
        for (auto count = prng.below(6); count > 0; --count) {
            line += pieces[prng.below(std::size(pieces))];
        }
        CAPTURE(line);
        const std::string plain = safe(line);
        REQUIRE(plain.find('\x1b') == std::string::npos);
        REQUIRE(without_colours(painted(line)) == plain);
    }
}

TEST_CASE("colours are for terminals that want them", "[terminal][paint]") {
    CHECK(colours_wanted(nullptr, "xterm-256color"));
    CHECK(colours_wanted("", "xterm"));
    CHECK_FALSE(colours_wanted("1", "xterm"));
    CHECK_FALSE(colours_wanted(nullptr, "dumb"));
    CHECK_FALSE(colours_wanted(nullptr, ""));
    CHECK_FALSE(colours_wanted(nullptr, nullptr));
}
