#pragma once
// The raw datagram peers of one world and the network between them and the engine, which loses,
// doubles and delays. What leaves the engine is held against a naive model, turn by turn.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/engine/engine.hpp"
#include "simulation/plan.hpp"
#include "support/raw_relay.hpp"

namespace chatd::simulation {

class Peers {
public:
    Peers(const Plan& plan, engine::Engine& engine, Prng& prng);

    /// Peers speak, and some of it comes.
    void speak(Time now);
    /// A client posted this by /hex.
    void posted(std::string_view payload) { model_.post(payload); }
    /// After the engine's turn: takes the trains and checks them.
    void turn_ended(Time now);
    std::uint64_t relayed_count() const noexcept { return relayed_count_; }

private:
    void send(const Address& source, std::string payload, Time now);

    const Plan& plan_;
    engine::Engine& engine_;
    Prng& prng_;
    std::vector<Address> addresses_;
    Address local_ = test::address_of("127.0.0.1", 8080);
    std::deque<std::string> payloads_;  ///< borrowed by the engine until its turn is over
    std::optional<std::pair<Address, std::string>> late_;
    test::RelayModel model_;
    std::uint32_t serial_ = 0;
    std::uint64_t relayed_count_ = 0;
};

}  // namespace chatd::simulation
