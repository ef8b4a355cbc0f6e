#pragma once
// Deadlines for many keys, one each, without a clock: the caller tells the time. A key is a small
// dense index (a slab index); 16 bytes a key and 17 KiB for the wheel. Owned by one engine, not
// thread safe.
//
//   heads_   [ . | . | 7 | . | 3 | . ... ]     4,096 slots of one tick each, a list of keys in
//   each;
//                      |       |               a bitmap says which are not empty
//   timers_            7       3 <-> 9 <-> 4
//
// Lazy: a key hangs in the slot where it will next be looked at, which is never after its deadline.
// Pushing a deadline later only stores it; when the slot comes round, the key is hung where it now
// belongs. Deadlines beyond the wheel (41 s at 10 ms) go round again. So "heard from it again,
// 25 s more", the common case, costs one store.
//
// Promises: due() is called never before a deadline, and by the first advance() at or after the end
// of the tick the deadline falls into. A cancelled key is never called, so a key needs
// no generation if it is cancelled when its slab slot is freed.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "chatd/base/time.hpp"

namespace chatd {

class TimerWheel {
public:
    /// 10 ms: late enough to gather what is due together, early enough for 200 ms of listen-after.
    static constexpr Duration tick_default = std::chrono::milliseconds(10);

    /// `start` is the present; times before it count as it.
    explicit TimerWheel(Time start, Duration tick = tick_default);

    /// Sets the key's deadline in place of any it had. A deadline already past is due with the next
    /// tick. time_never is cancel().
    void arm(std::uint32_t key, Time deadline);

    /// The key has no deadline from here on. Keys never armed are allowed.
    void cancel(std::uint32_t key) noexcept;

    bool armed(std::uint32_t key) const noexcept {
        return key < timers_.size() && timers_[key].deadline != time_never;
    }
    /// The key's deadline, time_never without one.
    Time deadline(std::uint32_t key) const noexcept {
        return key < timers_.size() ? timers_[key].deadline : time_never;
    }
    std::uint32_t armed_count() const noexcept { return armed_count_; }

    /// Calls due(key) for every key whose deadline has come; the key is no longer armed then, and
    /// due() may arm and cancel any. Looks at no more than `visits_max` keys (a burst of a million
    /// would otherwise hold up the turn): if next() <= now afterwards, call again. Returns how many
    /// keys were looked at.
    template <class Due>
    std::uint32_t advance(Time now, Due&& due, std::uint32_t visits_max = UINT32_MAX) {
        begin_advance(now);
        std::uint32_t visits = 0;
        for (std::uint32_t key; visits < visits_max && (key = pop()) != none; ++visits) {
            if (expire(key)) due(key);
        }
        return visits;
    }

    /// When advance() is needed next: the end of the first tick with a key in it, time_never when
    /// nothing is armed. Never later than the end of the tick of any deadline; perhaps earlier,
    /// since a deadline pushed later leaves its key where it was.
    Time next() const noexcept;

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t slot_count = 4096;
    static constexpr std::uint32_t head_mark = 0x8000'0000U;

    struct Timer {
        Time deadline = time_never;
        std::uint32_t next = none;      // in the slot's list
        std::uint32_t previous = none;  // or head_mark | slot for the first
    };
    static_assert(sizeof(Timer) == 16);

    using Tick = std::int64_t;  // tick t ends at t * tick_

    void begin_advance(Time now) noexcept;
    std::uint32_t pop() noexcept;
    bool expire(std::uint32_t key) noexcept;
    void link(std::uint32_t key) noexcept;
    void unlink(std::uint32_t key) noexcept;
    Tick first_occupied() const noexcept;
    Tick tick_of(Time time) const noexcept;
    Time end_of(Tick tick) const noexcept { return Time(tick * tick_); }

    std::vector<Timer> timers_;
    std::vector<std::uint32_t> heads_;
    std::array<std::uint64_t, slot_count / 64> occupied_{};  // one bit a slot
    std::uint64_t occupied_words_ = 0;                       // one bit a word of occupied_
    Duration tick_;
    Tick now_;    // the last tick that has ended
    Tick swept_;  // <= now_; every key hangs in a tick of (swept_, swept_ + slot_count]
    std::uint32_t armed_count_ = 0;
};

}  // namespace chatd
