#pragma once
// Helpers for the raw relay: a driver that owns payloads for as long as the relay may borrow them
// and takes trains apart again, and a naive model of who must get what. Shared by the unit tests
// and the fuzz target.

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/base/address.hpp"
#include "chatd/base/assert.hpp"
#include "chatd/engine/datagrams.hpp"
#include "support/address_of.hpp"

namespace chatd::test {

/// Datagrams by recipient, in the order they were sent.
using Delivered = std::map<Address, std::vector<std::string>>;

// Three peers that most cases get by with.
inline const Address ana = address_of("127.0.0.1", 5001);
inline const Address bob = address_of("127.0.0.1", 5002);
inline const Address eve = address_of("127.0.0.1", 5003);

/// A host of 10.0.0.0/8 by number, so that each is another address.
inline Address host(std::uint32_t number, std::uint16_t port = 5000) {
    Address address = address_of("10.0.0.0", port);
    address.bytes[1] = static_cast<std::uint8_t>(number >> 16);
    address.bytes[2] = static_cast<std::uint8_t>(number >> 8);
    address.bytes[3] = static_cast<std::uint8_t>(number);
    return address;
}

inline engine::DatagramsConfig private_networks() {
    engine::DatagramsConfig config;
    config.policy = engine::RawPolicy::private_networks;
    return config;
}

/// No caps and no rates, so that only the rules of relaying are left.
inline engine::DatagramsConfig uncapped() {
    engine::DatagramsConfig config;
    config.peers_max = 0;
    config.peers_loopback_max = 0;
    config.peers_per_address_max = 0;
    config.packets_per_second_max = 0;
    config.bytes_per_second_max = 0;
    config.out_bytes_per_second_max = 0;
    return config;
}

class RelayDriver {
public:
    explicit RelayDriver(engine::DatagramsConfig config) : relay(std::move(config)) {}

    engine::DatagramOutcome receive(const Address& source, std::string payload, Time now = {},
                                    bool truncated = false) {
        const std::string& kept = payloads_.emplace_back(std::move(payload));
        return relay.received({.source = source,
                               .local = local,
                               .socket = socket,
                               .payload = as_bytes(kept),
                               .truncated = truncated},
                              now);
    }

    /// Ends the turn and takes its trains apart, as the kernel would.
    Delivered end_turn(Time now = {}) {
        Delivered delivered;
        trains.clear();
        for (auto some = relay.turn_ended(now); !some.empty(); some = relay.more_trains()) {
            CHATD_ASSERT(some.size() <= limits::udp_trains_per_call_max);
            for (const engine::Train& train : some)
                take_apart(train, delivered[train.to]);
            trains.insert(trains.end(), some.begin(), some.end());
        }
        // From here on the kernel may put other datagrams there.
        for (std::string& payload : payloads_)
            payload.assign(payload.size(), '?');
        payloads_.clear();
        return delivered;
    }

    /// Peers join and what they said goes.
    void join(const std::vector<Address>& peers, Time now = {}) {
        for (const Address& peer : peers) {
            CHATD_ASSERT(receive(peer, "hi", now).kind == engine::DatagramOutcome::Kind::joined);
        }
        end_turn(now);
    }

    engine::Datagrams relay;
    Address local = address_of("127.0.0.1", 0);
    std::uint16_t socket = 0;
    std::vector<engine::Train> trains;  ///< of the last turn; what they point to is gone

private:
    static void take_apart(const engine::Train& train, std::vector<std::string>& datagrams) {
        CHATD_ASSERT(!train.parts.empty());
        CHATD_ASSERT(train.parts.size() <= limits::udp_train_segments_max);
        std::string all;
        for (const Bytes part : train.parts)
            append(all, part);
        CHATD_ASSERT(all.size() <= limits::udp_train_bytes_max);
        CHATD_ASSERT(train.segment_bytes != 0);
        CHATD_ASSERT((all.size() + train.segment_bytes - 1) / train.segment_bytes ==
                     train.parts.size());
        for (std::size_t at = 0; at < all.size(); at += train.segment_bytes) {
            datagrams.push_back(all.substr(at, train.segment_bytes));
        }
    }

    std::deque<std::string> payloads_;
};

/// Who must get what from a relay without caps: every datagram of a member goes to every other
/// member there is at that moment; who has left gets nothing more.
class RelayModel {
public:
    void receive(const Address& source, bool allowed, std::string_view payload, bool truncated,
                 std::size_t bytes_max = limits::datagram_bytes_max) {
        const Address peer = source.unmapped();
        if (truncated || payload.size() > bytes_max) return;
        if (!owed_.contains(peer)) {
            const bool session = payload.size() > 1 && payload[0] == '\x0c' &&
                                 payload[1] >= '\x10' && payload[1] <= '\x1f';
            if (!allowed || payload.empty() || session) return;
            owed_[peer];
        } else if (payload.empty()) {
            owed_.erase(peer);
            return;
        }
        for (auto& [other, datagrams] : owed_) {
            if (other != peer) datagrams.emplace_back(payload);
        }
    }

    void post(std::string_view payload) {
        for (auto& [peer, datagrams] : owed_)
            datagrams.emplace_back(payload);
    }

    Delivered end_turn() {
        Delivered delivered;
        for (auto& [peer, datagrams] : owed_) {
            if (!datagrams.empty()) delivered[peer] = std::exchange(datagrams, {});
        }
        return delivered;
    }

    std::size_t peer_count() const noexcept { return owed_.size(); }

private:
    Delivered owed_;  ///< an entry for every member
};

}  // namespace chatd::test
