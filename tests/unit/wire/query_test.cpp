#include "wire/query.hpp"

#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;

namespace {

std::string decoded(std::string_view text, bool plus_is_blank = false) {
    const Guarded guarded(text);
    return percent_decode(guarded.text(), plus_is_blank).value_or("refused");
}

std::string value(std::string_view query, std::string_view name) {
    const auto parsed = Query::decode(query);
    if (!parsed) return "refused";
    const std::string* found = parsed->find(name);
    return found ? *found : "absent";
}

}  // namespace

TEST_CASE("percent-encoding is decoded", "[wire][query]") {
    CHECK(decoded("").empty());
    CHECK(decoded("plain-text_1.2~") == "plain-text_1.2~");
    CHECK(decoded("a%2Fb%2fc") == "a/b/c");
    CHECK(decoded("%E2%82%AC") == "\xe2\x82\xac");
    CHECK(decoded("%2525") == "%25");
    CHECK(decoded("%01%7f%0A") == "\x01\x7f\n");
    CHECK(decoded("\xe2\x82\xac") == "\xe2\x82\xac");
}

TEST_CASE("a plus is a blank in a query alone", "[wire][query]") {
    CHECK(decoded("a+b%2B", false) == "a+b+");
    CHECK(decoded("a+b%2B", true) == "a b+");
}

TEST_CASE("percent-encoding that says no text is refused", "[wire][query]") {
    for (const char* bad :
         {"%",      "a%",        "%2",           "%2g",    "%g2",     "%%20", "% 20",
          "%-1",    "%+1",       "%u0041",       "%00",    "a%00b",   "%ff",  "%C3",
          "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%E2%82", "%E2x%82", "\xff"}) {
        CAPTURE(bad);
        CHECK(decoded(bad) == "refused");
        CHECK(value("q=" + std::string(bad), "q") == "refused");
        CHECK(value(std::string(bad) + "=q", "x") == "refused");
    }
}

TEST_CASE("a query is its parameters", "[wire][query]") {
    const std::string_view query = "q=two+words&&empty=&bare&l%69mit=5&eq=a=b&";
    CHECK(value(query, "q") == "two words");
    CHECK(value(query, "empty").empty());
    CHECK(value(query, "bare").empty());
    CHECK(value(query, "limit") == "5");
    CHECK(value(query, "eq") == "a=b");
    CHECK(value(query, "absent") == "absent");
    CHECK(value(query, "Q") == "absent");
    CHECK(value("", "") == "absent");
    CHECK(value("=x", "") == "x");
}

TEST_CASE("a parameter given twice is refused, however it is written", "[wire][query]") {
    CHECK(value("a=1&b=2&a=1", "b") == "refused");
    CHECK(value("a=1&%61=2", "a") == "refused");
    CHECK(value("a&a", "a") == "refused");
    CHECK(value("a=1&A=2", "a") == "1");
}

TEST_CASE("a query has at most 32 parameters", "[wire][query]") {
    std::string query;
    for (std::size_t number = 0; number < limits::http_parameters_max; ++number)
        query += "p" + std::to_string(number) + "=v&";
    CHECK(value(query, "p31") == "v");
    CHECK(value(query + "&&&", "p31") == "v");
    CHECK(value(query + "q=1", "p31") == "refused");
    CHECK(value("q=" + std::string(16'000, 'x'), "q") == std::string(16'000, 'x'));
}
