#pragma once
// The only place that asks the kernel what time it is.

#include <cstdint>

#include "chatd/base/time.hpp"

namespace chatd::io {

/// CLOCK_MONOTONIC now. Any thread.
Time now() noexcept;

/// CLOCK_REALTIME_COARSE: seconds since 1970 (UTC). Any thread.
std::int64_t unix_seconds() noexcept;

}  // namespace chatd::io
