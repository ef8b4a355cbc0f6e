#pragma once
// Everybody who listens, and what each has heard of each publisher: where loss and order are
// checked, latency is recorded, and the slowest listener is known, whom the window waits for.
//
//     position of a listener = numbers heard (or given up), over all publishers, its own included
//                              unless the server echoes them
//     in flight              = published - smallest position
//
// Owns its tables; one thread.

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "load/body.hpp"
#include "load/histogram.hpp"
#include "load/sequence_check.hpp"

namespace chatd::load {

/// Nobody.
inline constexpr std::uint32_t no_index = std::numeric_limits<std::uint32_t>::max();

/// One connection's part.
struct Seat {
    bool hears = false;
    std::uint32_t publisher = no_index;  ///< which publisher it is, if it is one
};

class Audience {
public:
    /// `run` marks this run's bodies; `echoes_own`: who listens and publishes hears itself.
    Audience(std::vector<Seat> seats, const BodyForm& form, std::uint32_t run, bool echoes_own);

    /// A publisher says its next; answers the number that it bears.
    std::uint64_t said(std::uint32_t publisher) noexcept;
    /// The connection at `seat` heard `body`; `since_start_ns` is now on the stamps' clock.
    void heard(std::uint32_t seat, std::string_view body, std::uint64_t since_start_ns) noexcept;
    void gaps_declared(std::uint64_t count) noexcept { gap_notices_ += count; }

    void answered(std::uint64_t count) noexcept { answers_ += count; }

    std::uint64_t published() const noexcept { return published_total_; }
    std::uint64_t in_flight() noexcept { return published_total_ - slowest_position(); }
    /// Counts all that is still under way as lost.
    void give_up() noexcept;

    /// Forgets what was counted, not what was heard: the measured part begins.
    void begin_measurement() noexcept;
    const Tally& tally() const noexcept { return tally_; }
    const Histogram& latency() const noexcept { return latency_; }
    std::uint64_t gap_notices() const noexcept { return gap_notices_; }
    std::uint64_t answers() const noexcept { return answers_; }

private:
    std::uint64_t slowest_position() noexcept;
    SequenceCheck& check_of(std::uint32_t seat, std::uint32_t publisher) noexcept {
        return checks_[std::size_t{seat} * published_.size() + publisher];
    }

    std::vector<Seat> seats_;
    const BodyForm& form_;
    std::uint32_t run_;
    bool echoes_own_;

    std::vector<std::uint64_t> published_;       ///< by publisher
    std::vector<std::uint32_t> publisher_seat_;  ///< by publisher
    std::uint64_t published_total_ = 0;
    std::vector<SequenceCheck> checks_;     ///< seat by publisher
    std::vector<std::uint64_t> positions_;  ///< by seat; who does not hear is at infinity
    std::size_t slowest_ = 0;               ///< the seat that was last when we last looked,
    std::uint64_t slowest_position_ = 0;    ///< and where it was

    Tally tally_;
    Histogram latency_;
    std::uint64_t gap_notices_ = 0;
    std::uint64_t answers_ = 0;
};

}  // namespace chatd::load
