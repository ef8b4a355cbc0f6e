#pragma once
// Where a room message stands: its epoch and its number in it. Plain values, any thread.
//
// Numbers of one epoch have no holes and are never used twice. A new, larger epoch begins whenever
// the server cannot know for sure which numbers it gave last (a start without a clean stop), so
// positions of one room order as (epoch, seq), and the order is the room's own.

#include <compare>
#include <cstdint>

#include "chatd/base/ids.hpp"

namespace chatd {

using Epoch = std::uint64_t;  ///< positive; 0: none
using UnixMs = std::int64_t;  ///< milliseconds since 1970-01-01T00:00:00Z, without leap seconds

/// Numbers and epochs stay within what a JSON number holds exactly (2^53).
inline constexpr std::uint64_t json_integer_max = std::uint64_t{1} << 53;

struct Position {
    Epoch epoch = 0;
    Seq seq = 0;  ///< 0 with an epoch: before its first message
    explicit constexpr operator bool() const noexcept { return epoch != 0; }
    friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace chatd
