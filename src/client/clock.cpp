#include "chatd/client/clock.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace chatd::client {

Time now() noexcept {
    return Time(std::chrono::steady_clock::now().time_since_epoch());
}

int poll_timeout_ms(Time from, Time deadline) noexcept {
    if (deadline == time_never) return -1;
    if (deadline <= from) return 0;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - from).count();
    return static_cast<int>(std::min<decltype(left)>(left, std::numeric_limits<int>::max()));
}

}  // namespace chatd::client
