#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace chatd::load {

namespace {

/// Values below 2^bits_linear have a bucket each; above, the top bit_linear + 1 bits of a value
/// name its bucket and the rest are dropped.
std::size_t bucket_of(std::uint64_t value) noexcept {
    constexpr unsigned linear = Histogram::bits_linear;
    if (value < (std::uint64_t{1} << linear)) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - linear;
    return (std::size_t{shift} << linear) + static_cast<std::size_t>(value >> shift);
}

std::uint64_t bucket_end(std::size_t bucket) noexcept {
    constexpr unsigned linear = Histogram::bits_linear;
    if (bucket < (std::size_t{2} << linear)) return bucket;
    const auto shift = (bucket >> linear) - 1;
    const std::uint64_t top = bucket - (shift << linear);
    return ((top + 1) << shift) - 1;
}

}  // namespace

void Histogram::record(std::uint64_t value) noexcept {
    const std::uint64_t bounded = std::min(value, value_max);
    ++counts_[bucket_of(bounded)];
    ++count_;
    sum_ += bounded;
    max_ = std::max(max_, bounded);
}

double Histogram::mean() const noexcept {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile(double percent) const noexcept {
    if (count_ == 0) return 0;
    const double wanted = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_);
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(wanted)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
        seen += counts_[bucket];
        if (seen >= rank) return std::min(bucket_end(bucket), max_);
    }
    return max_;
}

}  // namespace chatd::load
