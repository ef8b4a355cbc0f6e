#pragma once
// The raw peers of the default room: who they are, by address, and their slots. A peer that has
// left may linger: it holds its place and its rates for a moment but is nobody, so that leaving and
// joining again does not refill what it may send. Engine only; one thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "chatd/base/address.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/base/time.hpp"
#include "chatd/engine/rate_budget.hpp"
#include "engine/address_table.hpp"

namespace chatd::engine {

/// The numbers 1 to udp_slot_max. Fresh ones come first, then the one that has been free longest,
/// so one that was in use within 10 minutes is given again only when no other is free.
class SlotNumbers {
public:
    bool empty() const noexcept { return fresh_ > limits::udp_slot_max && freed_.empty(); }
    std::uint16_t take();
    void give_back(std::uint16_t slot) { freed_.push_back(slot); }

private:
    std::uint16_t fresh_ = 1;  ///< the lowest never taken; udp_slot_max + 1 when all were
    std::deque<std::uint16_t> freed_;
};

struct RawPeer {
    Address address;  ///< v4-mapped as IPv4
    Address local;    ///< the address it spoke to last
    std::uint16_t socket = 0;
    std::uint16_t slot = 0;  ///< 0 = lingering
    bool loopback = false;
    bool trains_refused = false;      ///< its path cannot cut trains
    std::uint32_t spoke_in_turn = 0;  ///< the last turn it said something in; turns count from 1
    std::uint32_t heard_from = 0;     ///< in that turn: the first entry it may get
    std::uint32_t newest_entry = 0;   ///< in that turn: its last
    Time heard_at{};                  ///< its last datagram; when it left, while lingering
    SourceRate rate;
    std::uint64_t received = 0;  ///< datagrams from it that were relayed
    std::uint64_t received_bytes = 0;
    std::uint64_t sent = 0;  ///< datagrams to it
    std::uint64_t sent_bytes = 0;

    bool lingering() const noexcept { return slot == 0; }
};

class RawPeers {
public:
    /// The peer, lingering ones included, or nullptr. Valid until the next add() or erase().
    RawPeer* find(const Address& address) noexcept;
    /// A new peer with a slot; `address` is not in the table and slots are not used up.
    RawPeer& add(const Address& address);
    /// A member lingers from now on.
    void linger(RawPeer& peer) noexcept;
    /// A lingering peer is back, with another slot; slots are not used up.
    void return_to_room(RawPeer& peer);
    /// Forgets a peer; the last one of all() takes its place there.
    void erase(RawPeer& peer) noexcept;

    /// All of them, lingering ones included, in no order.
    std::span<RawPeer> all() noexcept { return peers_; }
    std::size_t member_count() const noexcept { return member_count_; }
    bool slots_used_up() const noexcept { return slots_.empty(); }
    /// Places taken, lingering included.
    std::size_t loopback_count() const noexcept { return loopback_count_; }
    std::size_t elsewhere_count() const noexcept { return peers_.size() - loopback_count_; }
    /// Places taken by one IP address, whatever the port. Counted for what is not loopback.
    std::size_t count_at(const Address& address) noexcept;

private:
    std::vector<RawPeer> peers_;
    AddressTable index_of_;  ///< address and port -> index in peers_
    AddressTable count_of_;  ///< address with port 0 -> peers there
    SlotNumbers slots_;
    std::size_t member_count_ = 0;
    std::size_t loopback_count_ = 0;
};

}  // namespace chatd::engine
