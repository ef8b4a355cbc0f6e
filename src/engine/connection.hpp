#pragma once
// What the engine knows of one connection: about 100 bytes while it is idle. What only some need
// (a partial line, a reply on its way, WebSocket state) is allocated when it is.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/ids.hpp"
#include "chatd/base/time.hpp"
#include "chatd/chat/room.hpp"
#include "chatd/chat/room_log.hpp"
#include "chatd/wire/http_body.hpp"
#include "chatd/wire/sniff.hpp"
#include "chatd/wire/websocket.hpp"
#include "engine/session.hpp"

namespace chatd::engine {

/// How far a connection is in its life.
enum class Phase : std::uint8_t {
    open,
    finishing,  ///< no more input is taken; what is owed is delivered, then FIN
    lingering,  ///< our FIN is sent; input is thrown away until theirs, so that no reset eats it
    closed,     ///< Close is out; only completions of what is flying still come
};

enum class Speech : std::uint8_t {
    undecided,
    text,
    http,
    websocket,  ///< text or JSON in messages, see Connection::json
    json,       ///< JSON-RPC, a text a line
    events,     ///< Server-Sent Events: an HTTP answer that does not end
};
inline constexpr std::size_t speech_count = 6;

/// Why a connection ended; the word that others see in its `left` event.
enum class Ending : std::uint8_t { none, quit, closed, reset, timed_out, protocol, slow, shutdown };

std::string_view word_of(Ending ending) noexcept;

/// What a WebSocket needs beside: the decoder, and where its keepalive stands.
struct WebSocketSession {
    /// What follows begins in its last, unused bytes: 56 in all make the smaller block of memory.
    [[no_unique_address]] wire::WebSocketDecoder decoder{wire::WebSocketRole::server};
    bool echo : 1 = false;         ///< /echo, not a member of anything
    bool may_be_json : 1 = false;  ///< no subprotocol: the first message decides
    bool ping_owed : 1 = false;    ///< a ping goes out with the next flush
    bool ping_unsent : 1 = false;  ///< it is in the stream, not yet all in the kernel
    bool pong_awaited : 1 = false;
    bool unsent_asked : 1 = false;    ///< the kernel was asked whether the ping has left
    bool ping_in_kernel : 1 = false;  ///< its last answer was no
    bool close_sent : 1 = false;
    std::uint32_t held_bytes = 0;          ///< charged to the reassembly budget
    std::unique_ptr<std::string> message;  ///< an unfinished message, only while there is one
};
static_assert(sizeof(WebSocketSession) <= 56, "one per WebSocket");

/// An HTTP request that is more than a head: its body is coming, or its answer.
struct HttpExchange {
    std::string head;
    std::string body;
    wire::HttpBodyReader reader;
    SessionId session;  ///< of its bearer token
    std::string nick;   ///< of a guest
    std::size_t body_bytes_max = 0;
    bool keep_alive = false;  ///< of the answer
    bool head_only = false;
    bool answering = false;  ///< the body is here; the answer may still come from the store
    bool holding = false;    ///< calls of its text are still being taken: the answer waits
    std::optional<std::string> held{};
    std::string_view fixed_body{};  ///< static, and sent as it lies: what is left of it
};

/// What an idle line client or WebSocket has not.
struct Uncommon {
    SessionId session;                       ///< null: it speaks for itself alone
    std::uint32_t owed = 0;                  ///< all answers it waits for, commits among them
    bool repeats = false;                    ///< said that a line be repeated, with no session
    std::uint32_t head_searched = 0;         ///< of an HTTP head in `input`, for its end
    std::unique_ptr<HttpExchange> exchange;  ///< an HTTP request that is more than a head
};

inline constexpr std::uint32_t no_index = UINT32_MAX;

struct Connection {
    ConnId id;
    ConnSerial serial = 0;
    std::uint32_t flight = no_index;  ///< slab index of the send that is on its way
    std::uint32_t stream = no_index;  ///< slab index of the stream buffer, while it is not empty
    std::uint32_t memberships = chat::no_membership;  ///< first of the list
    std::uint32_t current = chat::no_membership;      ///< the room that a line is said in
    std::uint8_t membership_count = 0;
    Phase phase = Phase::open;
    Speech speech = Speech::undecided;
    Ending ending = Ending::none;
    bool loopback : 1 = false;
    bool greeted : 1 = false;
    bool handed : 1 = false;         ///< something was handed to the kernel for it
    bool notices : 1 = false;        ///< /notices on
    bool peer_ended : 1 = false;     ///< their FIN came
    bool skipping_line : 1 = false;  ///< the rest of a line that was too long
    bool paused : 1 = false;         ///< we asked to read no more for now
    bool ready : 1 = false;          ///< listed for the next flush
    bool prompt : 1 = true;          ///< its last send completed whole by the next turn
    bool datagrams : 1 = false;      ///< /dgram on
    bool http_idle : 1 = false;      ///< answered, and the next request has not begun
    bool json : 1 = false;           ///< speaks JSON-RPC, in lines or in messages
    bool quitting : 1 = false;       ///< has said so, in a text that is still being carried out
    bool began : 1 = false;          ///< a JSON connection that has made its first request
    /// Answers that the store owes it: nothing more is taken from it until they are there.
    std::uint8_t asked = 0;
    std::uint8_t nick_bytes = 0;
    std::uint32_t opened_s = 0;              ///< seconds after the engine began
    const char* nick_text = nullptr;         ///< in the nick table's memory
    std::unique_ptr<wire::Sniffer> sniffer;  ///< until it is decided what it speaks
    std::unique_ptr<std::string> input;      ///< bytes received and not yet taken, if any
    std::unique_ptr<WebSocketSession> websocket;
    std::unique_ptr<Uncommon> uncommon;
    /// When it opened or last sent bytes while undecided; a WebSocket's last sign of life.
    Time heard_at{};
    Time phase_deadline = time_never;  ///< when finishing, lingering or an HTTP head must be over

    /// Empty until the first line.
    std::string_view nick() const noexcept { return {nick_text, nick_bytes}; }
    void set_nick(std::string_view held) noexcept {
        nick_text = held.data();
        nick_bytes = static_cast<std::uint8_t>(held.size());
    }
    Uncommon& make_uncommon() {
        if (!uncommon) uncommon = std::make_unique<Uncommon>();
        return *uncommon;
    }
    SessionId session() const noexcept { return uncommon ? uncommon->session : SessionId{}; }
    std::uint32_t owed() const noexcept { return uncommon ? uncommon->owed : 0; }
    HttpExchange* exchange() const noexcept {
        return uncommon ? uncommon->exchange.get() : nullptr;
    }
    bool method_begun() const noexcept { return sniffer && sniffer->http_method_begun(); }

    bool open() const noexcept { return phase == Phase::open; }
    bool framed() const noexcept { return websocket != nullptr; }
    wire::Form form() const noexcept {
        if (speech == Speech::events) return wire::Form::sse;
        return json ? wire::json_form(framed(), notices) : wire::text_form(framed(), notices);
    }
};

static_assert(limits::rooms_per_connection_max <= UINT8_MAX);
static_assert(sizeof(Connection) <= 96, "one per connection");

/// Replies, notices and small spans of one connection. `sending` never changes while it flies.
struct Stream {
    std::string sending;
    std::string waiting;
    std::size_t sent = 0;  ///< of sending

    bool empty() const noexcept { return sending.empty() && waiting.empty(); }
    std::size_t held_bytes() const noexcept { return sending.size() + waiting.size(); }
};

/// The one send that a connection has on its way: a pinned span, its stream buffer, or static
/// bytes.
struct InFlight {
    chat::Span span;  ///< segment null: no span
    MemberId member;
    RoomId room;
    ConnId connection;
    bool fixed = false;  ///< of an exchange's fixed_body
    std::size_t bytes = 0;
    std::uint64_t turn = 0;  ///< when it was submitted
    Time cancelled_at = time_never;
};

}  // namespace chatd::engine
