#pragma once
// The engine's state, shared by the files of this floor. Each file is one activity on it:
//
//   lifecycle   opening, sniffing, timers, finishing, closing
//   text_session, http_session, websocket_session   bytes to requests
//   dispatch    requests to effects and replies
//   people      nicks, joining, leaving, saying, events
//   delivery    cursors to spans, completions, gaps
//   bounds      trimming, and what else keeps memory bounded
//   metrics     counters to text
//
// One engine, one thread. Nothing here makes a system call or asks the clock: `now` is the time of
// the turn, set by every input.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chatd/base/slab.hpp"
#include "chatd/base/timer_wheel.hpp"
#include "chatd/chat/names.hpp"
#include "chatd/chat/room.hpp"
#include "chatd/engine/config.hpp"
#include "chatd/engine/counters.hpp"
#include "chatd/engine/datagram_view.hpp"
#include "chatd/engine/datagrams.hpp"
#include "chatd/engine/output.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/request.hpp"
#include "engine/connection.hpp"

namespace chatd::engine {

struct Core {
    explicit Core(const EngineConfig& engine_config, const DatagramsConfig& datagrams_config,
                  Time start);
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    EngineConfig config;
    Time now;
    std::uint64_t turn = 1;
    bool draining = false;

    // The totals outlive the rooms whose logs count in them.
    chat::LogTotals log_totals;
    Slab<Connection, ConnTag> connections;
    Slab<chat::Room, RoomTag> rooms;
    Slab<chat::Membership, MemberTag> memberships;
    Slab<Stream, struct StreamTag> streams;
    Slab<InFlight, struct FlightTag> flights;
    std::unordered_map<std::string, RoomId> rooms_by_fold;
    std::unordered_map<std::string, RoomId> rooms_by_skeleton;  ///< no two rooms look alike
    chat::NickTable nicks;
    TimerWheel wheel;  ///< keyed by connection index
    RoomId lobby;
    ConnSerial last_serial = 0;
    std::uint64_t guests = 0;

    Datagrams datagrams;
    DatagramView datagram_view;      ///< who of the stream connections sees which datagrams
    bool datagrams_offered = false;  ///< in this turn, to the view
    std::vector<ConnId> datagram_readers;
    std::unordered_map<std::uint32_t, SourceRate> posting_rates;  ///< of /hex, by connection index

    std::vector<RoomId> dirty_rooms;
    std::vector<ConnId> ready;          ///< connections with something to hand out, or to finish
    std::vector<RoomId> flushed_rooms;  ///< those of this flush, until their bounds are enforced
    std::vector<RoomId> crowded_rooms;  ///< where hand-out opened runs past a room's bound
    std::vector<ConnId> flushed_ready;  ///< scratch
    std::vector<ConnId> over;           ///< connections to be ended at the end of the flush
    std::vector<RoomId> untold_rooms;   ///< with events to be told as one number
    std::vector<Output> outputs;
    std::size_t input_bytes = 0;       ///< kept of all connections, not yet taken
    std::size_t reassembly_bytes = 0;  ///< unfinished WebSocket messages and unsent echoes

    std::string line;        ///< scratch: one reply
    std::string scratch;     ///< scratch: a WebSocket payload
    std::string unfinished;  ///< scratch: a message that may turn out whole

    Counters counters;
    IoReport io;

    void mark_ready(Connection& connection) {
        if (connection.ready) return;
        connection.ready = true;
        ready.push_back(connection.id);
    }
    Stream& stream_of(Connection& connection);
    chat::Membership* membership_in(const Connection& connection, RoomId room) noexcept;
    chat::Room& room_of(const chat::Membership& membership) { return rooms[membership.room]; }
    bool stream_takes(const Connection& connection, std::size_t bytes) noexcept;
};

// -- lifecycle.cpp ---------------------------------------------------------------------------

/// (Re)computes the connection's one deadline from what it is waiting for.
void arm_timer(Core& core, Connection& connection);
void timer_due(Core& core, Connection& connection);
/// Takes bytes that arrived, or were kept while paused, as far as the connection takes any.
void take_input(Core& core, Connection& connection, Bytes bytes);
/// Keeps bytes that can't be taken yet, within their bound; past it the connection ends.
void keep(Core& core, Connection& connection, Bytes bytes);
/// What was kept, which is then no longer the connection's; null if nothing was.
std::unique_ptr<std::string> take_kept(Core& core, Connection& connection) noexcept;
void pause_reading(Core& core, Connection& connection);
void end_input(Core& core, Connection& connection);
/// No more input is taken; what the log holds now is still delivered, then a farewell, then FIN.
void finish(Core& core, Connection& connection, Ending ending);
/// The same without the rooms' lines: they are left at once.
void finish_now(Core& core, Connection& connection, Ending ending);
/// Called when nothing is left to hand out to a finishing connection.
void finished(Core& core, Connection& connection);
/// Ends the connection without another byte.
void abandon(Core& core, Connection& connection, Ending ending);
void resume_if_possible(Core& core, Connection& connection);

// -- sessions --------------------------------------------------------------------------------

/// Takes what it can of `bytes`; returns how many. Fewer than all: the rest is kept by the caller
/// for later (the stream is full), or thrown away if the connection is no longer open.
std::size_t take_text(Core& core, Connection& connection, Bytes bytes);
std::size_t take_http(Core& core, Connection& connection, Bytes bytes);
/// Answers an HTTP request that is not served, after which the connection can't go on.
void refuse_http(Core& core, Connection& connection, const wire::HttpRefusal& refusal,
                 bool head_only = false, Ending ending = Ending::protocol);
std::size_t take_websocket(Core& core, Connection& connection, Bytes bytes);
/// One line, without its end, from a text connection or a WebSocket.
void take_line(Core& core, Connection& connection, std::string_view line);
/// Releases what a WebSocket held of the reassembly budget.
void release_websocket(Core& core, Connection& connection);
/// Makes a WebSocket of a connection whose upgrade was answered.
void begin_websocket(Core& core, Connection& connection, bool echo, bool may_be_json);
void append_owed_ping(Core& core, Connection& connection, std::string& out);
/// When its next ping, or the pong it owes, is due; time_never while the kernel has to act first.
Time websocket_deadline(const Core& core, const Connection& connection);
void websocket_timer_due(Core& core, Connection& connection);
void websocket_unsent(Core& core, Connection& connection, std::size_t bytes);
void websocket_heard(Core& core, Connection& connection);
void websocket_flushed(Core& core, Connection& connection);

// -- people.cpp ------------------------------------------------------------------------------

/// Joins as a listener without a name, or as `connection.nick`; null when bounds forbid it.
chat::Membership* join_room(Core& core, Connection& connection, std::string_view room,
                            wire::Errc& error);
void leave_room(Core& core, Connection& connection, chat::Membership& membership,
                std::string_view reason);
/// A room that nobody is in is forgotten; the lobby stays, and so does a room with a span that is
/// still on its way.
void forget_if_empty(Core& core, RoomId id);
void leave_all(Core& core, Connection& connection, std::string_view reason);
/// Gives a nameless connection a guest nick, or `wanted`, which must be free, and tells its rooms.
wire::Errc name_connection(Core& core, Connection& connection, std::string_view wanted);
wire::Errc rename_connection(Core& core, Connection& connection, std::string_view next);
void publish(Core& core, Connection& connection, chat::Membership& membership,
             const wire::Event& event);
void set_notices(Core& core, Connection& connection, bool on);
/// Tells the summaries ("500 joined") of rooms whose second is over, and when the next is due.
void tell_untold_events(Core& core);
Time next_untold(const Core& core) noexcept;
/// People in the room, `connection` not counted if it is one of them.
std::uint32_t others_in(Core& core, const Connection& connection, RoomId room);

// -- dispatch.cpp ----------------------------------------------------------------------------

/// Carries out one request for a connection that has a nick and answers it.
void dispatch(Core& core, Connection& connection, const wire::Request& request);
void welcome(Core& core, Connection& connection);
/// Appends one line to what waits for the connection.
void reply_line(Core& core, Connection& connection, std::string_view line);
/// `NOTE COMMAND CODE context :text`; empty parts are left out.
void note(Core& core, Connection& connection, std::string_view command, std::string_view code,
          std::string_view context, std::string_view text);
void fail(Core& core, Connection& connection, std::string_view command, wire::Errc error,
          std::string_view detail = {});

// -- delivery.cpp ----------------------------------------------------------------------------

void flush(Core& core);
/// Lists the readers of datagrams for the flush, if any was offered in this turn.
void show_datagrams(Core& core);
void read_datagrams(Core& core, Connection& connection, std::uint32_t hz);
void stop_reading_datagrams(Core& core, Connection& connection) noexcept;
void complete_send(Core& core, Connection& connection, std::int64_t result);
void mark_dirty(Core& core, chat::Room& room, RoomId id);

// -- bounds.cpp ------------------------------------------------------------------------------

/// Trims logs, drops encodings and cancels sends until every bound of memory holds again.
void enforce_bounds(Core& core);

// -- metrics.cpp -----------------------------------------------------------------------------

std::string metrics_text(const Core& core);

}  // namespace chatd::engine
