#include "engine/raw_peers.hpp"

#include "chatd/base/assert.hpp"

namespace chatd::engine {

namespace {
Address without_port(Address address) noexcept {
    address.port = 0;
    return address;
}
}  // namespace

std::uint16_t SlotNumbers::take() {
    CHATD_ASSERT(!empty());
    if (fresh_ <= limits::udp_slot_max) return fresh_++;
    const std::uint16_t slot = freed_.front();
    freed_.pop_front();
    return slot;
}

RawPeer* RawPeers::find(const Address& address) noexcept {
    const std::uint32_t* index = index_of_.find(address);
    return index == nullptr ? nullptr : &peers_[*index];
}

RawPeer& RawPeers::add(const Address& address) {
    index_of_.insert(address, static_cast<std::uint32_t>(peers_.size()));
    RawPeer& peer = peers_.emplace_back();
    peer.address = address;
    peer.slot = slots_.take();
    peer.loopback = address.is_loopback();
    ++member_count_;
    if (peer.loopback) {
        ++loopback_count_;
        return peer;
    }
    const Address host = without_port(address);
    if (std::uint32_t* count = count_of_.find(host)) {
        ++*count;
    } else {
        count_of_.insert(host, 1);
    }
    return peer;
}

void RawPeers::linger(RawPeer& peer) noexcept {
    CHATD_ASSERT(!peer.lingering());
    slots_.give_back(peer.slot);
    peer.slot = 0;
    --member_count_;
}

void RawPeers::return_to_room(RawPeer& peer) {
    CHATD_ASSERT(peer.lingering());
    peer.slot = slots_.take();
    peer.received = peer.received_bytes = 0;
    peer.sent = peer.sent_bytes = 0;
    ++member_count_;
}

void RawPeers::erase(RawPeer& peer) noexcept {
    if (!peer.lingering()) linger(peer);
    index_of_.erase(peer.address);
    if (peer.loopback) {
        --loopback_count_;
    } else {
        const Address host = without_port(peer.address);
        std::uint32_t* count = count_of_.find(host);
        CHATD_ASSERT(count != nullptr);
        if (--*count == 0) count_of_.erase(host);
    }
    if (&peer != &peers_.back()) {
        peer = peers_.back();
        *index_of_.find(peer.address) = static_cast<std::uint32_t>(&peer - peers_.data());
    }
    peers_.pop_back();
}

std::size_t RawPeers::count_at(const Address& address) noexcept {
    const std::uint32_t* count = count_of_.find(without_port(address));
    return count == nullptr ? 0 : *count;
}

}  // namespace chatd::engine
