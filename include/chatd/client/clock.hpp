#pragma once
// The only place where the client library and its programs ask what time it is.

#include "chatd/base/time.hpp"

namespace chatd::client {

/// CLOCK_MONOTONIC now. Any thread.
Time now() noexcept;

/// From `from` until `deadline` in whole milliseconds, rounded up, as poll() wants them: 0 when it
/// has passed, -1 for time_never, never more than an int holds.
int poll_timeout_ms(Time from, Time deadline) noexcept;

}  // namespace chatd::client
