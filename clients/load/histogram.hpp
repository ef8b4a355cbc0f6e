#pragma once
// A log-linear histogram of durations, as HdrHistogram has: each power of two is cut into 128
// equal buckets, so a percentile is right to better than 1 % whatever its size, in constant
// memory. Recording is a shift and an increment. One thread.

#include <array>
#include <cstdint>

namespace chatd::load {

class Histogram {
public:
    static constexpr unsigned bits_linear = 7;  ///< 128 buckets a power of two: under 0.8 %
    static constexpr unsigned bits_max = 40;    ///< 2^40 ns, 18 minutes; longer counts as that
    static constexpr std::uint64_t value_max = (std::uint64_t{1} << bits_max) - 1;

    void record(std::uint64_t value) noexcept;
    void clear() noexcept { *this = Histogram{}; }

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t max() const noexcept { return max_; }  ///< exact
    double mean() const noexcept;
    /// The smallest recorded value that `percent` of all are at or below, rounded up to its
    /// bucket's end and never above max(); 0 when nothing was recorded.
    std::uint64_t percentile(double percent) const noexcept;

private:
    static constexpr std::size_t buckets = (bits_max - bits_linear + 1) << bits_linear;

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
    std::uint64_t sum_ = 0;
};

}  // namespace chatd::load
