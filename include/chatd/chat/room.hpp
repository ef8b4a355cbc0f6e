#pragma once
// A room, its members, and what one membership is. Owned by the engine, used by its thread alone.
//
//   Room ── log (records)
//    └─── members ─► Membership { cursor in the log, connection } ◄── list of each connection

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/base/time.hpp"
#include "chatd/chat/room_log.hpp"

namespace chatd::chat {

inline constexpr LogIndex log_index_unbounded = std::numeric_limits<LogIndex>::max();
inline constexpr std::uint32_t no_membership = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t no_catch_up = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint8_t slow_reader_of_server = UINT8_MAX;

/// What only few memberships have: an end, a debt, a way through the store, a policy of their own.
struct Detour {
    LogIndex until = log_index_unbounded;
    Position until_at;
    Position owed_after;
    std::uint32_t catch_up = no_catch_up;
    std::uint8_t slow_reader = slow_reader_of_server;
};

/// One connection in one room: a position in the room's log, always on a record boundary. Tens of
/// thousands of listeners are that many memberships, so what is rare is allocated when it comes.
struct Membership {
    LogIndex cursor = 0;
    LogIndex own_until = 0;  ///< below it own lines may lie and are stepped over
    std::unique_ptr<Detour> detour;
    RoomId room;
    ConnId connection;
    std::uint32_t place = 0;             ///< index in Room::members
    std::uint32_t next = no_membership;  ///< slab index of the connection's next membership
    std::uint32_t ephemeral_seen = 0;    ///< Room::ephemeral_version that it was told
    bool flying : 1 = false;             ///< a span of this room is pinned and on its way
    bool named : 1 = false;  ///< counted among the people here; a provisional listener is not
    bool shows_notices : 1 = false;  ///< counted among Room::notice_readers

    Detour& make_detour() {
        if (!detour) detour = std::make_unique<Detour>();
        return *detour;
    }
    /// Hand-out stops here: half-close and drain set it.
    LogIndex until() const noexcept { return detour ? detour->until : log_index_unbounded; }
    /// The last position before until(), once that is set.
    Position until_at() const noexcept { return detour ? detour->until_at : Position{}; }
    void end_at(LogIndex until, Position at) {
        make_detour().until = until;
        detour->until_at = at;
    }
    /// The last position before what the reader lost to trimming; none: nothing.
    Position owed_after() const noexcept { return detour ? detour->owed_after : Position{}; }
    bool owes() const noexcept { return static_cast<bool>(owed_after()); }
    /// Slab index of what brings older records first.
    std::uint32_t catch_up() const noexcept { return detour ? detour->catch_up : no_catch_up; }
    bool catches_up() const noexcept { return catch_up() != no_catch_up; }
    /// A wire::SlowReader of its own.
    std::uint8_t slow_reader() const noexcept {
        return detour ? detour->slow_reader : slow_reader_of_server;
    }
};

/// An epoch that is over, and the last number that is known of it.
struct EpochEnd {
    Epoch epoch = 0;
    Seq last = 0;
};

/// Numbers [from, to] of one epoch that were delivered and never kept.
struct Hole {
    Epoch epoch = 0;
    Seq from = 0;
    Seq to = 0;
};

/// What the store has of a room besides what is in memory.
struct Kept {
    Position after;  ///< everything after it, but for the holes; none: nothing was pruned
    std::vector<Hole> holes;
};

/// What is true of somebody for a moment: typing, how far they have read.
struct Ephemeral {
    enum class Kind : std::uint8_t { typing, read };
    Kind kind = Kind::typing;
    std::string nick;
    bool on = false;  ///< of typing
    Position at{};    ///< of read
    std::uint32_t version = 0;
};

struct Room {
    Room(std::string name, const LogLimits& log_limits, LogTotals& totals, Epoch epoch = 1)
        : log(std::move(name), log_limits, totals, epoch) {}

    const std::string& name() const noexcept { return log.room(); }

    /// Too many people to tell each other's doings one by one.
    bool is_crowd() const noexcept { return named_count > limits::presence_people_max; }

    RoomLog log;
    std::string topic;
    std::string topic_from;  ///< who set it
    /// Hand-out stops here: a scheduled line, and what follows it, waits for its commit.
    LogIndex visible_end = log_index_unbounded;
    std::vector<LogIndex> fired;         ///< where those lines begin, ascending
    bool hole_listed = false;            ///< among the rooms with a hole to be told
    bool stored = false;                 ///< the store knows it, or is told in this turn
    std::vector<std::uint32_t> members;  ///< slab indices of memberships, in no order
    std::uint32_t named_count = 0;
    std::uint32_t notice_readers = 0;  ///< members whose form shows joined, left, renamed
    std::uint32_t rotation = 0;        ///< where the next flush begins, so that none is always last
    std::uint64_t appended_turn = 0;  ///< the last turn that appended; idle rooms are trimmed first
    std::vector<Ephemeral> ephemerals;  ///< oldest first, one of each kind and nick
    std::uint32_t ephemeral_version = 0;
    Seq hole_from = 0;  ///< numbers that the store was too far behind to keep; 0: none
    Seq hole_to = 0;
    Kept kept;
    std::vector<EpochEnd> ended_epochs;  ///< older than the log's, oldest first
    Time empty_since{};                  ///< when the last member left
    bool listed_empty = false;           ///< among the rooms that may be forgotten
    bool dirty = false;                  ///< appended to since the last flush
    bool overfull = false;  ///< holds more encoded bytes than it may, until the turn's end

    // Events about people are bounded a second; what is beyond is told as one number.
    Time events_window{};
    std::uint32_t events_in_window = 0;
    std::uint32_t joined_untold = 0;
    std::uint32_t left_untold = 0;
    bool events_untold = false;  ///< listed among the rooms with numbers to tell
};

/// Moves the cursors that rest before `edge` to it and notes what their readers are owed: what lies
/// after the position they have. Flying ones are left to their own completion. Calls
/// moved(membership) for each one moved.
template <class Memberships, class Moved>
void move_resting_cursors(Room& room, Memberships& memberships, LogIndex edge, Moved&& moved) {
    for (const std::uint32_t index : room.members) {
        Membership& member = *memberships.at_index(index);
        if (member.flying || member.cursor >= edge) continue;
        // Who stands at its end is owed nothing more; its farewell may be on its way.
        // Nor is one whose older records come from the store: it goes on wherever those end.
        const bool owed = !member.owes() && !member.catches_up() && member.cursor < member.until();
        if (owed) member.make_detour().owed_after = room.log.before(member.cursor);
        member.cursor = edge;
        moved(member);
    }
}

}  // namespace chatd::chat
