#include "chatd/wire/hex.hpp"

#include <array>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

constexpr std::size_t bytes_max = 1'200;

struct Accepted {
    std::string text;
    std::string bytes;
};
const std::string deadbeef = "\xde\xad\xbe\xef";

const std::vector<Accepted> accepted = {
    {"de ad be ef", deadbeef},
    {"deadbeef", deadbeef},
    {"DEADBEEF", deadbeef},
    {"DeAdbEeF", deadbeef},
    {"0xdeadbeef", deadbeef},
    {"\\xdeadbeef", deadbeef},
    {"\\xde\\xad\\xbe\\xef", deadbeef},
    {"0xde0xad0xbe0xef", deadbeef},
    {"\\xdead\\xbeef", deadbeef},
    {"0xdead\\xbeef", deadbeef},
    {"dead0xbeef", deadbeef},
    {"de\\xadbeef", deadbeef},
    {"DE:AD-be ef", deadbeef},
    {"0xde,0xad,0xbe,0xef", deadbeef},
    {"0xde, 0xad, 0xbe, 0xef", deadbeef},
    {"de;ad;be;ef", deadbeef},
    {"de_ad_be_ef", deadbeef},
    {"de-ad-be-ef", deadbeef},
    {"dead-beef", deadbeef},
    {"dead beef", deadbeef},
    {"de\tad\tbe\tef", deadbeef},
    {"de ad\nbe ef\n", deadbeef},
    {"de ad\r\nbe ef\r\n", deadbeef},
    {"  de ad be ef  ", deadbeef},
    {",;:-_de,;:-_ad be ef,;:-_", deadbeef},
    {"de  ad   be    ef", deadbeef},
    {"deadbe ef", deadbeef},
    {"0xDEADBEEF", deadbeef},
    {"\\xDE\\xAD 0xBE EF", deadbeef},
    {"0xA", "\x0a"},
    {"0x0", "\0"s},
    {"0xf,0xA", "\x0f\x0a"},
    {"0xde 0xA", "\xde\x0a"},
    {"00", "\0"s},
    {"00 00", "\0\0"s},
    {"ff", "\xff"},
    {"0x00", "\0"s},
    {"00 0x01", "\0\x01"s},
    {"0x0c1f", "\x0c\x1f"},
    {"61:62:63", "abc"},
};

struct Refused {
    std::string text;
    std::size_t column;
};
const std::vector<Refused> refused = {
    {"", 1},  // nothing
    {" ", 1},         {",;:-_\t\r\n", 1},
    {"d", 1},  // a digit alone
    {"dea", 3},       {"de a", 4},
    {"de a be", 4},   {"A", 1},
    {"de:a:be", 4},   {"0xabc", 5},
    {"0xde0xa", 7},  // the single digit is for 0xA alone
    {"de0xa", 5},     {"\\xA", 3},
    {"\\xde\\xa", 7}, {"\\xd\\xad", 3},
    {"de ad b", 7},   {"0x", 1},  // a prefix without digits
    {"\\x", 1},       {"de 0x", 4},
    {"0x,de", 1},     {"0x 12", 1},
    {"de\\x", 3},     {"de0x", 3},
    {"\\x\\xde", 1},  {"0xzz", 1},
    {"xyz", 1},  // no hex digit
    {"dg", 2},        {"de ad xx", 7},
    {"deadbeeg", 8},  {"0X12", 2},  // the prefix is lower case
    {"\\X12", 1},     {"de\\ad", 3},
    {"x41", 1},       {"0xd0xad", 5},              // d0, and then an x
    {"0x0x12", 4},    {"00000000: dead  ..", 17},  // the ASCII column of a dump
    {"de.ad", 3},     {"de/ad", 3},
    {"\"de\"", 1},    {"\xc3\xa9", 1},
    {"de\0ad"s, 3},   {"de|ad", 3},
    {"+de", 1},       {"#de", 1},
};

std::string text_of(const std::vector<std::byte>& bytes) {
    return std::string(as_text(bytes));
}

void check_round_trips(std::uint32_t count, std::uint64_t seed) {
    Prng prng(seed);
    std::string content;
    for (std::uint32_t round = 0; round < count; ++round) {
        content.resize(prng.below(bytes_max + 1));
        for (char& byte : content)
            byte = static_cast<char>(prng.next());
        const Bytes bytes = as_bytes(content);
        const auto parsed = parse_hex(print_hex(bytes), bytes_max, true);
        REQUIRE(parsed);
        REQUIRE(text_of(*parsed) == content);
    }
}

}  // namespace

TEST_CASE("hex is read however people write it", "[wire][hex]") {
    CHECK(accepted.size() >= 40);
    for (const auto& [text, bytes] : accepted) {
        CAPTURE(text);
        const test::Guarded guarded(text);
        const auto parsed = parse_hex(guarded.text(), bytes_max, false);
        REQUIRE(parsed);
        CHECK(text_of(*parsed) == bytes);
    }
}

TEST_CASE("what is no hex is refused with its column", "[wire][hex]") {
    CHECK(refused.size() >= 40);
    for (const auto& [text, column] : refused) {
        CAPTURE(text);
        const test::Guarded guarded(text);
        const auto parsed = parse_hex(guarded.text(), bytes_max, false);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().column == column);
        CHECK_FALSE(parsed.error().message.empty());
    }
}

TEST_CASE("no bytes are fine only where they may be", "[wire][hex]") {
    for (const char* text : {"", " ", ":-_", "\n"}) {
        CAPTURE(text);
        const auto parsed = parse_hex(text, bytes_max, true);
        REQUIRE(parsed);
        CHECK(parsed->empty());
        CHECK_FALSE(parse_hex(text, bytes_max, false));
    }
}

TEST_CASE("the first byte past the limit is refused, not cut", "[wire][hex]") {
    CHECK(parse_hex("00 01 02", 3, false));
    const auto parsed = parse_hex("00 01 02 03", 3, false);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().column == 10);
    CHECK(parse_hex("0x0001020304", 3, false).error().column == 9);
    CHECK(parse_hex("0xA", 0, false).error().column == 3);
    CHECK(parse_hex("", 0, true));
}

TEST_CASE("hex cut at every byte is read or refused, never more", "[wire][hex]") {
    for (const auto& [text, bytes] : accepted) {
        test::for_every_cut(text, [&](std::string_view first, std::string_view) {
            const test::Guarded guarded(first);
            const auto parsed = parse_hex(guarded.text(), bytes_max, true);
            if (!parsed) return;
            const bool single =
                !parsed->empty() && text_of(*parsed) != bytes.substr(0, parsed->size());
            // "0xd" of "0xde" is a byte of its own; all else is a beginning of the whole.
            CHECK((!single || first.substr(0, first.size() - 1).ends_with("0x")));
        });
    }
}

TEST_CASE("printed bytes are read back, 10,000 times", "[wire][hex]") {
    check_round_trips(10'000, 1);
}
TEST_CASE("printed bytes are read back, a million times", "[.long]") {
    check_round_trips(1'000'000, 2);
}

TEST_CASE("bytes print as pairs of digits", "[wire][hex]") {
    CHECK(print_hex(as_bytes(deadbeef)) == "de ad be ef");
    CHECK(print_hex({}) == "");
    CHECK(print_hex(as_bytes("\0"s)) == "00");
    std::string line = "[udp:7 4B] ";
    append_hex_ascii(line, as_bytes(deadbeef));
    CHECK(line == "[udp:7 4B] de ad be ef |....|");
    std::string text;
    append_hex_ascii(text, as_bytes("a~ \x1b\x7f|"));
    CHECK(text == "61 7e 20 1b 7f 7c |a~ ..||");
    std::string none;
    append_hex_ascii(none, {});
    CHECK(none == "||");
}

TEST_CASE("a dump has 16 bytes a row, as xxd has", "[wire][hex]") {
    CHECK(print_dump({}) == "");
    CHECK(print_dump(as_bytes("hello")) ==
          "00000000: 6865 6c6c 6f                             hello\n");
    CHECK(print_dump(as_bytes("0123456789abcdef\n\xff")) ==
          "00000000: 3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef\n"
          "00000010: 0aff                                     ..\n");
}

TEST_CASE("bytes print as text only if a terminal can take them", "[wire][hex]") {
    for (const std::string text :
         {"hello", "two\nlines\n", "tab\t", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", ""}) {
        CAPTURE(text);
        CHECK(is_terminal_text(as_bytes(text)));
        CHECK(print_auto(as_bytes(text)) == text);
    }
    for (const auto& text : {"\x1b[2J"s, "a\r\n"s, "\x7f"s, "\xff"s, "\xc2\x9b"s, "\0"s,
                             "ok\n\x07"s, "\xe2\x80\xae"s, "a\xe2\x82"s}) {
        CAPTURE(text);
        CHECK_FALSE(is_terminal_text(as_bytes(text)));
        CHECK(print_auto(as_bytes(text)) == print_dump(as_bytes(text)));
    }
}
