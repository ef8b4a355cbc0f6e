// The raw relay against a naive model and against random datagrams, and what it costs.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/raw_relay.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using namespace std::chrono_literals;

namespace {

// One world of random bursts, sizes, joins and leaves; true if relay and model agreed throughout.
bool agrees_with_model(std::uint64_t seed) {
    Prng prng{seed};
    auto config = uncapped();
    config.policy = RawPolicy::private_networks;
    config.train_segments_max = static_cast<std::uint32_t>(prng.between(1, 64));
    RelayDriver driver{config};
    RelayModel model;
    const auto source_count = prng.between(1, 12);
    const auto empty_percent = prng.below(20);
    const auto size_count = prng.between(1, 4);
    std::array<std::size_t, 4> sizes{};
    for (auto& bytes : sizes)
        bytes = prng.between(1, 1'250);
    std::uint32_t serial = 0;
    for (int turn = 0; turn < 40; ++turn) {
        const auto datagram_count = prng.below(limits::udp_datagrams_per_turn_max + 1);
        for (std::uint64_t sent = 0; sent < datagram_count;) {
            const auto number = static_cast<std::uint32_t>(prng.below(source_count));
            const Address source =
                number % 2 == 0
                    ? host(number)
                    : address_of("127.0.0.1", static_cast<std::uint16_t>(5'000 + number));
            const auto burst = std::min(prng.between(1, 20), datagram_count - sent);
            const auto bytes = sizes[prng.below(size_count)];
            for (std::uint64_t index = 0; index < burst; ++index, ++sent) {
                std::string payload;
                if (!prng.chance(empty_percent)) {
                    payload = std::to_string(++serial) + ' ';
                    payload.resize(bytes, static_cast<char>(prng.below(256)));
                }
                const bool truncated = prng.chance(1);
                model.receive(source, true, payload, truncated);
                driver.receive(source, payload, {}, truncated);
            }
            if (prng.chance(5)) {
                const std::string payload = "post " + std::to_string(++serial);
                if (driver.relay.post(as_bytes(payload), nullptr, {}) == PostOutcome::posted) {
                    model.post(payload);
                }
            }
        }
        if (driver.end_turn() != model.end_turn()) return false;
        if (driver.relay.peer_count() != model.peer_count()) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("the relay agrees with a naive model", "[engine][datagrams]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        REQUIRE(agrees_with_model(seed));
    }
}

TEST_CASE("the relay agrees with a naive model in many worlds", "[.][nightly][datagrams]") {
    for (std::uint64_t seed = 1'000; seed < 6'000; ++seed) {
        CAPTURE(seed);
        REQUIRE(agrees_with_model(seed));
    }
}

namespace {

// Uniform, forged and mutated datagrams of arbitrary sources beside a live pair
// of peers, which loses nothing; peers stay bounded by their caps.
void survives_random_datagrams(std::uint64_t datagram_count, std::uint64_t seed) {
    Prng prng{seed};
    auto config = private_networks();
    config.allowed = {*parse_cidr("0.0.0.0/0")};
    RelayDriver driver{config};
    driver.join({ana, bob});
    Time now{};
    std::string before = "x";
    std::uint64_t live_sent = 0;
    std::uint64_t live_arrived = 0;
    for (std::uint64_t count = 0; count < datagram_count; ++count) {
        Address source;
        source.family = prng.chance(50) ? Address::Family::ipv4 : Address::Family::ipv6;
        const auto ip_bytes = source.family == Address::Family::ipv4 ? 4U : 16U;
        for (auto at = 0U; at < ip_bytes; ++at) {
            source.bytes[at] = static_cast<std::uint8_t>(prng.next());
        }
        source.port = static_cast<std::uint16_t>(prng.next());
        // No forged loopback: the kernel lets none in, and the live pair stands there.
        if (source.unmapped().is_loopback()) source.bytes[0] = 11;
        std::string payload = prng.chance(30) ? before : std::string(prng.below(1'300), '\0');
        if (!prng.chance(30) || payload.empty()) {
            for (char& byte : payload)
                byte = static_cast<char>(prng.next());
        } else {
            payload[prng.below(payload.size())] ^= static_cast<char>(1U << prng.below(8));
        }
        if (payload.size() > 1 && prng.chance(30)) {
            payload[0] = '\x0c';
            payload[1] = static_cast<char>(prng.below(256));
        }
        driver.receive(source, payload, now, prng.chance(2));
        before = std::move(payload);
        if (count % 50 != 49) continue;
        driver.receive(ana, "live " + std::to_string(++live_sent), now);
        const auto delivered = driver.end_turn(now);
        for (const auto& datagram : delivered.at(bob)) {
            live_arrived += datagram == "live " + std::to_string(live_sent);
        }
        now += 1ms;
        driver.receive(bob, "live too", now);
        driver.relay.advance(now);
        REQUIRE(driver.relay.peer_count() <= limits::udp_peers_max + 2);
    }
    CHECK(live_arrived == live_sent);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::guard) > 0);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::peers_full) > 0);
}

}  // namespace

TEST_CASE("random datagrams disturb nobody and leave nothing behind", "[engine][datagrams]") {
    survives_random_datagrams(100'000, 7);
}

TEST_CASE("ten million random datagrams disturb nobody", "[.][nightly][datagrams]") {
    survives_random_datagrams(10'000'000, 11);
}

// -- cost ------------------------------------------------------------------------------------

TEST_CASE("what a train costs before the kernel", "[.][bench][datagrams]") {
    for (const auto& [peer_count, burst] :
         {std::pair{10, 1}, {10, 16}, {100, 1}, {100, 16}, {1'000, 1}, {1'000, 16}}) {
        Datagrams relay{{}};
        const std::string payload(64, 'x');
        DatagramIn datagram{.source = ana, .local = ana, .payload = as_bytes(payload)};
        for (int number = 0; number < peer_count; ++number) {
            datagram.source.port = static_cast<std::uint16_t>(10'000 + number);
            relay.received(datagram, {});
            for (auto some = relay.turn_ended({}); !some.empty(); some = relay.more_trains()) {
            }
        }
        const auto start = std::chrono::steady_clock::now();
        const auto trains_before = relay.counters().trains;
        const int turns = 3'000'000 / peer_count;
        for (int turn = 0; turn < turns; ++turn) {
            for (int sent = 0; sent < burst; ++sent)
                relay.received(datagram, {});
            for (auto some = relay.turn_ended({}); !some.empty(); some = relay.more_trains()) {
            }
        }
        const std::chrono::duration<double, std::nano> spent =
            std::chrono::steady_clock::now() - start;
        const auto trains = static_cast<double>(relay.counters().trains - trains_before);
        std::printf("%4d peers, bursts of %2d: %.1f ns a train, %.2f ns a datagram out\n",
                    peer_count, burst, spent.count() / trains, spent.count() / trains / burst);
    }
}
