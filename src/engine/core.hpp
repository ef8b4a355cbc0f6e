#pragma once
// The engine's state, shared by the files of this floor. Each file is one activity on it:
//
//   lifecycle   opening, sniffing, timers, finishing, closing
//   text_session, json_session, http_session, websocket_session   bytes to requests
//   dispatch    requests to outcomes; one_shot does the same for HTTP, which joins nothing, and
//               shared_requests is what they have in common
//   answer      outcomes to replies, in the words of whoever asked
//   people      nicks, joining, leaving, events
//   rooms       rooms made, found and forgotten
//   messages    saying, editing, taking back; keys
//   privates, posts   saying to one person, posting datagrams
//   lists, reads      rooms, people and counters; pages of history and search
//   connections       who is connected, with what the I/O side knows of each
//   commits     acknowledgements that wait for a commit
//   holes       numbers that the store does not have
//   sessions    who somebody is across connections
//   queries     what the store is asked, and its answers
//   catch_up    records older than the log's, on their way to a reader
//   schedules   lines that are said later
//   ephemerals  typing and read markers
//   delivery    cursors to spans, completions, gaps
//   bounds      trimming, and what else keeps memory bounded
//   metrics     counters to text
//
// One engine, one thread. Nothing here makes a system call or asks the clock: `now` is the time of
// the turn, set by every input.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/base/slab.hpp"
#include "chatd/base/timer_wheel.hpp"
#include "chatd/chat/names.hpp"
#include "chatd/chat/persistence.hpp"
#include "chatd/chat/room.hpp"
#include "chatd/engine/config.hpp"
#include "chatd/engine/counters.hpp"
#include "chatd/engine/datagram_view.hpp"
#include "chatd/engine/datagrams.hpp"
#include "chatd/engine/output.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/reply.hpp"
#include "chatd/wire/request.hpp"
#include "engine/ask.hpp"
#include "engine/connection.hpp"
#include "engine/pending.hpp"
#include "engine/schedule.hpp"

namespace chatd::engine {

struct Core {
    Core(const EngineConfig& engine_config, const DatagramsConfig& datagrams_config, Time start,
         chat::Restored&& restored);
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    EngineConfig config;
    Time began;
    Time now;
    UnixMs unix_now = 0;             ///< the wall clock of the turn
    std::int32_t zone_offset_s = 0;  ///< of the server's zone, east of UTC
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
    std::unordered_map<std::string, RoomId> rooms_by_skeleton;  ///< no two look alike; null: known
    std::unordered_map<std::string, KnownRoom> known_rooms;     ///< by fold: kept, not in memory
    std::vector<RoomId> holed_rooms;                            ///< with a hole to be told
    std::deque<RoomId> empty_rooms;                             ///< left by all, longest first
    Epoch last_epoch = 0;                                       ///< given without a store
    Epoch run_epoch = 0;                                        ///< of new rooms, with a store
    chat::NickTable nicks;
    TimerWheel wheel;  ///< keyed by connection index
    RoomId lobby;
    ConnSerial last_serial = 0;
    std::uint64_t guests = 0;
    Prng ids;               ///< of messages: unlikely to meet, not secret
    std::uint32_t run = 0;  ///< tells this run's connections from those of others

    Slab<Session, SessionTag> sessions;
    std::unordered_map<std::string, SessionId> sessions_by_token;  ///< by the token's hash
    std::unordered_map<chat::SessionKey, SessionId> sessions_by_key;
    chat::SessionKey last_session = 0;
    std::uint64_t tokens_made = 0;
    std::uint32_t sessions_looked_at = 0;  ///< the sweep goes on here
    Time sessions_swept{};

    std::vector<chat::Persist> persists;  ///< of this turn, for the store
    StoreStanding store;
    std::deque<AwaitedCommit> awaited_commits;  ///< in the order of their tickets
    std::unordered_map<chat::QueryId, PendingQuery> queries;
    chat::QueryId last_query = 0;
    Slab<CatchUp, struct CatchUpTag> catch_ups;
    Slab<Batch, BatchTag> batches;
    std::deque<Listing> listings;         ///< asked for `connections`; the first is being made
    std::vector<ConnId> transport_query;  ///< the connections in it
    enum class QueryState : std::uint8_t { none, to_be_taken, taken };
    QueryState transport_query_state = QueryState::none;
    Schedules schedules;
    wire::RpcDecoder rpc_decoder;
    wire::JsonReader json_reader{limits::rpc_text_bytes_max, limits::rpc_depth_max};  ///< bodies

    Datagrams datagrams;
    DatagramView datagram_view;      ///< who of the stream connections sees which datagrams
    bool datagrams_offered = false;  ///< in this turn, to the view
    std::vector<ConnId> datagram_readers;
    std::unordered_map<std::uint32_t, SourceRate> posting_rates;  ///< of /hex, by connection index

    std::vector<RoomId> dirty_rooms;
    std::vector<ConnId> ready;           ///< connections with something to hand out, or to finish
    std::vector<RoomId> flushed_rooms;   ///< those of this flush, until their bounds are enforced
    std::vector<RoomId> overfull_rooms;  ///< where hand-out opened runs past a room's bound
    std::vector<ConnId> flushed_ready;   ///< scratch
    std::vector<ConnId> over;            ///< connections to be ended at the end of the flush
    std::vector<RoomId> untold_rooms;    ///< with events to be told as one number
    std::vector<Output> outputs;
    std::size_t input_bytes = 0;       ///< kept of all connections, not yet taken
    std::size_t reassembly_bytes = 0;  ///< unfinished WebSocket messages and unsent echoes

    std::string line;        ///< scratch: one reply
    std::string lines;       ///< scratch: all lines of a reply, or a JSON answer
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
    /// The number of a connection among those of all runs.
    std::uint64_t voice_of(ConnSerial serial) const noexcept {
        return serial == 0 ? 0 : std::uint64_t{run} << 32 | serial;
    }
    /// Whether more may be taken from the connection: its replies have room, and the store owes it
    /// nothing that must come first, and not too much besides.
    bool takes_input(const Connection& connection) noexcept {
        const bool answering = connection.exchange() && connection.exchange()->answering;
        return connection.asked == 0 && connection.owed() < limits::answers_owed_max &&
               !answering && stream_takes(connection, 1);
    }
};

// -- restore.cpp -----------------------------------------------------------------------------

/// Takes what the store had at the start: rooms are known, sessions are away.
void restore(Core& core, chat::Restored&& restored);
/// Puts the newest events that the store had into a log that is new.
/// Whether the last of `newest` has the last number that was given.
bool ends_at_last(const KnownRoom& known) noexcept;
void restore_log(chat::RoomLog& log, const std::vector<wire::KeptEvent>& newest, Position last);

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
std::size_t take_json(Core& core, Connection& connection, Bytes bytes);
/// One JSON-RPC text from a line, a message or a POST.
void take_rpc(Core& core, Connection& connection, Bytes text, Ask::Carrier carrier);
/// One line, without its end, from a text connection or a WebSocket.
void take_line(Core& core, Connection& connection, std::string_view line);
/// Releases what a WebSocket held of the reassembly budget.
void release_websocket(Core& core, Connection& connection);
/// Makes a WebSocket of a connection whose upgrade was answered.
void begin_websocket(Core& core, Connection& connection, bool echo, std::string_view subprotocol);
void append_owed_ping(Core& core, Connection& connection, std::string& out);
/// When its next ping, or the pong it owes, is due; time_never while the kernel has to act first.
Time websocket_deadline(const Core& core, const Connection& connection);
void websocket_timer_due(Core& core, Connection& connection);
void websocket_unsent(Core& core, Connection& connection, std::size_t bytes);
void websocket_heard(Core& core, Connection& connection);
void websocket_flushed(Core& core, Connection& connection);

// -- rooms.cpp -------------------------------------------------------------------------------

/// The room of that name, made if need be; null when name or bounds forbid it.
chat::Room* find_or_make_room(Core& core, std::string_view name, RoomId& id, wire::Errc& error);
/// The room of that name if it is in memory; `written` with or without '#'.
chat::Room* find_room(Core& core, std::string_view written, RoomId& id) noexcept;
/// A room that nobody is in is forgotten when its time is over; the lobby stays, and so does a room
/// with a span that is still on its way.
void forget_if_empty(Core& core, RoomId id);
/// Forgets empty rooms whose time is over, and says when the next one's is.
void forget_old_rooms(Core& core);
Time next_forgetting(const Core& core) noexcept;

// -- people.cpp ------------------------------------------------------------------------------

/// Joins as a listener without a name, or as `connection.nick()`; null when bounds forbid it.
chat::Membership* join_room(Core& core, Connection& connection, std::string_view room,
                            wire::Errc& error);
void leave_room(Core& core, Connection& connection, chat::Membership& membership,
                std::string_view reason);
void leave_all(Core& core, Connection& connection, std::string_view reason);
/// Gives a nameless connection a guest nick, or `wanted`, which must be free, and tells its rooms.
wire::Errc name_connection(Core& core, Connection& connection, std::string_view wanted);
/// Renames the connection, or its whole session.
wire::Errc rename_connection(Core& core, Connection& connection, std::string_view next);
/// Makes the connection speak under a nick that its session holds.
void adopt_nick(Core& core, Connection& connection, std::string_view held);
void set_notices(Core& core, Connection& connection, bool on);
/// Tells the summaries ("500 joined") of rooms whose second is over, and when the next is due.
void tell_untold_events(Core& core);
Time next_untold(const Core& core) noexcept;
/// People in the room, `connection` not counted if it is one of them.
std::uint32_t others_in(Core& core, const Connection& connection, RoomId room);

// -- sessions.cpp ----------------------------------------------------------------------------

/// Makes place for one more session, if need be of the one that is away the longest; false: all
/// are taken by people who are here.
bool make_session_place(Core& core);
/// A new session with this connection in it, which must have a nick; the token is told once. There
/// must be place for it.
Session& open_session(Core& core, Connection& connection, std::string& token);
/// The session that `token` names, or null.
Session* find_session(Core& core, std::string_view token);
Session* session_of(Core& core, const Connection& connection) noexcept;
/// A session that was away so long that its nick was given up is a guest.
void name_session(Core& core, Session& session);
void attach(Core& core, Connection& connection, Session& session);
/// The connection's nick, and its place in its session, are given up.
void detach(Core& core, Connection& connection);
void keep_session(Core& core, const Session& session);
/// Ends sessions that were away too long, some in each call.
void sweep_sessions(Core& core);
Time next_sweep(const Core& core) noexcept;

// -- messages.cpp ----------------------------------------------------------------------------

/// Who says something, wherever it is said.
struct Speaker {
    std::string_view nick;
    Session* session = nullptr;
    ConnSerial serial = 0;
};
/// Whether a body may be said: not empty, within its bytes and lines.
wire::Errc check_body(std::string_view body) noexcept;
/// What a repetition under the same key must have in common with the first one.
std::uint64_t hash_of_keyed(std::string_view room, std::string_view body, bool action) noexcept;

struct Published {
    Position at;
    Uuid id;
    chat::Ticket ticket = 0;  ///< 0: there is no commit to wait for
};
/// Numbers, keeps and hands on one event of `speaker`, which its bounds and rights allow.
Published publish(Core& core, RoomId room, const Speaker& speaker, const wire::Event& event);
/// Who speaks by a connection: itself, its session, or whom its HTTP request names.
Speaker speaker_of(Core& core, const Connection& connection);
/// Each answers at once, or later through `ask`, which is then moved from.
std::optional<wire::Outcome> say(Core& core, Connection& connection, RoomId room,
                                 const Speaker& speaker, const wire::Say& say, Ask& ask);
std::optional<wire::Outcome> change(Core& core, Connection& connection, RoomId room,
                                    const Speaker& speaker, const wire::Event& event, Ask& ask);
/// The rest of change(), once the store has said what stands at the target.
std::optional<wire::Outcome> change_found(Core& core, Connection& connection, RoomId room,
                                          const Speaker& speaker, const wire::Event& event,
                                          const chat::EventFound& found, Ask& ask);
/// Says a scheduled line; its commit, which ends the schedule too, lets readers see it.
void publish_scheduled(Core& core, RoomId room, const Speaker& speaker, const wire::Event& event,
                       std::uint64_t schedule, std::optional<UnixMs> next);
/// A room is the store's with its first number, the lobby from the start.
void keep_room(Core& core, chat::Room& room);

// -- holes.cpp -------------------------------------------------------------------------------

/// The room's last number was given and is not kept.
void note_hole(Core& core, chat::Room& room, RoomId id);
/// Tells the store of the numbers that it was too far behind to keep: of one room, or of all that
/// it takes now (`all`: whether it takes them or not).
void tell_hole(Core& core, chat::Room& room);
void tell_holes(Core& core, bool all);

// -- commits.cpp -----------------------------------------------------------------------------

/// The answer now, or, with a commit to wait for, later through `ask`.
std::optional<wire::Outcome> when_durable(Core& core, Connection& connection, wire::Reply&& reply,
                                          chat::Ticket ticket, Ask& ask);
/// Readers need not wait for lines whose commits may be long in coming.
void show_fired(Core& core);
/// Tells the answers whose commits are there.
void commit(Core& core, chat::Ticket ticket);

// -- queries.cpp -----------------------------------------------------------------------------

/// Asks the store; the answer goes where `ask` says.
void ask_history(Core& core, Connection& connection, std::string_view room, Position after,
                 Position before, std::uint32_t limit, Ask&& ask);
void ask_search(Core& core, Connection& connection, const wire::Search& search, Ask&& ask);
/// Asks what stands at the target of `event`, which is then carried out or refused.
void ask_target(Core& core, Connection& connection, std::string_view room, const Speaker& speaker,
                const wire::Event& event, Ask&& ask);
void ask_privates(Core& core, Connection& connection, const Session& session);
/// A connection takes no more input until it is told the outcome of what it asked.
void begin_waiting(Connection& connection);
/// Tells the outcome, if there is one, and lets the connection go on.
void conclude(Core& core, Connection& connection, Ask& ask,
              const std::optional<wire::Outcome>& outcome);
/// Hands a write to the store: its ticket, or 0 if there is none or it is too far behind.
chat::Ticket keep(Core& core, chat::Persist&& write);
bool store_takes(const Core& core, std::size_t bytes) noexcept;
/// The refusal of what must be kept while the store takes no more.
std::unexpected<wire::Failure> store_behind(Core& core);
void store_answered(Core& core, chat::StoreAnswer&& answer);
/// What history there is in memory.
wire::HistoryReply history_in_memory(const chat::Room& room, Position after, Position before,
                                     std::uint32_t limit);

// -- connections.cpp -------------------------------------------------------------------------

/// What the I/O side knows of the connections in `transport_query`.
void transports_reported(Core& core, const std::vector<Transport>& transports);

// -- gaps.cpp --------------------------------------------------------------------------------

/// Gap notices for what lies after `after`, up to `to`: one for each epoch.
void append_gaps(Core& core, const Connection& connection, std::string& out, const chat::Room& room,
                 Position after, Position to);
wire::SlowReader slow_reader_of(const Core& core, const chat::Membership& membership) noexcept;
/// Settles what a membership is owed before any byte of its room; false: its connection ends.
bool settle_gap(Core& core, Connection& connection, chat::Membership& membership, std::string& out);

// -- catch_up.cpp ----------------------------------------------------------------------------

/// What follows `after` comes from the store first, then from the log.
void begin_catch_up(Core& core, Connection& connection, chat::Membership& membership,
                    Position after);
void catch_up_arrived(Core& core, chat::HistoryPage&& page, std::uint32_t index);
/// Appends what is there of a membership's catch-up, as much as the stream takes.
void append_catch_up(Core& core, Connection& connection, chat::Membership& membership,
                     std::string& out, std::size_t bytes_max);
/// Whether its next page is on its way: until then there is nothing to hand out.
bool catch_up_waits(const Core& core, const chat::Membership& membership) noexcept;
void end_catch_up(Core& core, chat::Membership& membership) noexcept;

// -- schedules.cpp ---------------------------------------------------------------------------

std::optional<wire::Outcome> schedule(Core& core, Connection& connection, const Speaker& speaker,
                                      std::string_view room, const wire::Schedule& wanted,
                                      Ask& ask);
wire::Outcome list_schedules(Core& core, const Speaker& speaker);
std::optional<wire::Outcome> unschedule(Core& core, Connection& connection, const Speaker& speaker,
                                        std::uint64_t id, Ask& ask);
void fire_schedules(Core& core);
/// A connection without a session takes its repeating lines with it.
void end_repeating(Core& core, ConnSerial serial);
Time next_schedule(const Core& core) noexcept;

// -- dispatch.cpp, one_shot.cpp ----------------------------------------------------------------

/// Carries out one request of a connection that has a nick; no outcome: it comes later by `ask`.
std::optional<wire::Outcome> dispatch(Core& core, Connection& connection,
                                      const wire::Request& request, Ask& ask);
/// dispatch() and, if the outcome is there, answer().
void carry_out(Core& core, Connection& connection, const wire::Request& request, Ask&& ask);
/// The same for an HTTP request, which is in no room: for the session that its exchange names, or
/// for a guest.
void carry_out_once(Core& core, Connection& connection, const wire::Request& request, Ask&& ask);
void set_current(Core& core, Connection& connection, const chat::Membership& membership);

// -- answer.cpp ------------------------------------------------------------------------------

void answer(Core& core, Connection& connection, Ask& ask, const wire::Outcome& outcome);
/// A JSON-RPC answer, of its own or into its batch.
void answer_rpc(Core& core, Connection& connection, Ask& ask, std::string_view object);
void welcome(Core& core, Connection& connection);
/// Appends one line to what waits for a text connection.
void reply_line(Core& core, Connection& connection, std::string_view line);
/// Appends one JSON text to what waits for a JSON connection.
void reply_json(Core& core, Connection& connection, std::string_view text);
/// `NOTE COMMAND CODE context :text`; empty parts are left out. Text connections only.
void note(Core& core, Connection& connection, std::string_view command, std::string_view code,
          std::string_view context, std::string_view text);
void fail(Core& core, Connection& connection, std::string_view command, wire::Errc error,
          std::string_view detail = {});
/// One JSON-RPC text to a stream, or as the answer to a POST.
void send_rpc(Core& core, Connection& connection, Ask::Carrier carrier, std::string_view text);
/// A private message in the reader's words, whether its stream has room for it or not.
void tell_private(Core& core, Connection& reader, std::string_view from, std::string_view body,
                  UnixMs at);
void tell_draining(Core& core, Connection& reader);
/// Tells those who want notices that what is said cannot be kept just now, or can be again.
void tell_store_trouble(Core& core, bool troubled);
void append_gap_notice(const Connection& reader, std::string& out, const chat::Room& room,
                       Position from, Position to);
void append_datagram(const Connection& reader, std::string& out, const ShownDatagram& datagram,
                     std::string& scratch);

// -- http_session.cpp ------------------------------------------------------------------------

/// Called when all of an exchange's fixed body has left.
void fixed_body_sent(Core& core, Connection& connection);
/// The answer to a request for a resource, and to a POST of JSON-RPC (empty: there is none).
void answer_http(Core& core, Connection& connection, const wire::Outcome& outcome);
void answer_post(Core& core, Connection& connection, std::string_view json);
/// Around the calls of one POST: an answer in between is held until the end. Without `answered`
/// there will be none, and the end says so.
void begin_post(Connection& connection) noexcept;
void end_post(Core& core, Connection& connection, bool answered);

// -- ephemerals.cpp --------------------------------------------------------------------------

void tell_typing(Core& core, RoomId room, std::string_view nick, bool on);
void tell_read(Core& core, RoomId room, std::string_view nick, Position at);
bool shows_ephemerals(const Connection& reader) noexcept;
/// Appends what the reader has not seen of it, when nothing else waits for it.
void append_ephemerals(Core& core, const Connection& reader, chat::Membership& membership,
                       std::string& out);

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
