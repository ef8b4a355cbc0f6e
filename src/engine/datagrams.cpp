#include "chatd/engine/datagrams.hpp"

#include <algorithm>
#include <utility>

#include "chatd/base/assert.hpp"
#include "engine/raw_peers.hpp"
#include "engine/raw_turn.hpp"

namespace chatd::engine {

namespace {

/// The part of the budget out that whole turns leave for the newest datagrams.
constexpr Duration out_reserve = RateBudget::burst / 4;
/// How much later than idle_timeout a peer may go, so that advance() looks at all rarely.
constexpr int idle_checks_per_timeout = 32;
constexpr Duration lingering_check_interval = RateBudget::burst / 4;

// PROTOCOL.md 9: a client of a session that died must not leak into the room.
bool looks_like_a_session(Bytes payload) noexcept {
    return payload.size() >= 2 && payload[0] == std::byte{0x0C} &&
           (payload[1] & std::byte{0xF0}) == std::byte{0x10};
}

// Services that answer anything they are sent: chargen, DNS, SSDP, mDNS, memcached, ...
// (CVE-2024-2169). People's programs send from ports above 1023.
bool is_service_port(std::uint16_t port) noexcept {
    return port < 1024 || port == 1900 || port == 5353 || port == 11211;
}

bool same_host(Address left, Address right) noexcept {
    left.port = 0;
    right.port = 0;
    return left == right;
}

bool reached(std::size_t count, std::uint32_t count_max) noexcept {
    return count_max != 0 && count >= count_max;
}

}  // namespace

std::string_view text_of(DatagramDrop drop) noexcept {
    switch (drop) {
        case DatagramDrop::empty:
            return "empty";
        case DatagramDrop::size:
            return "size";
        case DatagramDrop::truncated:
            return "truncated";
        case DatagramDrop::source:
            return "source";
        case DatagramDrop::guard:
            return "guard";
        case DatagramDrop::not_allowed:
            return "not_allowed";
        case DatagramDrop::peers_full:
            return "peers_full";
        case DatagramDrop::per_address:
            return "per_address";
        case DatagramDrop::rate:
            return "rate";
        case DatagramDrop::turn_full:
            return "turn_full";
        case DatagramDrop::out_rate:
            return "out_rate";
        case DatagramDrop::send_failed:
            return "send_failed";
    }
    return "";
}

Datagrams::Datagrams(DatagramsConfig config)
    : config_(std::move(config)),
      peers_(std::make_unique<RawPeers>()),
      turn_(std::make_unique<RawTurn>(config_.train_segments_max)) {
    // A size is never unlimited: the receive buffers are not either.
    if (config_.datagram_bytes_max == 0 ||
        config_.datagram_bytes_max > limits::datagram_bytes_limit) {
        config_.datagram_bytes_max = limits::datagram_bytes_limit;
    }
}

Datagrams::~Datagrams() = default;

void Datagrams::add_own_address(const Address& address) {
    own_addresses_.push_back(address.unmapped());
}

std::uint32_t Datagrams::peer_count() const noexcept {
    return static_cast<std::uint32_t>(peers_->member_count());
}

std::vector<DatagramPeer> Datagrams::peers(std::size_t& from, std::size_t count_max) const {
    std::vector<DatagramPeer> listed;
    const std::span<const RawPeer> all = peers_->all();
    for (; from < all.size() && listed.size() < count_max; ++from) {
        const RawPeer& peer = all[from];
        if (peer.lingering()) continue;
        listed.push_back({.slot = peer.slot,
                          .address = peer.address,
                          .heard_at = peer.heard_at,
                          .received = peer.received,
                          .received_bytes = peer.received_bytes,
                          .sent = peer.sent,
                          .sent_bytes = peer.sent_bytes});
    }
    if (from >= all.size()) from = 0;
    return listed;
}

// -- datagrams in ----------------------------------------------------------------------------

DatagramOutcome Datagrams::received(const DatagramIn& datagram, Time now) noexcept {
    CHATD_ASSERT(!flushing_);
    ++counters_.received;
    counters_.received_bytes += datagram.payload.size();
    if (datagram.truncated) return drop(DatagramDrop::truncated);
    if (datagram.payload.size() > config_.datagram_bytes_max) return drop(DatagramDrop::size);

    const Address source = datagram.source.unmapped();
    RawPeer* peer = peers_->find(source);
    const bool stranger = peer == nullptr || peer->lingering();
    if (stranger) {
        DatagramDrop why{};
        if (!may_join(datagram, source, peer != nullptr, why)) return drop(why);
    } else {
        peer->heard_at = now;
        if (datagram.payload.empty()) return leave(*peer, now);
    }
    if (peer != nullptr && !peer->loopback && !within_rate(peer->rate, now)) {
        return drop(DatagramDrop::rate);
    }
    if (turn_->full()) return drop(DatagramDrop::turn_full);

    if (stranger) {
        if (peer == nullptr) {
            peer = &peers_->add(source);
        } else {
            peers_->return_to_room(*peer);
        }
        ++counters_.joined;
        peer->heard_at = now;
        if (config_.idle_timeout != Duration::zero()) expect_deadline(now + config_.idle_timeout);
    }
    ++peer->received;
    peer->received_bytes += datagram.payload.size();
    peer->local = datagram.local;
    peer->socket = datagram.socket;
    if (!peer->loopback) spend(peer->rate, datagram.payload.size(), now);

    const RawTurn::EntryIndex entry = turn_->add(datagram.payload, peer->slot);
    if (stranger || peer->spoke_in_turn != turn_->number()) {
        peer->heard_from = stranger ? entry : 0;
    } else {
        turn_->supersede(peer->newest_entry);
    }
    peer->spoke_in_turn = turn_->number();
    peer->newest_entry = entry;
    return {stranger ? DatagramOutcome::Kind::joined : DatagramOutcome::Kind::relayed, peer->slot};
}

bool Datagrams::may_join(const DatagramIn& datagram, const Address& source, bool lingering,
                         DatagramDrop& why) const noexcept {
    const bool loopback = source.is_loopback();
    if (is_spoofed(source, datagram.local)) {
        why = DatagramDrop::source;
    } else if (!is_allowed(source)) {
        why = DatagramDrop::not_allowed;
    } else if (datagram.payload.empty()) {
        why = DatagramDrop::empty;
    } else if (looks_like_a_session(datagram.payload)) {
        why = DatagramDrop::guard;
    } else if (peers_->slots_used_up()) {
        why = DatagramDrop::peers_full;
    } else if (lingering) {
        return true;  // it still holds its place
    } else if (peers_->all().size() >= limits::udp_slot_max ||
               (loopback ? reached(peers_->loopback_count(), config_.peers_loopback_max)
                         : reached(peers_->elsewhere_count(), config_.peers_max))) {
        why = DatagramDrop::peers_full;
    } else if (!loopback && reached(peers_->count_at(source), config_.peers_per_address_max)) {
        why = DatagramDrop::per_address;
    } else {
        return true;
    }
    return false;
}

bool Datagrams::is_spoofed(const Address& source, const Address& local) const noexcept {
    if (is_service_port(source.port) || source.is_multicast() || source.is_broadcast() ||
        source.is_unspecified()) {
        return true;
    }
    return std::any_of(own_addresses_.begin(), own_addresses_.end(), [&](const Address& own) {
        if (own.port != source.port || own.family != source.family) return false;
        if (!own.is_unspecified()) return same_host(own, source);
        return source.is_loopback() || same_host(local.unmapped(), source);
    });
}

bool Datagrams::is_allowed(const Address& source) const noexcept {
    if (config_.policy == RawPolicy::off) return false;
    if (source.is_loopback()) return true;
    if (config_.policy == RawPolicy::private_networks && source.is_private()) return true;
    return std::any_of(config_.allowed.begin(), config_.allowed.end(),
                       [&](const Cidr& range) { return range.contains(source); });
}

bool Datagrams::within_rate(const SourceRate& rate, Time now) const noexcept {
    const bool packets_left =
        config_.packets_per_second_max == 0 || rate.packets.left(now) > Duration::zero();
    const bool bytes_left =
        config_.bytes_per_second_max == 0 || rate.bytes.left(now) > Duration::zero();
    return packets_left && bytes_left;
}

void Datagrams::spend(SourceRate& rate, std::size_t bytes, Time now) const noexcept {
    if (config_.packets_per_second_max != 0) {
        rate.packets.spend(1, config_.packets_per_second_max, now);
    }
    if (config_.bytes_per_second_max != 0) {
        rate.bytes.spend(bytes, config_.bytes_per_second_max, now);
    }
}

DatagramOutcome Datagrams::leave(RawPeer& peer, Time now) noexcept {
    const DatagramOutcome outcome{DatagramOutcome::Kind::left, peer.slot};
    ++counters_.left;
    if (peer.loopback) {
        peers_->erase(peer);  // it has no rates that could be refilled
        return outcome;
    }
    peers_->linger(peer);
    expect_deadline(now + RateBudget::burst);
    return outcome;
}

DatagramOutcome Datagrams::drop(DatagramDrop reason, std::size_t count) noexcept {
    counters_.dropped[static_cast<std::size_t>(reason)] += count;
    return {};
}

PostOutcome Datagrams::post(Bytes payload, SourceRate* rate, Time now) noexcept {
    CHATD_ASSERT(!flushing_);
    if (payload.empty()) return PostOutcome::empty;
    if (payload.size() > config_.datagram_bytes_max) return PostOutcome::too_long;
    if (rate != nullptr && !within_rate(*rate, now)) return PostOutcome::busy;
    if (!turn_->add_post(payload)) return PostOutcome::busy;
    if (rate != nullptr) spend(*rate, payload.size(), now);
    ++counters_.posted;
    return PostOutcome::posted;
}

// -- trains out ------------------------------------------------------------------------------

std::span<const Train> Datagrams::turn_ended(Time now) noexcept {
    CHATD_ASSERT(!flushing_);
    if (turn_->entry_count() == 0) return {};
    const std::size_t peer_count = peers_->all().size();
    flushing_ = true;
    turn_time_ = now;
    served_count_ = 0;
    const std::size_t missed = empty_handed_first_ != 0 ? empty_handed_first_ : missed_first_;
    serve_from_ = missed == 0 || peer_count == 0 ? 0 : (missed - 1) % peer_count;
    missed_first_ = 0;
    empty_handed_first_ = 0;
    turn_->seal();
    return more_trains();
}

std::span<const Train> Datagrams::more_trains() noexcept {
    if (!flushing_) return {};
    turn_->clear_trains();
    const std::span<RawPeer> peers = peers_->all();
    while (served_count_ < peers.size() && turn_->has_room()) {
        std::size_t at = serve_from_ + served_count_;
        if (at >= peers.size()) at -= peers.size();
        if (!peers[at].lingering()) serve(peers[at]);
        ++served_count_;
    }
    counters_.trains += turn_->trains().size();
    if (turn_->trains().empty()) {
        flushing_ = false;
        turn_->begin_next();
    }
    return turn_->trains();
}

Datagrams::Portion Datagrams::portion_for(const RawPeer& peer) const noexcept {
    if (peer.loopback || config_.out_bytes_per_second_max == 0) return Portion::whole;
    const Duration left = out_.left(turn_time_);
    if (left > out_reserve) return Portion::whole;
    return left > Duration::zero() ? Portion::newest : Portion::nothing;
}

void Datagrams::serve(RawPeer& peer) noexcept {
    const bool spoke = peer.spoke_in_turn == turn_->number();
    const std::uint16_t without = config_.echo && peer.loopback ? RawTurn::nobody : peer.slot;
    const Portion portion = portion_for(peer);

    PartList list;
    if (portion == Portion::nothing) {
        list = {};
    } else if (spoke) {
        list = turn_->without(without, peer.heard_from, portion == Portion::newest);
    } else {
        list = portion == Portion::whole ? turn_->whole() : turn_->newest();
    }
    if (portion != Portion::whole) {
        const std::size_t due = turn_->count_without(without, spoke ? peer.heard_from : 0);
        drop(DatagramDrop::out_rate, due - list.parts.size());
        const auto place = static_cast<std::size_t>(&peer - peers_->all().data()) + 1;
        if (due > list.parts.size() && missed_first_ == 0) missed_first_ = place;
        if (due > 0 && list.parts.empty() && empty_handed_first_ == 0) empty_handed_first_ = place;
    }
    if (list.parts.empty()) return;
    if (!peer.loopback && config_.out_bytes_per_second_max != 0) {
        out_.spend(list.bytes, config_.out_bytes_per_second_max, turn_time_);
    }
    const Train like{.to = peer.address, .from = peer.local, .socket = peer.socket};
    turn_->add_trains(list, like, peer.trains_refused);
    peer.sent += list.parts.size();
    peer.sent_bytes += list.bytes;
    counters_.relayed += list.parts.size();
    counters_.relayed_bytes += list.bytes;
}

void Datagrams::send_failed(const Address& to, std::size_t datagram_count,
                            bool no_trains) noexcept {
    drop(DatagramDrop::send_failed, datagram_count);
    RawPeer* peer = peers_->find(to);
    if (peer != nullptr && no_trains) peer->trains_refused = true;
}

// -- time ------------------------------------------------------------------------------------

void Datagrams::expect_deadline(Time at) noexcept {
    deadline_ = std::min(deadline_, at);
}

Time Datagrams::next_deadline() const noexcept {
    return deadline_;
}

void Datagrams::advance(Time now) noexcept {
    CHATD_ASSERT(!flushing_);
    if (now < deadline_) return;
    const Duration idle = config_.idle_timeout;
    Time next = time_never;
    // Backwards, since erase() puts the last peer into the gap.
    for (std::size_t index = peers_->all().size(); index-- > 0;) {
        RawPeer& peer = peers_->all()[index];
        if (!peer.lingering() && idle == Duration::zero()) continue;
        const Time ends_at = peer.heard_at + (peer.lingering() ? RateBudget::burst : idle);
        if (ends_at > now) {
            next = std::min(next, ends_at);
            continue;
        }
        if (!peer.lingering()) ++counters_.idled;
        peers_->erase(peer);
    }
    // Not before a while from now: with many peers one or another is always due.
    Duration pause = lingering_check_interval;
    if (idle != Duration::zero()) pause = std::min(pause, idle / idle_checks_per_timeout);
    deadline_ = next == time_never ? time_never : std::max(next, now + pause);
}

}  // namespace chatd::engine
