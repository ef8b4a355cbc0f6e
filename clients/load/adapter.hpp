#pragma once
// What differs between the servers that chatload drives: how one logs in, how a body is said, and
// how what arrives is taken apart. Values in, values out: an adapter knows no socket and no clock,
// so each is tested with its input cut at every byte.
//
// One adapter serves all connections of a run; one thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatd::load {

enum class Protocol : std::uint8_t {
    chatd,           ///< chatd's text dialect over TCP
    websocket,       ///< the same in WebSocket text messages, subprotocol chatd.text.v1
    json,            ///< chatd's JSON-RPC over TCP
    websocket_json,  ///< the same in WebSocket text messages, subprotocol chatd.json.v1
    sse,             ///< chatd's Server-Sent Events, for those who only listen
    udp,             ///< raw datagrams: one body each
    redis,           ///< RESP3 publish/subscribe
    nats,            ///< NATS text protocol
    ncat,            ///< ncat --chat: plain lines
    irc,             ///< RFC 1459 clients
    mqtt,            ///< MQTT 3.1.1, QoS 0
    floor,           ///< tests/bench/floor: bytes in, the same bytes out
};

/// One connection of the run as the server sees it.
struct Member {
    std::uint32_t number = 0;  ///< from 1; in its nick or client name
    bool listens = false;
    bool publishes = false;
};

/// The room everybody is in at first.
inline constexpr std::string_view lobby = "lobby";

/// Where all members meet, and in what manner.
struct Venue {
    std::string room{lobby};         ///< room, channel, subject or topic
    std::string host = "localhost";  ///< for a Host header
    std::string nick_prefix = "u";
    std::uint64_t seed = 1;  ///< for masking keys
    bool answered = true;    ///< JSON-RPC: what is said bears an id and is answered
};

/// What one read said. `bodies` point into the input (or into `kept`) and are good until either
/// is touched.
struct Heard {
    std::vector<std::string_view> bodies;
    std::string reply;             ///< to be sent back at once: a pong, the next step of a login
    std::string refusal;           ///< why the server will not have us; empty when it will
    std::size_t consumed = 0;      ///< bytes taken; the rest is passed again with what follows
    std::uint64_t gaps = 0;        ///< gap notices among the input
    std::uint64_t answers = 0;     ///< JSON-RPC results among the input
    bool ready = false;            ///< the login is done: this member hears and may speak
    std::deque<std::string> kept;  ///< bodies that did not stand whole in the input

    void clear();
};

class Adapter {
public:
    struct Traits {
        bool datagrams = false;        ///< UDP: one body a datagram
        bool ready_at_once = false;    ///< nothing confirms a login
        bool publishers_hear = false;  ///< who speaks is in the room and hears the others
        bool echoes_own = false;       ///< who listens and speaks hears itself
        bool listens_only = false;     ///< nobody can speak it
        std::size_t body_bytes_max = 4096;
    };

    explicit Adapter(Venue venue) : venue_(std::move(venue)) {}
    virtual ~Adapter() = default;
    Adapter(const Adapter&) = delete;
    Adapter& operator=(const Adapter&) = delete;
    Adapter(Adapter&&) = delete;
    Adapter& operator=(Adapter&&) = delete;

    virtual Traits traits() const noexcept = 0;
    /// What `member` sends first; may be empty.
    virtual std::string greeting(const Member& member) = 0;
    /// Appends the bytes by which `body` is said. `body` has no newline. Not where traits say
    /// listens_only.
    virtual void encode(std::string_view body, std::string& target) = 0;
    /// Takes all whole messages from the front of `input`; `ready` tells whether this member's
    /// login is done. Fills `heard`, which is clear.
    virtual void decode(std::string_view input, const Member& member, bool ready, Heard& heard) = 0;

protected:
    std::string nick_of(const Member& member) const;

    Venue venue_;
};

std::unique_ptr<Adapter> make_adapter(Protocol protocol, Venue venue);
/// Members that publish speak `publishing`, the others `listening`; may_mix() both.
std::unique_ptr<Adapter> make_mixed_adapter(Protocol listening, Protocol publishing, Venue venue);

/// Whether it is a protocol of chatd's one TCP port: any two of these meet in the same room.
bool may_mix(Protocol protocol) noexcept;

std::optional<Protocol> protocol_named(std::string_view name) noexcept;
std::string_view name_of(Protocol protocol) noexcept;

// -- each in its file ------------------------------------------------------------------------
std::unique_ptr<Adapter> make_chatd_adapter(Venue venue);
std::unique_ptr<Adapter> make_websocket_adapter(Venue venue);
std::unique_ptr<Adapter> make_json_adapter(Venue venue);
std::unique_ptr<Adapter> make_websocket_json_adapter(Venue venue);
std::unique_ptr<Adapter> make_sse_adapter(Venue venue);
std::unique_ptr<Adapter> make_udp_adapter(Venue venue);
std::unique_ptr<Adapter> make_redis_adapter(Venue venue);
std::unique_ptr<Adapter> make_nats_adapter(Venue venue);
std::unique_ptr<Adapter> make_ncat_adapter(Venue venue);
std::unique_ptr<Adapter> make_irc_adapter(Venue venue);
std::unique_ptr<Adapter> make_mqtt_adapter(Venue venue);
std::unique_ptr<Adapter> make_floor_adapter(Venue venue);

}  // namespace chatd::load
