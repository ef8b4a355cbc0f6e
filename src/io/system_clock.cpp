#include "chatd/io/system_clock.hpp"

#include <ctime>

namespace chatd::io {

Time now() noexcept {
    timespec stamp{};
    clock_gettime(CLOCK_MONOTONIC, &stamp);
    return Time{std::chrono::seconds{stamp.tv_sec} + std::chrono::nanoseconds{stamp.tv_nsec}};
}

std::int64_t unix_seconds() noexcept {
    timespec stamp{};
    clock_gettime(CLOCK_REALTIME_COARSE, &stamp);
    return stamp.tv_sec;
}

}  // namespace chatd::io
