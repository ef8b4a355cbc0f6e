#pragma once
// A room, its members, and what one membership is. Owned by the engine, used by its thread alone.
//
//   Room ── log (records)
//    └─── members ─► Membership { cursor in the log, connection } ◄── list of each connection

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/base/time.hpp"
#include "chatd/chat/room_log.hpp"

namespace chatd::chat {

inline constexpr LogIndex log_index_unbounded = std::numeric_limits<LogIndex>::max();
inline constexpr std::uint32_t no_membership = std::numeric_limits<std::uint32_t>::max();

/// One connection in one room: a position in the room's log, always on a record boundary.
struct Membership {
    LogIndex cursor = 0;
    LogIndex until = log_index_unbounded;  ///< hand-out stops here; half-close and drain set it
    LogIndex own_until = 0;                ///< below it own lines may lie and are stepped over
    Seq until_seq = 0;                     ///< the last number before `until`, once that is set
    Seq owed_from = 0;                     ///< first number the reader lost to trimming; 0 = none
    RoomId room;
    ConnId connection;
    std::uint32_t place = 0;             ///< index in Room::members
    std::uint32_t next = no_membership;  ///< slab index of the connection's next membership
    bool flying = false;                 ///< a span of this room is pinned and on its way
    bool named = false;          ///< counted among the people here; a provisional listener is not
    bool shows_notices = false;  ///< counted among Room::notice_readers
};

struct Room {
    Room(std::string name, const LogLimits& log_limits, LogTotals& totals)
        : log(std::move(name), log_limits, totals) {}

    const std::string& name() const noexcept { return log.room(); }

    RoomLog log;
    std::vector<std::uint32_t> members;  ///< slab indices of memberships, in no order
    std::uint32_t named_count = 0;
    std::uint32_t notice_readers = 0;  ///< members whose form shows joined, left, renamed
    std::uint32_t rotation = 0;        ///< where the next flush begins, so that none is always last
    std::uint64_t appended_turn = 0;  ///< the last turn that appended; idle rooms are trimmed first
    bool dirty = false;               ///< appended to since the last flush
    bool crowded = false;  ///< holds more encoded bytes than it may, until the turn's end

    // Events about people are bounded a second; what is beyond is told as one number.
    Time events_window{};
    std::uint32_t events_in_window = 0;
    std::uint32_t joined_untold = 0;
    std::uint32_t left_untold = 0;
    bool events_untold = false;  ///< listed among the rooms with numbers to tell
};

/// Moves the cursors that rest before `edge` to it and notes what their readers are owed. Flying
/// ones are left to their own completion. Calls moved(membership) for each one moved.
template <class Memberships, class Moved>
void move_resting_cursors(Room& room, Memberships& memberships, LogIndex edge, Moved&& moved) {
    for (const std::uint32_t index : room.members) {
        Membership& member = *memberships.at_index(index);
        if (member.flying || member.cursor >= edge) continue;
        // Who stands at its end is owed nothing more; its farewell may be on its way.
        const bool owed = member.owed_from == 0 && member.cursor < member.until;
        if (owed) member.owed_from = room.log.seq_before(member.cursor) + 1;
        member.cursor = edge;
        moved(member);
    }
}

}  // namespace chatd::chat
