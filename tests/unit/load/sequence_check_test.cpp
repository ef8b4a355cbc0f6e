#include "load/sequence_check.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

Tally tally_of(const std::vector<std::uint64_t>& heard, std::uint64_t published) {
    SequenceCheck check;
    Tally tally;
    std::uint64_t position = 0;
    for (const std::uint64_t sequence : heard)
        position += check.received(sequence, tally);
    position += check.give_up_before(published, tally);
    CHECK(position == published);
    CHECK(check.next() == published);
    return tally;
}

}  // namespace

TEST_CASE("numbers in order are all right", "[load][sequence]") {
    const Tally tally = tally_of({0, 1, 2, 3, 4}, 5);
    CHECK(tally.received == 5);
    CHECK(tally.clean());
}

TEST_CASE("a hole is a loss, at the end as well", "[load][sequence]") {
    CHECK(tally_of({0, 1, 4}, 5).lost == 2);
    CHECK(tally_of({0, 1, 2}, 5).lost == 2);
    CHECK(tally_of({3, 4}, 5).lost == 3);
    CHECK(tally_of({}, 5).lost == 5);
    CHECK(tally_of({0, 500}, 501).lost == 499);
}

TEST_CASE("what comes after a younger one is late, not lost", "[load][sequence]") {
    const Tally tally = tally_of({0, 2, 1, 3}, 4);
    CHECK(tally.lost == 0);
    CHECK(tally.late == 1);
    CHECK(tally.duplicates == 0);
    CHECK_FALSE(tally.clean());
}

TEST_CASE("what comes twice is a duplicate, the second time", "[load][sequence]") {
    const Tally tally = tally_of({0, 1, 1, 2, 0}, 3);
    CHECK(tally.duplicates == 2);
    CHECK(tally.lost == 0);
    CHECK(tally_of({0, 2, 1, 1}, 3).duplicates == 1);
}

TEST_CASE("what was given up and comes after all is late", "[load][sequence]") {
    SequenceCheck check;
    Tally tally;
    check.received(0, tally);
    CHECK(check.give_up_before(4, tally) == 3);
    CHECK(check.give_up_before(4, tally) == 0);
    CHECK(tally.lost == 3);
    CHECK(check.received(2, tally) == 0);
    CHECK(tally.lost == 2);
    CHECK(tally.late == 1);
    CHECK(check.received(4, tally) == 1);
}

TEST_CASE("within the reach of its bits the check agrees with a set", "[load][sequence]") {
    Prng prng(42);
    for (int world = 0; world < 300; ++world) {
        // A stream with losses, doubles and swaps over short distances.
        constexpr std::uint64_t published = 200;
        std::vector<std::uint64_t> heard;
        for (std::uint64_t sequence = 0; sequence < published; ++sequence) {
            if (prng.chance(5)) continue;
            heard.push_back(sequence);
            if (prng.chance(5)) heard.push_back(sequence);
        }
        for (std::size_t index = 1; index < heard.size(); ++index) {
            if (prng.chance(10)) std::swap(heard[index], heard[index - 1]);
        }
        std::set<std::uint64_t> seen;
        std::uint64_t duplicates = 0;
        for (const std::uint64_t sequence : heard) {
            if (!seen.insert(sequence).second) ++duplicates;
        }
        const Tally tally = tally_of(heard, published);
        CHECK(tally.received == heard.size());
        CHECK(tally.duplicates == duplicates);
        CHECK(tally.lost == published - seen.size());
    }
}
