#pragma once
// What a request is answered with, one value per kind of answer: text replies (wire/text_reply.hpp)
// and JSON-RPC results (wire/json_reply.hpp) spell the same values. They own what they hold, since
// some come later than the request. Plain values, any thread.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "chatd/base/position.hpp"
#include "chatd/base/transport.hpp"
#include "chatd/base/uuid.hpp"
#include "chatd/wire/errc.hpp"
#include "chatd/wire/kept_event.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::wire {

/// Done, and there is nothing to tell: typing, read, unschedule, a datagram.
struct Done {};

/// A message, edit, redaction, reaction or topic that has its number.
struct SaidReply {
    std::string room{};
    Position at{};
    Uuid id{};
    bool repeated = false;  ///< its key was known: this is the first one's number
};
struct TopicReply {
    std::string room{};
    std::string topic{};  ///< empty: none
    std::string from{};   ///< who set it
};
struct NickReply {
    std::string nick{};
};

/// How a connection stands in a room it has just joined.
struct RoomStanding {
    std::string room{};
    Position at{};             ///< the room's last message
    std::uint32_t others = 0;  ///< people besides oneself
    std::string topic{};
    /// Asked for by a position: whether all that follows it comes. If not, `missing_from` to
    /// `missing_to` never will, as far as the server knows them.
    std::optional<bool> recovered{};
    Position missing_from{};
    Position missing_to{};
};
struct JoinReply {
    RoomStanding standing{};
};
struct LeaveReply {
    std::string room{};
    std::string current{};  ///< where lines go now; empty: nowhere
};
struct RoomEntry {
    std::string room{};
    std::uint32_t people = 0;
};
struct RoomsReply {
    std::vector<RoomEntry> rooms{};  ///< at most limits::list_lines_max
    std::size_t total = 0;
};
struct WhoReply {
    std::string room{};
    std::vector<std::string> nicks{};  ///< at most limits::list_lines_max
    std::size_t total = 0;
};
struct HistoryReply {
    std::string room{};
    std::vector<KeptEvent> events{};  ///< oldest first
    bool more = false;                ///< there are more in the direction asked for
    Epoch epoch = 0;                  ///< the room's present one; text writes its numbers alone
};
struct SearchHit {
    KeptEvent event{};
    std::string excerpt{};  ///< of the body, matches between U+E000 and U+E001 (private use)
};
struct SearchReply {
    std::vector<SearchHit> hits{};  ///< best first
    bool more = false;
};
struct MsgReply {
    std::string nick{};
    bool kept = false;  ///< nobody is there: it is kept until they return
};
struct PingReply {
    std::string token{};
};
struct NoticesReply {
    bool on = false;
};
struct DatagramsReply {
    std::uint32_t hz = 0;
};
struct ScheduleEntry {
    std::uint64_t id = 0;
    std::string room{};
    std::string body{};
    bool action = false;
    UnixMs due = 0;
    std::int64_t every_ms = 0;       ///< 0: once
    std::int32_t zone_offset_s = 0;  ///< of the server's zone then, for showing `due`
};
struct ScheduleReply {
    ScheduleEntry entry{};
};
struct SchedulesReply {
    std::vector<ScheduleEntry> entries{};
};
struct StatsReply {
    std::vector<std::pair<std::string, std::uint64_t>> values{};  ///< names as in /metrics
};
/// A connection as it is now.
struct ConnectionEntry {
    std::uint32_t id = 0;        ///< of this run of the server
    std::string_view dialect{};  ///< static
    std::string nick{};          ///< empty: none
    std::vector<std::string> rooms{};
    UnixMs since = 0;              ///< in whole seconds
    std::uint64_t held_bytes = 0;  ///< for it, not taken by the kernel yet
    std::uint64_t behind = 0;      ///< records of its rooms that were not handed to it yet
    Transport transport{};
};
/// A raw UDP peer.
struct DatagramPeerEntry {
    std::uint16_t slot = 0;  ///< udp:SLOT
    Address peer{};
    UnixMs heard = 0;            ///< its last datagram
    std::uint64_t received = 0;  ///< datagrams from it that were relayed
    std::uint64_t received_bytes = 0;
    std::uint64_t sent = 0;  ///< datagrams to it
    std::uint64_t sent_bytes = 0;
};
struct ConnectionsReply {
    std::vector<ConnectionEntry> connections{};  ///< at most limits::connections_page_max
    std::vector<DatagramPeerEntry> peers{};      ///< with the connections that many at most
    std::size_t total = 0;                       ///< connections, all pages
    std::size_t peers_total = 0;
    std::uint32_t next = 0;  ///< what the next page comes after; 0: there is none
};
struct HelloReply {
    std::string version{};
    std::string session{};  ///< its public id
    std::string nick{};
    std::string token{};  ///< shown once: whoever has it is that session
    bool resumed = false;
    std::vector<RoomStanding> rooms{};
};
struct HelpReply {};
struct QuitReply {};

using Reply = std::variant<Done, SaidReply, TopicReply, NickReply, JoinReply, LeaveReply,
                           RoomsReply, WhoReply, HistoryReply, SearchReply, MsgReply, PingReply,
                           NoticesReply, DatagramsReply, ScheduleReply, SchedulesReply, StatsReply,
                           ConnectionsReply, HelloReply, HelpReply, QuitReply>;

/// Why a request was not carried out; nothing happened then.
struct Failure {
    Errc error = Errc::none;
    std::string detail{};              ///< what the sentence of `error` can't know, if anything
    std::uint32_t retry_after_ms = 0;  ///< 0: no time is known
};

using Outcome = std::expected<Reply, Failure>;

}  // namespace chatd::wire
