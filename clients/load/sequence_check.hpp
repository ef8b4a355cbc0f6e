#pragma once
// Checks what one listener hears of one publisher: every number once and in order. A value of
// 16 bytes, since there is one for each pair. One thread.

#include <cstdint>

namespace chatd::load {

/// What went wrong, summed over all listeners and publishers.
struct Tally {
    std::uint64_t received = 0;    ///< deliveries, right or wrong
    std::uint64_t lost = 0;        ///< never arrived (so far)
    std::uint64_t late = 0;        ///< arrived after a younger one
    std::uint64_t duplicates = 0;  ///< arrived more than once
    std::uint64_t damaged = 0;     ///< arrived with other bytes than were sent
    std::uint64_t foreign = 0;     ///< not from this run; no fault

    bool clean() const noexcept {
        return lost == 0 && late == 0 && duplicates == 0 && damaged == 0;
    }
};

class SequenceCheck {
public:
    /// Takes the next number heard, notes in `tally` what is wrong with it, and answers by how
    /// much the listener is further on than before.
    std::uint64_t received(std::uint64_t sequence, Tally& tally) noexcept {
        ++tally.received;
        if (sequence == next_) [[likely]] {
            ++next_;
            missing_ <<= 1;
            return 1;
        }
        return sequence > next_ ? skip(sequence, tally) : look_back(sequence, tally);
    }

    /// Gives up waiting for every number below `end`, and answers how many that were.
    std::uint64_t give_up_before(std::uint64_t end, Tally& tally) noexcept;

    /// One past the highest number heard or given up.
    std::uint64_t next() const noexcept { return next_; }

private:
    static constexpr std::uint64_t looked_back_max = 64;

    std::uint64_t skip(std::uint64_t sequence, Tally& tally) noexcept;
    std::uint64_t look_back(std::uint64_t sequence, Tally& tally) noexcept;

    std::uint64_t next_ = 0;
    std::uint64_t missing_ = 0;  ///< bit i: number next_ - 1 - i has not arrived
};

static_assert(sizeof(SequenceCheck) == 16);

}  // namespace chatd::load
