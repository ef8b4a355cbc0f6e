#pragma once
// Typed ids: a RoomId is never taken for a ConnId. Plain values, any thread.

#include <compare>
#include <cstdint>

namespace chatd {

/// A typed integer. The tag exists only to keep ids of different nouns apart.
template <class Tag, class Rep>
struct Id {
    using rep = Rep;
    Rep value{};
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

/// A slab index with the generation it was handed out under: what outlives its owner is held so,
/// and a late lookup finds nothing. `generation` 0 is never handed out, so a default Handle is
/// null.
template <class Tag>
struct Handle {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    explicit constexpr operator bool() const noexcept { return generation != 0; }
    friend constexpr auto operator<=>(const Handle&, const Handle&) = default;
};

using ConnId = Handle<struct ConnTag>;      ///< a stream connection (TCP or WebSocket)
using RoomId = Handle<struct RoomTag>;      ///< a room
using MemberId = Handle<struct MemberTag>;  ///< one connection's membership of one room

using SessionKey = std::uint64_t;  ///< names a session for ever, across restarts; 0: none

using SessionId = Handle<struct SessionTag>;  ///< a session of this process's engine

using LogIndex = std::uint64_t;  ///< dense index of every record of a room's log, numbered or not
using Seq = std::uint64_t;       ///< number of a room message, from 1, without holes in an epoch
using ConnSerial =
    std::uint32_t;  ///< counts connections; not reused within the log window; 0 = nobody

}  // namespace chatd
