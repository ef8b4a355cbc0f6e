#pragma once
// How the kernel's scheduler treats the calling thread.

#include <chrono>

namespace chatd::io {

/// The shortest turn the kernel grants.
inline constexpr std::chrono::nanoseconds short_turn{100'000};

/// Asks for short turns: where the thread shares a core with others it gets no more of it, but gets
/// it sooner after it wakes. Linux 6.12 and newer (sched_setattr(2), sched_runtime of an ordinary
/// thread); an older kernel takes the call and changes nothing. Policy and nice value stay; threads
/// that this one starts afterwards inherit it.
void ask_for_short_turns() noexcept;

/// The turn of the calling thread, as it asked for or the kernel's own; 0: the kernel does not
/// tell.
std::chrono::nanoseconds turn_length() noexcept;

}  // namespace chatd::io
