#include "load/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::load;

TEST_CASE("an empty histogram says zero", "[load][histogram]") {
    const auto histogram = std::make_unique<Histogram>();
    CHECK(histogram->count() == 0);
    CHECK(histogram->max() == 0);
    CHECK(histogram->mean() == 0);
    CHECK(histogram->percentile(50) == 0);
}

TEST_CASE("small values are exact", "[load][histogram]") {
    const auto histogram = std::make_unique<Histogram>();
    for (std::uint64_t value = 1; value <= 200; ++value)
        histogram->record(value);
    CHECK(histogram->count() == 200);
    CHECK(histogram->mean() == 100.5);
    for (const unsigned percent : {1U, 10U, 50U, 99U}) {
        CHECK(histogram->percentile(percent) == 2 * percent);
    }
    CHECK(histogram->percentile(0) == 1);
    CHECK(histogram->percentile(100) == 200);
}

TEST_CASE("percentiles are right to one per cent at every size", "[load][histogram]") {
    Prng prng(7);
    for (const unsigned bits : {8U, 12U, 20U, 30U, 39U}) {
        const auto histogram = std::make_unique<Histogram>();
        std::vector<std::uint64_t> values;
        for (int index = 0; index < 20'000; ++index) {
            const std::uint64_t value = prng.below(std::uint64_t{1} << prng.between(1, bits));
            values.push_back(value);
            histogram->record(value);
        }
        std::sort(values.begin(), values.end());
        for (const double percent : {0.1, 10.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
            const auto rank = static_cast<std::size_t>(
                std::ceil(percent / 100 * static_cast<double>(values.size())));
            const auto exact = values[std::max<std::size_t>(rank, 1) - 1];
            const auto told = histogram->percentile(percent);
            CAPTURE(bits, percent, exact, told);
            CHECK(told >= exact);
            CHECK(static_cast<double>(told) <= static_cast<double>(exact) * 1.01);
        }
        CHECK(histogram->max() == values.back());
    }
}

TEST_CASE("a value past the range counts as the longest there is", "[load][histogram]") {
    const auto histogram = std::make_unique<Histogram>();
    histogram->record(~std::uint64_t{0});
    CHECK(histogram->max() == Histogram::value_max);
    CHECK(histogram->percentile(50) == Histogram::value_max);
    histogram->clear();
    CHECK(histogram->count() == 0);
}
