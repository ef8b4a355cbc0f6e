#pragma once
// The raw datagram relay of the default room (PROTOCOL.md 9): who may join, what is
// relayed to whom, and in which trains it leaves. No socket, no clock: datagrams and times in,
// trains out.
//
// A peer is a source address. Its first datagram joins it and is itself relayed; an empty one, or
// silence, ends it. Each datagram goes to every other peer that had joined when it came and is
// still here when the turn ends: one datagram in is one datagram out for each of them, unchanged,
// in its sender's order. Nothing is held over the end of a turn, so nothing queues.
//
//   received … received, post …   then   for (auto trains = turn_ended(now); !trains.empty();
//                                            trains = more_trains()) { submit each }
//
// Payloads are borrowed, not copied: they lie in the caller's receive buffers, which stay valid
// from received() until turn_ended() or more_trains() has answered with no train. Trains and their
// parts are valid until the next call of more_trains(). All memory is bounded by the peers there
// may be, and a turn that joins nobody allocates nothing. One thread, the engine's.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "chatd/base/address.hpp"
#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/base/time.hpp"
#include "chatd/engine/rate_budget.hpp"

namespace chatd::engine {

/// Which sources may be raw peers, before DatagramsConfig::allowed widens it.
enum class RawPolicy : std::uint8_t {
    off,               ///< nobody, the list of allowed ranges included
    loopback,          ///< 127.0.0.0/8 and ::1
    private_networks,  ///< those, RFC 1918, RFC 4193 and link-local addresses
};

/// Every cap but the size is for sources that are not loopback, which has peers_loopback_max
/// alone. 0 = none.
struct DatagramsConfig {
    RawPolicy policy = RawPolicy::loopback;
    std::vector<Cidr> allowed{};  ///< `--udp-raw-allow`, besides the policy
    std::size_t datagram_bytes_max = limits::datagram_bytes_max;  ///< <= datagram_bytes_limit
    std::uint32_t peers_max = limits::udp_peers_max;              ///< from elsewhere than loopback
    std::uint32_t peers_loopback_max = limits::udp_peers_loopback_max;
    std::uint32_t peers_per_address_max = limits::udp_peers_per_address_max;
    std::uint32_t packets_per_second_max = limits::udp_packets_per_second_max;      ///< one source
    std::uint32_t bytes_per_second_max = limits::udp_bytes_per_second_max;          ///< one source
    std::uint32_t out_bytes_per_second_max = limits::udp_out_bytes_per_second_max;  ///< payload
    Duration idle_timeout = limits::udp_idle_max;
    bool echo = false;  ///< `--udp-raw-echo`: a loopback sender gets its own datagram as well
    std::uint32_t train_segments_max = limits::udp_train_segments_max;  ///< 1 = no UDP_SEGMENT
};

/// One datagram as it came.
struct DatagramIn {
    Address source{};
    Address local{};           ///< the address it was sent to, which answers leave from
    std::uint16_t socket = 0;  ///< the caller's number of the socket it came by
    Bytes payload{};           ///< see the paragraph above for how long it must stay valid
    bool truncated = false;    ///< MSG_TRUNC: it was longer than the receive buffer
};

/// Why a datagram was not relayed, or not to everybody.
enum class DatagramDrop : std::uint8_t {
    empty,        ///< an empty one from a stranger: nothing to leave
    size,         ///< longer than datagram_bytes_max
    truncated,    ///< longer than the receive buffer
    source,       ///< a port or address nobody honest sends from (loops, reflection)
    guard,        ///< a stranger's that looks like a session's (PROTOCOL.md 9)
    not_allowed,  ///< a source that policy and list leave out
    peers_full,   ///< no place for another peer
    per_address,  ///< no place for another peer of that address
    rate,         ///< past its source's packets or bytes a second
    turn_full,    ///< more in one turn than limits::udp_datagrams_per_turn_max
    out_rate,     ///< not sent to one recipient: past the bytes a second of all
    send_failed,  ///< not sent to one recipient: the kernel refused it
};
inline constexpr std::size_t datagram_drop_count = 12;

/// "out_rate", as a label in metrics.
std::string_view text_of(DatagramDrop drop) noexcept;

struct DatagramCounters {
    std::uint64_t received = 0;  ///< datagrams in, dropped ones included
    std::uint64_t received_bytes = 0;
    std::uint64_t posted = 0;   ///< datagrams of users on other transports
    std::uint64_t relayed = 0;  ///< datagrams out, one for each recipient
    std::uint64_t relayed_bytes = 0;
    std::uint64_t trains = 0;  ///< sends they left in
    std::uint64_t joined = 0;
    std::uint64_t left = 0;   ///< by an empty datagram
    std::uint64_t idled = 0;  ///< by silence
    std::array<std::uint64_t, datagram_drop_count> dropped{};

    std::uint64_t dropped_by(DatagramDrop drop) const noexcept {
        return dropped[static_cast<std::size_t>(drop)];
    }
};

/// What became of a datagram, and the slot of its peer ("udp:7"), 0 when it is nobody's.
struct DatagramOutcome {
    enum class Kind : std::uint8_t {
        relayed,
        joined,  ///< and relayed
        left,
        dropped,
    };
    Kind kind = Kind::dropped;
    std::uint16_t slot = 0;
    bool relays() const noexcept { return kind == Kind::relayed || kind == Kind::joined; }
};

enum class PostOutcome : std::uint8_t {
    posted,
    empty,
    too_long,  ///< more than datagram_bytes_max
    busy,      ///< past the poster's rate, or the turn's bound for posts: say it again later
};

/// A peer, and what was relayed from and to it since it joined.
struct DatagramPeer {
    std::uint16_t slot = 0;
    Address address{};
    Time heard_at{};  ///< its last datagram
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent = 0;
    std::uint64_t sent_bytes = 0;
};

/// Datagrams for one peer that leave in one send: as they are if one, by UDP_SEGMENT if several.
/// Every part but the last has segment_bytes bytes, the last 1 to segment_bytes; at most 64 parts
/// and 65,507 bytes. Parts of several senders may share a train.
struct Train {
    Address to{};
    Address from{};  ///< the local address the peer spoke to; its port is the socket's
    std::uint16_t socket = 0;
    std::uint16_t segment_bytes = 0;
    std::span<const Bytes> parts{};
};

class RawPeers;
class RawTurn;
struct RawPeer;

class Datagrams {
public:
    explicit Datagrams(DatagramsConfig config);
    Datagrams(const Datagrams&) = delete;
    Datagrams& operator=(const Datagrams&) = delete;
    Datagrams(Datagrams&&) = delete;
    Datagrams& operator=(Datagrams&&) = delete;
    ~Datagrams();

    /// An address and port this server is bound to; datagrams that claim to come from there are
    /// dropped, as are those from the same port of a loopback address, or of the very address they
    /// were sent to, when it is bound to all (0.0.0.0, ::). CVE-2024-2169: no loops.
    void add_own_address(const Address& address);

    /// One datagram came. Strangers' are dropped in silence unless they join.
    DatagramOutcome received(const DatagramIn& datagram, Time now) noexcept;

    /// A user of another transport posts a payload (`/hex`), which is copied until the turn's end
    /// and goes to all raw peers. `rate` is the poster's, under the caps of one source; nullptr for
    /// one on loopback.
    PostOutcome post(Bytes payload, SourceRate* rate, Time now) noexcept;

    /// The turn is over: everything received and posted in it as trains. At most
    /// limits::udp_trains_per_call_max at a time; call more_trains() until it answers with none,
    /// unless this already did.
    ///
    /// Recipients that are not loopback share out_bytes_per_second_max, a second's worth at once.
    /// While less than a quarter of that is left each gets only the newest datagram of each sender
    /// of this turn (posts all), and once nothing is left nothing; what they miss counts as
    /// out_rate. The next turn begins with the first that got nothing, else with the first that
    /// missed something.
    std::span<const Train> turn_ended(Time now) noexcept;
    std::span<const Train> more_trains() noexcept;

    /// The kernel refused a train of `datagram_count` for the peer at `to`; it is not sent again.
    /// `no_trains`: because it cannot cut one on that path (EINVAL, EIO with UDP_SEGMENT), so that
    /// the peer gets single datagrams from now on.
    void send_failed(const Address& to, std::size_t datagram_count, bool no_trains) noexcept;

    /// Forgets peers that have been silent for idle_timeout, at most a 32nd of it late.
    void advance(Time now) noexcept;
    /// When advance() has something to look at next; time_never without peers.
    Time next_deadline() const noexcept;

    std::uint32_t peer_count() const noexcept;
    /// At most `count_max` peers from place `from` on, which then is where the next ones are, or 0
    /// when that was all. Places change when peers leave.
    std::vector<DatagramPeer> peers(std::size_t& from, std::size_t count_max) const;
    const DatagramsConfig& config() const noexcept { return config_; }
    const DatagramCounters& counters() const noexcept { return counters_; }

private:
    enum class Portion : std::uint8_t { whole, newest, nothing };

    DatagramOutcome drop(DatagramDrop reason, std::size_t count = 1) noexcept;
    DatagramOutcome leave(RawPeer& peer, Time now) noexcept;
    bool is_spoofed(const Address& source, const Address& local) const noexcept;
    bool is_allowed(const Address& source) const noexcept;
    bool within_rate(const SourceRate& rate, Time now) const noexcept;
    void spend(SourceRate& rate, std::size_t bytes, Time now) const noexcept;
    /// Whether a stranger's datagram joins it; if not, why.
    bool may_join(const DatagramIn& datagram, const Address& source, bool lingering,
                  DatagramDrop& why) const noexcept;
    void serve(RawPeer& peer) noexcept;
    Portion portion_for(const RawPeer& peer) const noexcept;
    void expect_deadline(Time at) noexcept;

    DatagramsConfig config_;
    std::vector<Address> own_addresses_;
    std::unique_ptr<RawPeers> peers_;
    std::unique_ptr<RawTurn> turn_;
    RateBudget out_;
    DatagramCounters counters_;
    Time turn_time_{};
    Time deadline_ = time_never;
    std::size_t serve_from_ = 0;  ///< the peer served first in this turn
    std::size_t served_count_ = 0;
    // The first of the last turn that missed something, and that got nothing, plus 1; 0 = nobody.
    std::size_t missed_first_ = 0;
    std::size_t empty_handed_first_ = 0;
    bool flushing_ = false;
};

}  // namespace chatd::engine
