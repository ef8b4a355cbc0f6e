#pragma once
// The only place that asks the kernel what time it is.

#include <cstdint>

#include "chatd/base/time.hpp"

namespace chatd::io {

/// CLOCK_MONOTONIC now. Any thread.
Time now() noexcept;

/// CLOCK_REALTIME_COARSE: seconds since 1970 (UTC). Any thread.
std::int64_t unix_seconds() noexcept;

/// CLOCK_REALTIME: milliseconds since 1970 (UTC). Any thread.
std::int64_t unix_ms() noexcept;

/// How far the zone of this process (TZ, else the machine's) lies east of UTC at that second.
std::int32_t zone_offset_seconds(std::int64_t unix_second) noexcept;

}  // namespace chatd::io
