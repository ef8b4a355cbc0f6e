#pragma once
// What the engine wants kept and what it asks the store, and what the store answers: plain values
// that own what they hold, since they cross a thread. The engine makes Persist values and is told
// StoreAnswer values; it never waits. The store carries requests out in their order; a read sees
// every write before it. Kept in order of arrival: what was answered Committed survives `kill -9`.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chatd/base/position.hpp"
#include "chatd/chat/room.hpp"
#include "chatd/wire/kept_event.hpp"
#include "chatd/wire/reply.hpp"

namespace chatd::chat {

using chatd::SessionKey;
using Ticket = std::uint64_t;   ///< counts writes, from 1; a Committed names the last one done
using QueryId = std::uint64_t;  ///< the engine's name for a read
using TokenHash = std::array<std::uint8_t, 32>;  ///< SHA-256 of a resume token

// -- writes ----------------------------------------------------------------------------------

/// A numbered event. An edit or redaction also changes what history shows of its target: the new
/// body; nothing any more (secure_delete, search included).
struct KeepEvent {
    wire::KeptEvent event{};
    SessionKey author = 0;
};
/// A room is there and stands in this epoch; durable before any KeepEvent of it.
struct KeepRoom {
    std::string room{};
    Epoch epoch = 0;
};
/// Numbers that were given and delivered, but not kept: the queue was full.
struct KeepHole {
    std::string room{};
    Epoch epoch = 0;
    Seq from = 0;
    Seq to = 0;
};
/// A session is new or changed.
struct KeepSession {
    SessionKey session = 0;
    TokenHash token{};
    std::string nick{};
    UnixMs seen_at = 0;  ///< when its last connection ended, or now
};
struct DropSession {
    SessionKey session = 0;
};
/// A private message to a session that is away.
struct KeepPrivate {
    SessionKey to = 0;
    std::string from{};
    std::string body{};
    UnixMs at = 0;
};
/// The session has been handed all that was kept for it.
struct DropPrivates {
    SessionKey session = 0;
};
struct KeepSchedule {
    SessionKey session = 0;
    std::string nick{};  ///< who says it
    wire::ScheduleEntry entry{};
};
struct DropSchedule {
    std::uint64_t id = 0;
};
/// A schedule fired: its line and its end, or its next time, are one transaction.
struct FireSchedule {
    std::uint64_t id = 0;
    KeepEvent line{};
    std::optional<UnixMs> next{};
};

// -- reads -----------------------------------------------------------------------------------

struct ReadHistory {
    QueryId query = 0;
    std::string room{};
    Position after{};   ///< set: the first ones after it
    Position before{};  ///< else set: the last ones before it; neither: the newest
    std::uint32_t limit = 0;
    std::size_t bytes_max = 0;  ///< of bodies; at least one event is given
};
struct ReadSearch {
    QueryId query = 0;
    std::string text{};
    std::string room{};  ///< empty: every room
    std::uint32_t limit = 0;
    std::uint32_t skip = 0;
};
struct ReadPrivates {
    QueryId query = 0;
    SessionKey session = 0;
};
/// One message as it stands now: its author and whether it was removed.
struct ReadEvent {
    QueryId query = 0;
    std::string room{};
    Position at{};
};

using Persist = std::variant<KeepEvent, KeepRoom, KeepHole, KeepSession, DropSession, KeepPrivate,
                             DropPrivates, KeepSchedule, DropSchedule, FireSchedule, ReadHistory,
                             ReadSearch, ReadPrivates, ReadEvent>;

/// A question, which changes nothing and has no ticket.
inline bool is_read(const Persist& request) noexcept {
    return std::holds_alternative<ReadHistory>(request) ||
           std::holds_alternative<ReadSearch>(request) ||
           std::holds_alternative<ReadPrivates>(request) ||
           std::holds_alternative<ReadEvent>(request);
}

// -- answers ---------------------------------------------------------------------------------

/// Every write up to this ticket is durable.
struct Committed {
    Ticket ticket = 0;
};
/// The store cannot write just now (a full disk); it tries again by itself. `text` says why.
struct StoreTrouble {
    std::string text{};  ///< empty: it works again
};
struct HistoryPage {
    QueryId query = 0;
    std::vector<wire::KeptEvent> events{};  ///< oldest first, in the order of their positions
    bool more = false;                      ///< in the direction asked for
    /// After `after`: numbers between it and the first event that are gone for good (retention, or
    /// a hole); none if it follows on.
    Position missing_from{};
    Position missing_to{};
    std::string error{};  ///< not empty: the read failed
};
struct SearchPage {
    QueryId query = 0;
    std::vector<wire::SearchHit> hits{};
    bool more = false;
    std::string error{};
    bool bad_query = false;  ///< `error` is about the query
};
struct KeptPrivate {
    std::string from{};
    std::string body{};
    UnixMs at = 0;
};
struct PrivatesPage {
    QueryId query = 0;
    std::vector<KeptPrivate> messages{};
};
struct EventFound {
    QueryId query = 0;
    std::optional<wire::KeptEvent> event{};
    SessionKey author = 0;
};

/// Retention removed a room's oldest events, up to and with `after`.
struct Pruned {
    std::string room{};
    Position after{};
};

using StoreAnswer = std::variant<Committed, StoreTrouble, HistoryPage, SearchPage, PrivatesPage,
                                 EventFound, Pruned>;

// -- at the start ----------------------------------------------------------------------------

struct RestoredRoom {
    std::string room{};
    Epoch epoch = 0;  ///< the one it stands in; new if the last start did not end cleanly
    Seq last = 0;
    std::string topic{};
    std::string topic_from{};
    std::vector<EpochEnd> ended{};  ///< older epochs, oldest first
    Kept kept{};
    std::vector<wire::KeptEvent> newest{};  ///< its last events, oldest first, of any epoch
};
struct RestoredKey {
    SessionKey session = 0;
    std::string key{};
    std::string room{};
    Position at{};
    Uuid id{};
    std::string body{};
    bool action = false;
};
struct RestoredSession {
    SessionKey session = 0;
    TokenHash token{};
    std::string nick{};
    UnixMs seen_at = 0;
    std::uint32_t privates = 0;  ///< kept for it
};
struct RestoredSchedule {
    SessionKey session = 0;
    std::string nick{};
    wire::ScheduleEntry entry{};
};
struct Restored {
    std::vector<RestoredRoom> rooms{};
    std::vector<RestoredSession> sessions{};
    std::vector<RestoredKey> keys{};  ///< of the last limits::key_age_max
    std::vector<RestoredSchedule> schedules{};
    SessionKey last_session = 0;
    std::uint64_t last_schedule = 0;
    /// Of the rooms that this run makes: larger than that of any earlier run, and durable. A room
    /// that a crash kept from the store may have had numbers, which readers still name.
    Epoch epoch = 0;
};

}  // namespace chatd::chat
