#include "simulation/peers.hpp"

#include <algorithm>
#include <utility>

#include "simulation/faults.hpp"
#include "simulation/violation.hpp"

namespace chatd::simulation {

Peers::Peers(const Plan& plan, engine::Engine& engine, Prng& prng)
    : plan_(plan), engine_(engine), prng_(prng) {
    for (std::uint32_t peer = 0; peer < plan.peer_count; ++peer)
        addresses_.push_back(
            test::address_of("127.0.0.1", static_cast<std::uint16_t>(7'000 + peer)));
    engine_.add_own_datagram_address(local_);
}

void Peers::send(const Address& source, std::string payload, Time now) {
    model_.receive(source, true, payload, false);
    const std::string& kept = payloads_.emplace_back(std::move(payload));
    engine_.datagram_received({.source = source,
                               .local = local_,
                               .socket = 0,
                               .payload = as_bytes(kept),
                               .truncated = false},
                              now);
}

void Peers::speak(Time now) {
    const Weather& weather = plan_.weather;
    for (const Address& source : addresses_) {
        for (std::uint64_t count = prng_.chance(40) ? prng_.below(6) : 0; count > 0; --count) {
            std::string payload;
            if (!prng_.chance(5)) {
                payload = "datagram " + std::to_string(++serial_);
                payload.resize(prng_.chance(80) ? payload.size() : prng_.between(10, 1'200), '.');
            }
            if (prng_.chance(weather.datagram_lost)) continue;
            if (prng_.chance(weather.datagram_doubled)) send(source, payload, now);
            if (!late_ && prng_.chance(weather.datagram_late)) {
                late_ = {source, std::move(payload)};
                continue;
            }
            send(source, std::move(payload), now);
            if (late_) {
                auto [overtaken, text] = *std::exchange(late_, std::nullopt);
                send(overtaken, std::move(text), now);
            }
        }
    }
}

void Peers::turn_ended(Time now) {
    test::Delivered delivered;
    for (auto trains = engine_.datagram_trains(now); !trains.empty();
         trains = engine_.more_datagram_trains()) {
        for (const engine::Train& train : trains) {
            std::vector<std::string>& datagrams = delivered[train.to];
            for (const Bytes& part : train.parts) {
                if (&part != &train.parts.back() && part.size() != train.segment_bytes) {
                    violate("trains", "a part that is no whole segment");
                }
                datagrams.emplace_back(as_text(part));
            }
            relayed_count_ += train.parts.size();
            if (faulty(Fault::train_lost)) delivered.erase(train.to);
            if (faulty(Fault::train_repeated)) datagrams.push_back(datagrams.back());
        }
    }
    const test::Delivered expected = model_.end_turn();
    if (delivered != expected) {
        violate("datagrams", std::to_string(expected.size()) + " peers were owed datagrams, " +
                                 std::to_string(delivered.size()) + " got some, not the same");
    }
    // From here on the kernel may put other datagrams there.
    for (std::string& payload : payloads_)
        payload.assign(payload.size(), '?');
    payloads_.clear();
}

}  // namespace chatd::simulation
