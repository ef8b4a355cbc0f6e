#include "chatd/base/timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "chatd/base/assert.hpp"

namespace chatd {

namespace {

constexpr std::uint32_t word_bits = 64;

constexpr std::uint64_t bit(std::uint32_t index) noexcept {
    return std::uint64_t(1) << (index % word_bits);
}

}  // namespace

TimerWheel::TimerWheel(Time start, Duration tick) : heads_(slot_count, none), tick_(tick) {
    static_assert(slot_count == word_bits * word_bits, "one word tells which words are not zero");
    CHATD_ASSERT(tick > Duration::zero());
    CHATD_ASSERT(start >= Time());
    now_ = start.time_since_epoch() / tick_;
    swept_ = now_;
}

void TimerWheel::arm(std::uint32_t key, Time deadline) {
    CHATD_ASSERT(key < head_mark);
    if (deadline == time_never) return cancel(key);
    if (key >= timers_.size()) timers_.resize(std::size_t(key) + 1);
    Timer& timer = timers_[key];
    if (timer.deadline == time_never) {
        ++armed_count_;
    } else if (deadline >= timer.deadline) {
        timer.deadline = deadline;  // hangs early enough already
        return;
    } else {
        unlink(key);
    }
    // Not before the tick under way: what due() arms in the past does not come round at once.
    timer.deadline = tick_of(deadline) > now_ ? deadline : end_of(now_ + 1);
    link(key);
}

void TimerWheel::cancel(std::uint32_t key) noexcept {
    if (!armed(key)) return;
    unlink(key);
    timers_[key].deadline = time_never;
    --armed_count_;
}

Time TimerWheel::next() const noexcept {
    return armed_count_ == 0 ? time_never : end_of(first_occupied());
}

void TimerWheel::begin_advance(Time now) noexcept {
    now_ = std::max<Tick>(now_, now.time_since_epoch() / tick_);
}

/// Takes the first key out of the first tick that has ended; none when all are swept.
std::uint32_t TimerWheel::pop() noexcept {
    const Tick tick = armed_count_ == 0 ? now_ + 1 : first_occupied();
    if (tick > now_) {
        swept_ = now_;
        return none;
    }
    swept_ = tick - 1;
    const std::uint32_t key = heads_[static_cast<std::uint32_t>(tick) % slot_count];
    CHATD_ASSERT(key != none);
    unlink(key);
    return key;
}

/// True if the popped key is due, and then it is disarmed; else it hangs where it now belongs.
bool TimerWheel::expire(std::uint32_t key) noexcept {
    Timer& timer = timers_[key];
    if (tick_of(timer.deadline) > now_) {
        link(key);
        return false;
    }
    timer.deadline = time_never;
    --armed_count_;
    return true;
}

void TimerWheel::link(std::uint32_t key) noexcept {
    Timer& timer = timers_[key];
    // swept_ + slot_count is as far as the wheel reaches; from there the key goes round again.
    const Tick tick = std::min(tick_of(timer.deadline), swept_ + slot_count);
    CHATD_ASSERT_COSTLY(tick > swept_);
    const std::uint32_t slot = static_cast<std::uint32_t>(tick) % slot_count;
    timer.next = heads_[slot];
    timer.previous = head_mark | slot;
    if (timer.next != none) timers_[timer.next].previous = key;
    heads_[slot] = key;
    occupied_[slot / word_bits] |= bit(slot);
    occupied_words_ |= bit(slot / word_bits);
}

void TimerWheel::unlink(std::uint32_t key) noexcept {
    const Timer& timer = timers_[key];
    if (timer.next != none) timers_[timer.next].previous = timer.previous;
    if ((timer.previous & head_mark) == 0) {
        timers_[timer.previous].next = timer.next;
        return;
    }
    const std::uint32_t slot = timer.previous & ~head_mark;
    heads_[slot] = timer.next;
    if (timer.next != none) return;
    occupied_[slot / word_bits] &= ~bit(slot);
    if (occupied_[slot / word_bits] == 0) occupied_words_ &= ~bit(slot / word_bits);
}

/// The first tick after swept_ whose slot holds a key; one must. Looks at the rest of the first
/// word, then by the summary at the first word that is not zero, at last round the corner.
TimerWheel::Tick TimerWheel::first_occupied() const noexcept {
    const std::uint32_t start = static_cast<std::uint32_t>(swept_ + 1) % slot_count;
    std::uint32_t word = start / word_bits;
    std::uint64_t bits = occupied_[word] & (~std::uint64_t(0) << (start % word_bits));
    if (bits == 0) {
        const std::uint32_t after = (word + 1) % word_bits;
        const std::uint64_t words = std::rotr(occupied_words_, static_cast<int>(after));
        CHATD_ASSERT(words != 0);
        word = (after + static_cast<std::uint32_t>(std::countr_zero(words))) % word_bits;
        bits = occupied_[word];
    }
    const std::uint32_t slot =
        word * word_bits + static_cast<std::uint32_t>(std::countr_zero(bits));
    return swept_ + 1 + (slot - start) % slot_count;
}

/// The tick `time` falls into: ticks end at multiples of tick_, so it is rounded up.
TimerWheel::Tick TimerWheel::tick_of(Time time) const noexcept {
    const Duration since = time.time_since_epoch();
    return since / tick_ + (since % tick_ > Duration::zero() ? 1 : 0);
}

}  // namespace chatd
