#include "chatd/wire/shown.hpp"

#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/wire/utf8.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

std::string shown(std::string_view text) {
    std::string out;
    append_shown(out, text);
    return out;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for_each_line(text, [&lines](std::string_view line) { lines.emplace_back(line); });
    return lines;
}
using Lines = std::vector<std::string>;

std::string encoded(char32_t point) {
    const auto byte = [](char32_t value) { return static_cast<char>(value); };
    if (point < 0x80) return {byte(point)};
    if (point < 0x800) return {byte(0xc0 | point >> 6), byte(0x80 | (point & 0x3f))};
    if (point < 0x10000) {
        return {byte(0xe0 | point >> 12), byte(0x80 | (point >> 6 & 0x3f)),
                byte(0x80 | (point & 0x3f))};
    }
    return {byte(0xf0 | point >> 18), byte(0x80 | (point >> 12 & 0x3f)),
            byte(0x80 | (point >> 6 & 0x3f)), byte(0x80 | (point & 0x3f))};
}

bool is_surrogate(char32_t point) {
    return point >= 0xd800 && point <= 0xdfff;
}

/// The header's table, spelled out once more.
std::string expected(char32_t point) {
    if (point < 0x20 && point != '\t') return encoded(0x2400 + point);
    if (point == 0x7f) return encoded(0x2421);
    const bool control = point >= 0x80 && point <= 0x9f;
    const bool bidi = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    const bool other = point == 0x2028 || point == 0x2029 || point == 0xfeff;
    return encoded(control || bidi || other ? 0xfffd : point);
}

}  // namespace

TEST_CASE("every character is shown as the table says", "[wire][shown]") {
    std::uint32_t wrong = 0;
    for (char32_t point = 0; point <= 0x10ffff; ++point) {
        if (is_surrogate(point)) continue;
        const std::string text = encoded(point);
        const std::string want = expected(point);
        wrong += shown(text) != want;
        wrong += shown_bytes(text) != want.size();
        wrong += is_plain(text) != (want == text);
        wrong += !utf8_valid(as_bytes(want));
    }
    CHECK(wrong == 0);
}

TEST_CASE("plain text is shown as it is", "[wire][shown]") {
    for (const std::string text :
         {"", "hello", "tab\tstays, and so does a long line of more than two blocks of sixteen",
          "gr\xc3\xbc\xc3\x9f dich \xe2\x80\x94 \xe2\x80\x9cquoted\xe2\x80\x9d \xe2\x82\xac 5",
          "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", "\xef\xbc\xa1"}) {
        CAPTURE(text);
        const test::Guarded guarded(text);
        CHECK(shown(guarded.text()) == text);
        CHECK(is_plain(guarded.text()));
    }
}

TEST_CASE("escape sequences reach a terminal as pictures", "[wire][shown]") {
    CHECK(shown("\x1b[2J") == "\xe2\x90\x9b[2J");
    CHECK(shown("\x1b]0;title\x07") == "\xe2\x90\x9b]0;title\xe2\x90\x87");
    CHECK(shown("a\r\nb") ==
          "a\xe2\x90\x8d\xe2\x90\x8a"
          "b");
    CHECK(shown("\0"s) == "\xe2\x90\x80");
    CHECK(shown("\xc2\x9b"
                "31m") ==
          "\xef\xbf\xbd"
          "31m");
    CHECK(shown("\xe2\x80\xae"
                "gnp.exe") ==
          "\xef\xbf\xbd"
          "gnp.exe");
}

TEST_CASE("text is appended to what is there", "[wire][shown]") {
    std::string out = "<ana> ";
    append_shown(out, "hi\x7f");
    append_shown(out, "");
    append_shown(out, "!");
    CHECK(out == "<ana> hi\xe2\x90\xa1!");
}

TEST_CASE("a character is replaced wherever it stands among others", "[wire][shown]") {
    for (const char32_t point : {U'\x1b', U'\x7f', U'\x85', U'\u202e', U'\u2069', U'\ufeff'}) {
        for (std::size_t before = 0; before < 40; ++before) {
            for (const std::size_t after : {0U, 1U, 15U, 16U, 33U}) {
                const std::string head(before, 'a');
                const std::string tail(after, 'z');
                const test::Guarded guarded(head + encoded(point) + tail);
                const std::string want = head + expected(point) + tail;
                CHECK(shown(guarded.text()) == want);
                CHECK(shown_bytes(guarded.text()) == want.size());
            }
        }
    }
}

TEST_CASE("random text shows as its characters do, and showing twice changes no more",
          "[wire][shown]") {
    Prng prng(7);
    constexpr char32_t edges[] = {0,      '\t',   '\n',   0x1f,   ' ',    '~',    0x7f,
                                  0x80,   0x9f,   0xa0,   0xbf,   0xc2,   0x2027, 0x2028,
                                  0x2029, 0x202a, 0x202e, 0x202f, 0x2065, 0x2066, 0x2069,
                                  0x206a, 0xfefe, 0xfeff, 0xff01, 0x1f600};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        std::string want;
        for (std::uint64_t count = prng.below(50); count > 0; --count) {
            const char32_t point = prng.chance(70) ? U'a' + char32_t(prng.below(26))
                                                   : edges[prng.below(std::size(edges))];
            text += encoded(point);
            want += expected(point);
        }
        REQUIRE(shown(text) == want);
        REQUIRE(shown_bytes(text) == want.size());
        REQUIRE(is_plain(want));
    }
}

TEST_CASE("bytes that are no UTF-8 are not read past their end", "[wire][shown]") {
    for (const std::string text :
         {"\xc2", "\xe2", "\xe2\x80", "\xe2\x81", "\xef", "\xef\xbb", "a\xe2"}) {
        CAPTURE(text);
        const test::Guarded guarded(text);
        CHECK(shown(guarded.text()) == text);
        CHECK(lines_of(guarded.text()) == Lines{text});
    }
}

TEST_CASE("a text is split at every kind of line end", "[wire][shown]") {
    CHECK(lines_of("") == Lines{});
    CHECK(lines_of("a") == Lines{"a"});
    CHECK(lines_of("a\n") == Lines{"a"});
    CHECK(lines_of("\n") == Lines{""});
    CHECK(lines_of("a\nb\r\nc\rd\xe2\x80\xa8"
                   "e\xe2\x80\xa9"
                   "f") == Lines{"a", "b", "c", "d", "e", "f"});
    CHECK(lines_of("a\n\n\rb") == Lines{"a", "", "", "b"});
    CHECK(lines_of("\r\n\r\n") == Lines{"", ""});
    CHECK(lines_of("a\xe2\x80\xaa"
                   "b\xe2\x82\xac\xc2\x85") == Lines{"a\xe2\x80\xaa"
                                                     "b\xe2\x82\xac\xc2\x85"});
}

TEST_CASE("lines put together again give the text", "[wire][shown]") {
    Prng prng(11);
    const std::string ends[] = {"\n", "\r\n", "\r", "\xe2\x80\xa8", "\xe2\x80\xa9"};
    for (int round = 0; round < 5'000; ++round) {
        std::string text;
        Lines want;
        bool after_cr = false;
        for (std::uint64_t count = prng.below(8); count > 0; --count) {
            std::string line(prng.below(40), 'x');
            const std::string& end = ends[prng.below(std::size(ends))];
            if (after_cr && line.empty()) line = "y";  // else "\r" and "\n" would be one end
            after_cr = end == "\r";
            text += line + end;
            want.push_back(line);
        }
        const test::Guarded guarded(text);
        CHECK(lines_of(guarded.text()) == want);
        CHECK(count_lines(text, 1'000) == want.size());
        CHECK(count_lines(text, 3) == std::min<std::size_t>(want.size(), 3));
    }
}
