#include "chatd/wire/crowd.hpp"

#include "support/catch.hpp"

using namespace chatd;
using wire::Crowd;

TEST_CASE("the numbers of a crowd come back as they were written", "[wire][crowd]") {
    CHECK(wire::crowd_body({.count = 500, .people = 1234}) == "500 1234");
    for (const Crowd crowd :
         {Crowd{0, 0}, Crowd{1, 0}, Crowd{32, 100'000}, Crowd{UINT64_MAX, UINT64_MAX}}) {
        CHECK(wire::crowd_of(wire::crowd_body(crowd)) == crowd);
    }
}

TEST_CASE("a number that is missing is 0", "[wire][crowd]") {
    CHECK(wire::crowd_of("") == Crowd{});
    CHECK(wire::crowd_of("7") == Crowd{7, 0});
    CHECK(wire::crowd_of("7 ") == Crowd{7, 0});
    CHECK(wire::crowd_of("x 7") == Crowd{0, 0});
}
