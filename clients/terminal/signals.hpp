#pragma once
// Signals as a descriptor, so that one poll() waits for them and for all else. One thread.

#include <initializer_list>
#include <optional>

#include "chatd/client/socket.hpp"

namespace chatd::terminal {

/// From now on these signals are blocked in the calling thread, and the descriptor is readable when
/// one came. It never blocks.
client::Socket open_signals(std::initializer_list<int> numbers);

/// The next one that came, if any did; the same signal twice before it is taken counts once.
std::optional<int> next_signal(const client::Socket& signals) noexcept;

}  // namespace chatd::terminal
