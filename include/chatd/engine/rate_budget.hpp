#pragma once
// RateBudget: so much a second, one second's worth at once. A plain value of 8 bytes that says
// until when the past has been paid for; the rate is the caller's, so that all budgets of one kind
// share one number. Owned by whoever is limited; not thread safe.

#include <algorithm>
#include <cstdint>

#include "chatd/base/time.hpp"

namespace chatd::engine {

class RateBudget {
public:
    static constexpr Duration burst = std::chrono::seconds(1);

    /// What is left, as the time it would take to earn it: nothing at 0, all of it at `burst`.
    Duration left(Time now) const noexcept {
        return std::max(Duration::zero(), now + burst - std::max(paid_until_, now));
    }

    /// Takes `amount` of `per_second`, more than is left if need be: who asks left() first and
    /// spends once overdraws by one piece at most, and the mean stays at the rate, whatever the
    /// size of a piece. `per_second` is not 0; amount <= 10^10.
    void spend(std::uint64_t amount, std::uint64_t per_second, Time now) noexcept {
        const std::uint64_t earned_in = amount * 1'000'000'000U / per_second;
        paid_until_ = std::max(paid_until_, now) + Duration(static_cast<Duration::rep>(earned_in));
    }

private:
    Time paid_until_ = Time::min();
};

/// The two budgets of one source of datagrams.
struct SourceRate {
    RateBudget packets;
    RateBudget bytes;
};

}  // namespace chatd::engine
