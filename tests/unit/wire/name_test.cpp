#include "chatd/wire/name.hpp"

#include "support/catch.hpp"

namespace chatd::wire {
namespace {

TEST_CASE("one leading # is not part of a room's name", "[wire][name]") {
    CHECK(bare_room("#dev") == "dev");
    CHECK(bare_room("dev") == "dev");
    CHECK(bare_room("##dev") == "#dev");
    CHECK(bare_room("#") == "");
    CHECK(bare_room("") == "");
}

TEST_CASE("names are the same in any case, and only so", "[wire][name]") {
    CHECK(same_name("Ana", "aNA"));
    CHECK(same_name("", ""));
    CHECK_FALSE(same_name("ana", "anna"));
    CHECK_FALSE(same_name("ana", "ana-"));
    CHECK_FALSE(same_name("a-b", "a_b"));
    // '@' and '`', '[' and '{' stand as far apart as 'A' and 'a', and are no letters.
    CHECK_FALSE(same_name("@[", "`{"));
}

}  // namespace
}  // namespace chatd::wire
