#include "load/sequence_check.hpp"

namespace chatd::load {

std::uint64_t SequenceCheck::give_up_before(std::uint64_t end, Tally& tally) noexcept {
    if (end <= next_) return 0;
    const std::uint64_t skipped = end - next_;
    tally.lost += skipped;
    missing_ = skipped >= looked_back_max
                   ? ~std::uint64_t{0}
                   : (missing_ << skipped) | ((std::uint64_t{1} << skipped) - 1);
    next_ = end;
    return skipped;
}

std::uint64_t SequenceCheck::skip(std::uint64_t sequence, Tally& tally) noexcept {
    const std::uint64_t skipped = give_up_before(sequence, tally);
    ++next_;
    missing_ <<= 1;
    return skipped + 1;
}

/// A number from the past is late if it was still missing, else a duplicate. What lies further
/// back than the bits reach was counted as lost long ago and is called late.
std::uint64_t SequenceCheck::look_back(std::uint64_t sequence, Tally& tally) noexcept {
    const std::uint64_t distance = next_ - 1 - sequence;
    if (distance >= looked_back_max) {
        ++tally.late;
        return 0;
    }
    const std::uint64_t bit = std::uint64_t{1} << distance;
    if ((missing_ & bit) == 0) {
        ++tally.duplicates;
        return 0;
    }
    missing_ &= ~bit;
    ++tally.late;
    --tally.lost;
    return 0;
}

}  // namespace chatd::load
