#include "chatd/wire/position_text.hpp"

#include <string>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string text_of(const Position& at, Epoch present) {
    std::string text;
    append_position(text, at, present);
    return text;
}

}  // namespace

TEST_CASE("a position of the present epoch is its number alone", "[wire][position_text]") {
    CHECK(text_of({3, 41}, 3) == "41");
    CHECK(text_of({3, 41}, 4) == "3:41");
    CHECK(text_of({3, 41}, 0) == "3:41");
    CHECK(text_of({0, 41}, 3) == "41");
    CHECK(text_of({3, 0}, 4) == "3:0");
}

TEST_CASE("a position is read back as it was written", "[wire][position_text]") {
    Prng prng(1);
    for (int round = 0; round < 2'000; ++round) {
        const Position at{prng.between(1, json_integer_max), prng.between(0, json_integer_max)};
        CHECK(parse_position(test::Guarded(text_of(at, 0)).text()) == at);
    }
    CHECK(parse_position("41") == Position{0, 41});
    CHECK(parse_position("3:41") == Position{3, 41});
    CHECK(parse_position("3:0") == Position{3, 0});
    CHECK(parse_position("007") == Position{0, 7});
    CHECK(parse_position("9007199254740992") == Position{0, json_integer_max});
}

TEST_CASE("what is no position is refused", "[wire][position_text]") {
    for (const char* text : {"",
                             "0",
                             ":",
                             "3:",
                             ":41",
                             "0:41",
                             "3:41:",
                             "3:4:1",
                             "3;41",
                             "-1",
                             "+1",
                             " 1",
                             "1 ",
                             "41x",
                             "x",
                             "3: 41",
                             "3:-1",
                             "0x10",
                             "9007199254740993",
                             "9007199254740993:1",
                             "1:9007199254740993",
                             "99999999999999999999999",
                             "#41"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_position(test::Guarded(text).text()));
    }
}
