#include "load/audience.hpp"

#include <algorithm>
#include <utility>

#include "chatd/base/assert.hpp"

namespace chatd::load {

namespace {

constexpr std::uint64_t never_waited_for = std::numeric_limits<std::uint64_t>::max();

}  // namespace

Audience::Audience(std::vector<Seat> seats, const BodyForm& form, std::uint32_t run,
                   bool echoes_own)
    : seats_(std::move(seats)), form_(form), run_(run), echoes_own_(echoes_own) {
    for (std::uint32_t seat = 0; seat < seats_.size(); ++seat) {
        positions_.push_back(seats_[seat].hears ? 0 : never_waited_for);
        if (seats_[seat].publisher == no_index) continue;
        CHATD_ASSERT(seats_[seat].publisher == publisher_seat_.size());
        publisher_seat_.push_back(seat);
    }
    published_.resize(publisher_seat_.size());
    checks_.resize(seats_.size() * published_.size());
}

std::uint64_t Audience::said(std::uint32_t publisher) noexcept {
    ++published_total_;
    const std::uint32_t seat = publisher_seat_[publisher];
    if (seats_[seat].hears && !echoes_own_) ++positions_[seat];
    return published_[publisher]++;
}

void Audience::heard(std::uint32_t seat, std::string_view body,
                     std::uint64_t since_start_ns) noexcept {
    const auto stamp = BodyForm::read(body);
    if (!stamp || stamp->run != run_ || stamp->publisher >= published_.size() ||
        stamp->sequence >= published_[stamp->publisher] || !seats_[seat].hears) {
        ++tally_.foreign;
        return;
    }
    if (!echoes_own_ && publisher_seat_[stamp->publisher] == seat) {
        ++tally_.duplicates;  // its own words, which it was not to hear again
        return;
    }
    if (!form_.filler_is_intact(body)) ++tally_.damaged;
    positions_[seat] += check_of(seat, stamp->publisher).received(stamp->sequence, tally_);
    latency_.record(since_start_ns > stamp->due_ns ? since_start_ns - stamp->due_ns : 0);
}

void Audience::give_up() noexcept {
    for (std::uint32_t seat = 0; seat < seats_.size(); ++seat) {
        if (!seats_[seat].hears) continue;
        for (std::uint32_t publisher = 0; publisher < published_.size(); ++publisher) {
            if (publisher_seat_[publisher] == seat && !echoes_own_) continue;
            positions_[seat] +=
                check_of(seat, publisher).give_up_before(published_[publisher], tally_);
        }
        CHATD_ASSERT(positions_[seat] == published_total_);
    }
}

void Audience::begin_measurement() noexcept {
    tally_ = {};
    latency_.clear();
    gap_notices_ = 0;
    answers_ = 0;
}

/// Positions only grow, so as long as the last one has not moved the others need no look.
std::uint64_t Audience::slowest_position() noexcept {
    if (positions_[slowest_] != slowest_position_) {
        const auto last = std::min_element(positions_.begin(), positions_.end());
        slowest_ = static_cast<std::size_t>(last - positions_.begin());
        slowest_position_ = *last;
    }
    return std::min(slowest_position_, published_total_);
}

}  // namespace chatd::load
