#include "chatd/wire/utf8.hpp"

#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

const std::vector<std::string> good_texts = {
    "",
    "plain ASCII, long enough for several words of eight bytes",
    "\0\x01\x7f"s,
    "\xc2\x80 \xdf\xbf",                  // first and last of two bytes
    "\xe0\xa0\x80 \xef\xbf\xbf",          // of three
    "\xed\x9f\xbf \xee\x80\x80",          // around the surrogates
    "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf",  // of four
    "gr\xc3\xbc\xc3\x9f \xe2\x82\xac\xf0\x9f\x98\x80 dich",
    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
};

/// Each with the number of bytes after which nothing can make it valid any more.
struct Bad {
    std::string text;
    std::size_t fails_after;
};
const std::vector<Bad> bad_texts = {
    {"\x80", 1},
    {"abcdefgh\xbf", 9},
    {"\xc0\x80", 1},
    {"\xc1\xbf", 1},
    {"\xc2\x7f", 2},
    {"\xc2\xc2", 2},
    {"\xe0\x9f\xbf", 2},  // overlong
    {"\xe1\x80\x7f", 3},
    {"\xed\xa0\x80", 2},      // surrogate
    {"\xf0\x8f\xbf\xbf", 2},  // overlong
    {"\xf4\x90\x80\x80", 2},  // above U+10FFFF
    {"\xf1\x80\x80\xc0", 4},
    {"\xf5\x80\x80\x80", 1},
    {"\xff", 1},
    {"ok \xe2\x82\xac then \xfe", 13},
};

/// What the streaming checker says of a whole text.
bool checked(std::string_view text) {
    Utf8Checker checker;
    return checker.push(as_bytes(text)) && checker.complete();
}

}  // namespace

TEST_CASE("good UTF-8 is valid, whole and cut at every byte", "[wire][utf8]") {
    for (const auto& text : good_texts) {
        CAPTURE(text);
        const test::Guarded guarded(text);
        CHECK(utf8_valid(guarded.bytes()));
        test::for_every_cut(guarded.text(), [](std::string_view first, std::string_view second) {
            Utf8Checker checker;
            CHECK(checker.push(as_bytes(first)));
            CHECK(checker.complete() == utf8_valid(as_bytes(first)));
            CHECK(checker.push(as_bytes(second)));
            CHECK(checker.complete());
        });
    }
}

TEST_CASE("bad UTF-8 fails at the first byte nothing can mend", "[wire][utf8]") {
    for (const auto& [text, fails_after] : bad_texts) {
        CAPTURE(text, fails_after);
        const test::Guarded guarded(text);
        CHECK_FALSE(utf8_valid(guarded.bytes()));
        test::for_every_cut(guarded.text(), [&](std::string_view first, std::string_view second) {
            Utf8Checker checker;
            CHECK(checker.push(as_bytes(first)) == (first.size() < fails_after));
            CHECK_FALSE(checker.push(as_bytes(second)));
            CHECK_FALSE(checker.complete());
        });
    }
}

TEST_CASE("a text that ends within a character is incomplete, not yet wrong", "[wire][utf8]") {
    for (const std::string text : {"\xc3", "\xe2\x82", "\xf0\x9f\x98", "ok \xf4\x8f"}) {
        CAPTURE(text);
        Utf8Checker checker;
        CHECK(checker.push(as_bytes(text)));
        CHECK_FALSE(checker.complete());
        CHECK_FALSE(utf8_valid(as_bytes(text)));
    }
}

TEST_CASE("a failed checker stays failed until it is reset", "[wire][utf8]") {
    Utf8Checker checker;
    CHECK_FALSE(checker.push(as_bytes("\xff")));
    CHECK_FALSE(checker.push(as_bytes("fine")));
    CHECK_FALSE(checker.push({}));
    CHECK_FALSE(checker.complete());
    checker.reset();
    CHECK(checker.push(as_bytes("fine")));
    CHECK(checker.complete());
}

TEST_CASE("every sequence of up to three bytes is judged alike by both", "[wire][utf8]") {
    std::uint32_t disagreements = 0;
    for (std::uint32_t bits = 0; bits < 0x100'0000; ++bits) {
        // Only leads above ASCII tell anything; the third byte needs just the edges.
        const char bytes[] = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8),
                              static_cast<char>(bits)};
        if ((bits >> 16) < 0xc0 || ((bits & 0x3f) != 0 && (bits & 0x3f) != 0x3f)) continue;
        for (std::size_t size = 1; size <= sizeof bytes; ++size) {
            const std::string_view text(bytes, size);
            disagreements += utf8_valid(as_bytes(text)) != checked(text);
        }
    }
    CHECK(disagreements == 0);
}

TEST_CASE("100,000 mutated texts are judged alike by both, however cut", "[wire][utf8]") {
    Prng prng(20);
    std::uint32_t disagreements = 0;
    std::uint32_t valid = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::string text;
        for (std::uint64_t pieces = prng.between(1, 4); pieces > 0; --pieces) {
            text += good_texts[prng.below(good_texts.size())];
        }
        for (std::uint64_t changes = prng.below(3); changes > 0 && !text.empty(); --changes) {
            text[prng.below(text.size())] = static_cast<char>(prng.next());
        }
        Utf8Checker checker;
        bool pushed = true;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t bytes = prng.between(1, 20);
            pushed = checker.push(as_bytes(std::string_view(text).substr(at, bytes)));
            at += bytes;
        }
        const bool expected = utf8_valid(as_bytes(text));
        disagreements += (pushed && checker.complete()) != expected;
        valid += expected;
    }
    CHECK(disagreements == 0);
    CHECK(valid > 10'000);
    CHECK(valid < 90'000);
}
