#include "chatd/base/ids.hpp"

#include <type_traits>

#include "support/catch.hpp"

using namespace chatd;

static_assert(!std::is_convertible_v<ConnId, RoomId>, "a room is never taken for a connection");
static_assert(!std::is_constructible_v<RoomId, ConnId>);
static_assert(!std::is_convertible_v<Id<struct LeftTag, int>, Id<struct RightTag, int>>);
static_assert(!std::is_convertible_v<ConnId, bool>, "a handle is tested, not counted");
static_assert(std::is_trivially_copyable_v<ConnId>);
static_assert(sizeof(ConnId) == 8, "a handle fits a register");

TEST_CASE("a default handle is null and a given one is not", "[base][ids]") {
    CHECK_FALSE(ConnId{});
    CHECK_FALSE(ConnId{5, 0});
    CHECK(ConnId{0, 1});
}

TEST_CASE("handles are equal only with index and generation", "[base][ids]") {
    CHECK(ConnId{3, 1} == ConnId{3, 1});
    CHECK(ConnId{3, 1} != ConnId{3, 2});
    CHECK(ConnId{3, 1} != ConnId{4, 1});
    CHECK(ConnId{3, 9} < ConnId{4, 1});
}

TEST_CASE("ids of one noun compare by their value", "[base][ids]") {
    using ShelfId = Id<struct ShelfTag, std::uint16_t>;
    CHECK(ShelfId{} == ShelfId{0});
    CHECK(ShelfId{1} < ShelfId{2});
    static_assert(std::is_same_v<ShelfId::rep, std::uint16_t>);
}
