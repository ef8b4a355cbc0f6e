#pragma once
// Moments as the clock on the wall shows them, by the zone of this process (TZ). Plain functions,
// any thread.

#include <string>

#include "chatd/base/position.hpp"

namespace chatd::terminal {

/// "14:02".
std::string time_of_day(UnixMs at);

/// "Friday, 27 November 2026": equal for two moments if they lie in one day.
std::string day_of(UnixMs at);

}  // namespace chatd::terminal
