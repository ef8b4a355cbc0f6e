#pragma once
// Nanoseconds as a bare number: what chatload computes with and sends along. All of it comes from
// client::now(), so what is due, sent and heard is told by one clock. Any thread.

#include <cstdint>

#include "chatd/client/clock.hpp"

namespace chatd::load {

inline constexpr std::uint64_t second_ns = 1'000'000'000;
inline constexpr std::uint64_t millisecond_ns = 1'000'000;

inline std::uint64_t now_ns() noexcept {
    return static_cast<std::uint64_t>(client::now().time_since_epoch().count());
}

inline double seconds_of(std::uint64_t nanoseconds) noexcept {
    return static_cast<double>(nanoseconds) / static_cast<double>(second_ns);
}

inline std::uint64_t nanoseconds_of(double seconds) noexcept {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(second_ns));
}

}  // namespace chatd::load
