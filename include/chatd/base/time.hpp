#pragma once
// Monotonic time as a value. Nothing below the kernel line asks a clock: it is told the time.

#include <chrono>

namespace chatd {

using Duration = std::chrono::nanoseconds;

/// Tag clock without a now(): only io/system_clock can make a Time from the kernel's clock.
struct Monotonic {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Monotonic, Duration>;
    static constexpr bool is_steady = true;
};

using Time = Monotonic::time_point;
inline constexpr Time time_never = Time::max();

}  // namespace chatd
