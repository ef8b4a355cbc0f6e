#include "store/number_line.hpp"

#include "support/catch.hpp"

using namespace chatd;
using store::NumberLine;

namespace {

// Epoch 2 gave three numbers, epoch 5 none, epoch 7 two so far.
const NumberLine line({{2, 3}, {5, 0}, {7, 2}});

}  // namespace

TEST_CASE("the number after a position may stand in a later epoch", "[store][number_line]") {
    CHECK(line.next({2, 0}) == Position{2, 1});
    CHECK(line.next({2, 2}) == Position{2, 3});
    CHECK(line.next({2, 3}) == Position{7, 1});
    CHECK(line.next({7, 1}) == Position{7, 2});
    CHECK_FALSE(line.next({7, 2}));
}

TEST_CASE("positions that no epoch gave lie between those that were given",
          "[store][number_line]") {
    CHECK(line.next({1, 9}) == Position{2, 1});
    CHECK(line.next({2, 9}) == Position{7, 1});
    CHECK(line.next({4, 1}) == Position{7, 1});
    CHECK(line.next({5, 4}) == Position{7, 1});
    CHECK_FALSE(line.next({7, 9}));
    CHECK_FALSE(line.next({8, 0}));
}

TEST_CASE("the number before a position may stand in an earlier epoch", "[store][number_line]") {
    CHECK(line.previous({7, 2}) == Position{7, 1});
    CHECK(line.previous({7, 1}) == Position{2, 3});
    CHECK(line.previous({2, 2}) == Position{2, 1});
    CHECK_FALSE(line.previous({2, 1}));
}

TEST_CASE("the last number skips epochs that gave none", "[store][number_line]") {
    CHECK(line.last() == Position{7, 2});
    CHECK(NumberLine({{2, 3}, {5, 0}}).last() == Position{2, 3});
    CHECK_FALSE(NumberLine({{5, 0}}).last());
}
