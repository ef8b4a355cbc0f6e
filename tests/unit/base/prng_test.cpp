#include "chatd/base/prng.hpp"

#include <array>
#include <set>

#include "support/catch.hpp"

using namespace chatd;

TEST_CASE("equal seeds give equal sequences and others differ", "[base][prng]") {
    Prng first(7);
    Prng second(7);
    Prng other(8);
    int different = 0;
    for (int draw = 0; draw < 1'000; ++draw) {
        const auto number = first.next();
        REQUIRE(number == second.next());
        if (number != other.next()) ++different;
    }
    CHECK(different == 1'000);
}

TEST_CASE("the sequence is xoshiro256** seeded by splitmix64", "[base][prng]") {
    // splitmix64 of seed 0 is published with its source: e220a8397b1dcdaf 6e789e6aa1b965f4 ...
    // The first output is rotl(second word * 5, 7) * 9.
    constexpr std::uint64_t second_word = 0x6e789e6aa1b965f4U;
    Prng prng(0);
    CHECK(prng.next() == std::rotl(second_word * 5, 7) * 9);
    static_assert(Prng(0).next() == std::rotl(second_word * 5, 7) * 9);
}

TEST_CASE("below() stays below, between() includes both ends", "[base][prng]") {
    Prng prng(3);
    std::set<std::uint64_t> drawn;
    std::set<std::uint64_t> ranged;
    for (int draw = 0; draw < 2'000; ++draw) {
        drawn.insert(prng.below(5));
        ranged.insert(prng.between(10, 12));
    }
    CHECK(drawn == std::set<std::uint64_t>{0, 1, 2, 3, 4});
    CHECK(ranged == std::set<std::uint64_t>{10, 11, 12});
    CHECK(prng.below(0) == 0);
    CHECK(prng.below(1) == 0);
    CHECK(prng.between(9, 9) == 9);
}

TEST_CASE("chance() is near what it is asked for, never and always included", "[base][prng]") {
    Prng prng(5);
    int never = 0;
    int third = 0;
    int always = 0;
    for (int draw = 0; draw < 10'000; ++draw) {
        never += prng.chance(0) ? 1 : 0;
        third += prng.chance(33) ? 1 : 0;
        always += prng.chance(100) ? 1 : 0;
    }
    CHECK(never == 0);
    CHECK(always == 10'000);
    CHECK(third > 3'100);
    CHECK(third < 3'500);
}

TEST_CASE("every bit is set about half the time", "[base][prng]") {
    Prng prng(1);
    std::array<int, 64> set{};
    for (int draw = 0; draw < 10'000; ++draw) {
        const auto number = prng.next();
        for (std::size_t bit = 0; bit < set.size(); ++bit)
            set[bit] += (number >> bit & 1) != 0 ? 1 : 0;
    }
    for (const int count : set) {
        CHECK(count > 4'700);
        CHECK(count < 5'300);
    }
}
