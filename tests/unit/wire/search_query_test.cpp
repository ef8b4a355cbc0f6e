#include "chatd/wire/search_query.hpp"

#include <string>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;
using Terms = std::vector<std::string_view>;

namespace {

SearchQuery parsed(std::string_view text) {
    const auto query = parse_search_query(text);
    if (!query) FAIL(std::string(text) << ": " << query.error());
    return *query;
}

std::string refusal(std::string_view text) {
    const auto query = parse_search_query(text);
    return query ? "none" : query.error();
}

constexpr UnixMs day_ms = 86'400'000;
constexpr UnixMs november_26 = 1'795'651'200'000;  // 2026-11-26T00:00:00Z

}  // namespace

TEST_CASE("words and phrases are terms in the order they were written", "[wire][search_query]") {
    const auto query = parsed("  deploy \"went well\"\ttoday ");
    CHECK(query.terms == Terms{"deploy", "went well", "today"});
    CHECK(query.from.empty());
    CHECK(query.room.empty());
    CHECK_FALSE(query.before);
    CHECK_FALSE(query.after);
}

TEST_CASE("from: and in: name a person and a room, the room with or without its mark",
          "[wire][search_query]") {
    const auto query = parsed("from:ana in:#dev bug");
    CHECK(query.from == "ana");
    CHECK(query.room == "dev");
    CHECK(query.terms == Terms{"bug"});
    CHECK(parsed("in:dev").room == "dev");
}

TEST_CASE("a date is its beginning in UTC, and an RFC 3339 time is itself",
          "[wire][search_query]") {
    const auto day = parsed("after:2026-11-26 before:2026-11-27");
    CHECK(day.after == november_26);
    CHECK(day.before == november_26 + day_ms);
    const auto moment = parsed("after:2026-11-26T01:00:00.250+01:00 before:2026-11-26T00:00:01Z");
    CHECK(moment.after == november_26 + 250);
    CHECK(moment.before == november_26 + 1'000);
}

TEST_CASE("a condition needs no word beside it", "[wire][search_query]") {
    CHECK(parsed("from:ana").terms.empty());
    CHECK(parsed("before:2026-11-26").terms.empty());
}

TEST_CASE("what only looks like a condition is a word", "[wire][search_query]") {
    CHECK(parsed("http://host").terms == Terms{"http://host"});
    CHECK(parsed("From:ana").terms == Terms{"From:ana"});
    CHECK(parsed("\"from:ana\"").terms == Terms{"from:ana"});
    CHECK(parsed(":").terms == Terms{":"});
    CHECK(parsed("it's 5\"").terms == Terms{"it's", "5\""});
    CHECK(parsed("NOT a* OR (b)").terms == Terms{"NOT", "a*", "OR", "(b)"});
}

TEST_CASE("a search outside the language is refused with what is wrong", "[wire][search_query]") {
    CHECK(refusal("") == "there is nothing to search for");
    CHECK(refusal(" \t ") == "there is nothing to search for");
    CHECK(refusal("a \"b c") == "a quote is not closed");
    CHECK(refusal("\" \"") == "there is nothing between two quotes");
    CHECK(refusal("from:") == "from: lacks a name");
    CHECK(refusal("in:#") == "in: lacks a name");
    CHECK(refusal("from:a from:b") == "from: is given twice");
    CHECK(refusal("after:2026-01-01 after:2026-01-02") == "after: is given twice");
    CHECK(refusal("before:yesterday") == "before: takes 2026-11-26 or 2026-11-26T10:00:00Z");
    CHECK(refusal("before:2026-02-30") == "before: takes 2026-11-26 or 2026-11-26T10:00:00Z");
    CHECK(refusal(std::string_view("a\0b", 3)) == "a search holds no NUL");
}

TEST_CASE("a search at its bounds is read, past them refused", "[wire][search_query]") {
    std::string words;
    for (std::uint32_t word = 0; word < limits::search_terms_max; ++word)
        words += "w ";
    CHECK(parsed(words).terms.size() == limits::search_terms_max);
    CHECK(refusal(words + "w") == "more than 16 words and phrases");
    const std::string longest(limits::search_query_bytes_max, 'x');
    CHECK(parsed(longest).terms == Terms{longest});
    CHECK(refusal(longest + "x") == "a search has at most 512 bytes");
}

TEST_CASE("every cut of a search is read or refused, never read past its end",
          "[wire][search_query]") {
    const std::string text =
        "one \"two three\" from:ana in:#dev after:2026-11-26 before:2026-11-27";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const std::string cut = text.substr(0, length);
        const auto query = parse_search_query(cut);
        if (!query) continue;
        for (const std::string_view term : query->terms) {
            CHECK_FALSE(term.empty());
            CHECK(term.data() >= cut.data());
            CHECK(term.data() + term.size() <= cut.data() + cut.size());
        }
    }
}

TEST_CASE("any bytes are read or refused within the bounds", "[wire][search_query]") {
    constexpr std::string_view alphabet = "a :\"#\t-2from:in:before:after:\xc3\xa9";
    Prng prng(5);
    for (int round = 0; round < 5'000; ++round) {
        std::string text;
        for (auto length = prng.below(40); length > 0; --length)
            text += alphabet[prng.below(alphabet.size())];
        const auto query = parse_search_query(text);
        if (query) {
            CHECK(query->terms.size() <= limits::search_terms_max);
        } else {
            CHECK_FALSE(query.error().empty());
        }
    }
}
