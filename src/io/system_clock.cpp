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

std::int64_t unix_ms() noexcept {
    timespec stamp{};
    clock_gettime(CLOCK_REALTIME, &stamp);
    return stamp.tv_sec * std::int64_t{1000} + stamp.tv_nsec / 1'000'000;
}

std::int32_t zone_offset_seconds(std::int64_t unix_second) noexcept {
    const time_t moment = unix_second;
    tm local{};
    if (localtime_r(&moment, &local) == nullptr) return 0;
    return static_cast<std::int32_t>(local.tm_gmtoff);
}

}  // namespace chatd::io
