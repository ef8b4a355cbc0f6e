#pragma once
// One person in some rooms, across any number of connections: the conversation of JSON-RPC with
// chatd (PROTOCOL.md 13, 14) without a socket, a clock or a thread. Bytes and times go in; bytes to
// send and events come out. client/client.hpp adds the sockets.
//
//   Session session({.nick = "ana", .rooms = {"lobby", "dev"}, .seed = 64 random bits});
//   on each turn:
//     dialled, connected        session.connected(now)
//     bytes came                session.received(bytes, now)
//     the connection ended      session.disconnected(now, "reset by the server")
//     the deadline passed       session.tick(now)            deadline() says when
//     then                      while (auto event = session.next_event()) …
//                               send session.to_send(), tell sent(count, now)
//                               if (session.broken()) close, disconnected(), dial again later
//                               if (session.stopped()) give up: the Denied event says why
//
// What the owner MUST do: hand in bytes before ticks of the same turn (a process that was suspended
// finds the answers first); take all events between two received(); call disconnected() for every
// connected(). What it MUST NOT do: call connected() twice without disconnected() in between.
//
// What a session promises:
//   - A line of say() is said once, in the order of say(), or Refused tells why it is not. Lines
//     wait while there is no connection, and are sent again after a cut under the key they had, so
//     that the server says them once. Where its memory of keys cannot be relied on (a cut of
//     minutes, a new session), a line that may have been said is looked for among what comes back
//     from the room before it is sent again. Only a server that lost that part of the room can make
//     a double then, and its key lets readers drop it. (Lines that are on their way already can
//     overtake one that the server puts off; those that follow wait for it. With `unanswered_max` 1
//     none is.)
//   - Each message of a room is told once, in the room's order, across cuts and restarts; what will
//     never come is told: by Gap, or by the verdict of Online and Entered. Doubles that others made
//     (same room, author, key and body, after the server lost its epoch) are dropped.
//   - A connection that is silent is asked (ping) and, if it stays silent, declared broken().
//
// Owns everything it returns views of. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/base/time.hpp"
#include "chatd/client/event.hpp"
#include "chatd/client/line_reader.hpp"
#include "chatd/client/outbox.hpp"
#include "chatd/client/repetitions.hpp"
#include "chatd/client/session_state.hpp"
#include "chatd/wire/json_reader.hpp"

namespace chatd::client {

/// A whole page of history fits, each byte escaped (limits::history_page_bytes_max).
inline constexpr std::size_t session_line_bytes_max = 4 * 1024 * 1024;
inline constexpr std::uint32_t session_depth_max = 64;
/// Written but not yet taken by the owner; lines wait in the outbox instead.
inline constexpr std::size_t session_unsent_bytes_max = 64 * 1024;
inline constexpr std::size_t session_calls_max = 1'024;  ///< unanswered, with those that wait
inline constexpr std::size_t session_params_bytes_max = 60 * 1024;  ///< of one call
inline constexpr std::size_t session_rooms_max = 64;                ///< the server's own bound

struct SessionOptions {
    std::string nick{};                ///< empty: the server chooses a guest's, or the kept one
    std::vector<std::string> rooms{};  ///< to be in from the start; none: the state's, or the lobby
    bool notices = false;              ///< tell who comes, goes, types and reads
    std::uint32_t datagrams_hz = 0;    ///< show the lobby's datagrams so often; 0: not
    std::uint64_t seed = 0;            ///< of the keys: random, never the same for two sessions

    OutboxBounds outbox{};
    std::size_t unanswered_max = 32;  ///< lines on their way at a time

    Duration ping_interval = std::chrono::seconds(25);  ///< also keeps NATs awake, measures RTT
    /// A ping or a greeting that nothing at all follows for so long breaks the connection. A
    /// request that nothing follows is backed by a ping after a quarter of it.
    Duration silence_max = std::chrono::seconds(10);
};

struct SayOptions {
    bool action = false;  ///< "* ana waves"
    Position reply_to{};  ///< none, or the message it answers
};

enum class CallKind : std::uint8_t {
    now,   ///< only on the connection that stands: else, or if that ends first, OFFLINE
    kept,  ///< waits for a connection, and is asked again after a cut: for what may be done twice
};

class Session {
public:
    /// `state` is where an earlier run stopped. Its rooms count if `options` names none, and those
    /// in which a line of its may have been said; its positions count for every room.
    explicit Session(SessionOptions options, SessionState state = {});

    // -- what happens --------------------------------------------------------------------------

    /// `elsewhere`: this may be another server than the one that knows us. If it does not know the
    /// token, positions mean nothing to it, though it may have given the same ones.
    void connected(Time now, bool elsewhere = false);
    void disconnected(Time now, std::string_view reason);
    void received(Bytes bytes, Time now);
    void tick(Time now);

    // -- what to do ----------------------------------------------------------------------------

    /// What to send next; empty: nothing. Valid until the next call of anything but this.
    Bytes to_send() const noexcept;
    /// The connection took the first `count` bytes of it.
    void sent(std::size_t count, Time now);
    /// When tick() is due; time_never: not before something else happens.
    Time deadline() const noexcept;
    /// Why this connection is of no use any more: close it, say disconnected(), dial again. Empty:
    /// it is.
    const std::string& broken() const noexcept { return broken_; }
    /// The server refused this person or these rooms, as the Denied event told: dialling again
    /// would not help. set_nick() and connected() try anew.
    bool stopped() const noexcept { return stopped_; }
    /// How long to wait before dialling the same server again, as it said (Draining); else 0.
    Duration return_after() const noexcept { return return_after_; }
    /// The oldest event that was not taken yet.
    std::optional<Event> next_event();
    bool has_event() const noexcept { return !events_.empty(); }

    // -- wishes --------------------------------------------------------------------------------

    /// Says `body` in `room` ('#' or not). The key names the line from now on: Said or Refused
    /// comes for it. The error is one sentence: the outbox is full, or it can't be text.
    std::expected<std::string, std::string> say(std::string_view room, std::string_view body,
                                                const SayOptions& options = {});
    /// Asks anything of the vocabulary (/rpc/openrpc.json). `params_json` is an object or array,
    /// empty for none. The answer comes as Answer with the id returned; a call that can't be made
    /// now has its Answer at once, with code OFFLINE. "join", "leave", "nick", "notices" and
    /// "datagrams" are remembered for later connections when they succeed.
    std::uint64_t call(std::string_view method, std::string_view params_json = {},
                       CallKind kind = CallKind::now);
    /// Is in that room from now on, across connections: Entered, or RoomRefused; if there is no
    /// connection, it is among the rooms of the next Online. With `since`, what followed comes.
    void join(std::string_view room, Position since = {});
    /// Leaves it: Exited; without a connection at once.
    void leave(std::string_view room);
    /// The nick to ask for: now if online (Renamed follows, or a Notice with the refusal), and
    /// whenever somebody new has to be made.
    void set_nick(std::string_view nick);

    // -- how it stands -------------------------------------------------------------------------

    bool online() const noexcept { return phase_ == Phase::online; }
    const std::string& nick() const noexcept { return nick_; }  ///< empty before the first Online
    std::vector<SessionState::Room> rooms() const;
    /// Lines of say() that are not answered yet, oldest first.
    const Outbox& outbox() const noexcept { return outbox_; }
    /// How long the last ping took; none before the first.
    std::optional<Duration> rtt() const noexcept { return rtt_; }
    /// Everything to go on from in another run.
    SessionState state() const;

    /// Who one is at a server, and how far one has its rooms. `number` is this session's own name
    /// for it, `place` for the server, who may take one for somebody new; 0: of another run.
    struct Identity {
        std::string token{};
        std::uint32_t number = 0;
        std::uint32_t place = 0;
        std::vector<SessionState::Room> rooms{};
    };
    Identity identity() const;
    /// Is that one again, from the next connected() on: for servers that do not know each other.
    void become(const Identity& identity);

private:
    enum class Phase : std::uint8_t { offline, greeting, online };
    /// Of a greeting: who one is, what one is called, where one is.
    enum class Step : std::uint8_t { identify, name, enter };
    enum class Purpose : std::uint8_t { user, join, leave, tidy, nick, datagrams, ping };

    struct Room {
        std::string name{};
        Position last{};         ///< the last message that was told
        Position target{};       ///< where it stood when this connection entered it
        Position goes_on{};      ///< where what comes begins, if the server did not know `last`
        bool elsewhere = false;  ///< what one has of it is another server's
        bool asked = false;      ///< by the newest greeting

        /// What it has to be entered with, to miss nothing.
        Position since() const noexcept { return goes_on ? goes_on : last; }
    };
    struct Call {
        Purpose purpose = Purpose::user;
        CallKind kind = CallKind::now;
        bool on_the_way = false;  ///< on this connection
        std::string method{};
        std::string params{};   ///< of those that may be asked again
        std::string subject{};  ///< join, leave: the room as asked for; nick: the old one
    };
    using Calls = std::map<std::uint64_t, Call>;

    // What is sent.
    void greet();
    void greet_with_rooms(bool all);
    void greet_with_nick();
    void enter_rooms();
    void ask_in_greeting(std::string_view method, std::string_view params_json);
    void write(std::string_view method, std::string_view params_json, std::uint64_t id);
    std::uint64_t ask(Call&& call);
    void ask_now(std::uint64_t id, Call& call);
    void ask_for_nick();
    void ask_to_join(const Room& room);
    void ask_to_leave(std::string_view room, Purpose purpose);
    void follow_wishes();
    void ping();
    void fill();
    std::size_t window() const noexcept;
    const Outbox::Line* next_line() const noexcept;
    bool must_wait(const Outbox::Line& line) const noexcept;
    Time search_end() const noexcept;
    bool is_doubtful(const Outbox::Line& line) const noexcept;
    bool is_caught_up(std::string_view room) const noexcept;
    bool awaits_answer() const noexcept;
    Time next_ping() const noexcept;

    // What comes.
    void take_line(std::string_view line);
    template <class Told>
    void take(Told&& told);
    void take_answer(std::uint64_t id, const wire::JsonValue& object);
    void take_greeting(const wire::JsonValue& object);
    void identified(const wire::JsonValue& result);
    void greeted(const wire::JsonValue& result);
    std::vector<RoomStanding> entered_by_greeting(const wire::JsonValue& standings);
    void greeting_refused(const CallError& error);
    bool drop_refused_room(const CallError& error);
    std::string worthy_token() const;
    void forget_positions() noexcept;
    void line_answered(Outbox::Line& line, const wire::JsonValue& object);
    void call_answered(std::uint64_t id, const Call& call, const wire::JsonValue& object);
    void remember(const Call& call, const wire::JsonValue& result);
    void call_failed(const Call& call, const CallError& error);
    void happened(wire::KeptEvent&& event);
    void own_line_seen(const wire::KeptEvent& event);
    void settle_seen_lines(const std::vector<RoomStanding>& rooms);
    void settle(Outbox::Line& line, Position at);
    void end_calls(std::string_view reason);
    void deny(const CallError& error);
    void break_off(std::string reason);

    Room* find_room(std::string_view name) noexcept;
    const Room* find_room(std::string_view name) const noexcept;
    bool is_new(std::string_view room, Position at) noexcept;
    RoomStanding entered(const wire::JsonValue& standing, std::string_view asked_as);

    SessionOptions options_;
    Outbox outbox_;
    Repetitions repetitions_;
    LineReader lines_{session_line_bytes_max};
    wire::JsonReader reader_;
    std::deque<Event> events_;
    std::vector<Room> rooms_;
    Calls calls_;

    std::string token_;
    std::string nick_;
    std::string key_prefix_;
    std::uint64_t keys_made_ = 0;
    std::uint64_t last_id_ = 0;
    std::uint32_t identity_ =
        1;  ///< which of the sessions that servers made for us; 0: none of ours
    std::uint32_t identities_ = 1;
    std::uint32_t place_ = 1;  ///< whose positions the rooms have
    std::uint32_t places_ = 1;

    std::string unsent_;
    std::size_t unsent_from_ = 0;

    Phase phase_ = Phase::offline;
    bool connected_ = false;
    bool stopped_ = false;
    bool draining_ = false;
    Step step_ = Step::enter;
    bool fresh_ = false;     ///< made by the server for us, and not online yet
    bool nameless_ = false;  ///< if fresh: it was refused its nick
    std::uint64_t greeting_id_ = 0;
    std::vector<std::string> asked_;  ///< the rooms it named
    bool resuming_ = false;
    bool elsewhere_ = false;      ///< as connected() was told
    bool guest_for_now_ = false;  ///< the nick is taken, and giving up is no choice any more
    std::string broken_;

    Duration return_after_{};
    Time now_{};
    Time greeted_at_{};
    Time last_heard_{};          ///< or last progress of what is sent
    Time last_told_{};           ///< of what stands in a room
    Time last_asked_{};          ///< the newest request that is not answered
    std::uint64_t ping_id_ = 0;  ///< 0: none is out
    Time pinged_at_{};
    std::optional<Duration> rtt_;
};

}  // namespace chatd::client
