#pragma once
// The only place that asks the kernel what time it is.

#include "chatd/base/time.hpp"

namespace chatd::io {

/// CLOCK_MONOTONIC now. Any thread.
Time now() noexcept;

}  // namespace chatd::io
