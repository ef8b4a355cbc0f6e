// The caps of the raw relay: places, rates of a source, bytes out to all.
#include <algorithm>
#include <map>
#include <set>

#include "support/catch.hpp"
#include "support/raw_relay.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using namespace std::chrono_literals;
using Kind = DatagramOutcome::Kind;

TEST_CASE("peers from elsewhere than loopback are capped", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    for (std::uint32_t number = 0; number < limits::udp_peers_max; ++number) {
        CHECK(driver.receive(host(number), "x").kind == Kind::joined);
    }
    CHECK(driver.receive(host(1'000), "x").kind == Kind::dropped);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::peers_full) == 1);
    CHECK(driver.receive(ana, "loopback has places of its own").kind == Kind::joined);
    driver.end_turn();

    driver.receive(host(3), "");
    CHECK(driver.receive(host(1'000), "x").kind == Kind::dropped);
    driver.relay.advance(Time{1s});
    CHECK(driver.receive(host(1'000), "x", Time{1s}).kind == Kind::joined);
}

TEST_CASE("peers from loopback are capped", "[engine][datagrams]") {
    RelayDriver driver{{}};
    std::uint16_t port = 10'000;
    for (std::uint32_t number = 0; number < limits::udp_peers_loopback_max; ++number) {
        REQUIRE(driver.receive(address_of("127.0.0.1", port++), "x").relays());
        driver.end_turn();
    }
    CHECK(driver.receive(address_of("127.0.0.2", port), "x").kind == Kind::dropped);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::peers_full) == 1);
    driver.receive(address_of("127.0.0.1", 10'000), "");
    CHECK(driver.receive(address_of("127.0.0.2", port), "x").kind == Kind::joined);
}

TEST_CASE("peers of one address are capped, but not on loopback", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    for (std::uint16_t port = 5000; port < 5008; ++port) {
        CHECK(driver.receive(host(1, port), "x").kind == Kind::joined);
        CHECK(driver.receive(address_of("127.0.0.1", port), "x").kind == Kind::joined);
    }
    CHECK(driver.receive(host(1, 5008), "x").kind == Kind::dropped);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::per_address) == 1);
    CHECK(driver.receive(host(2, 5008), "x").kind == Kind::joined);
    CHECK(driver.receive(address_of("127.0.0.1", 5008), "x").kind == Kind::joined);
}

TEST_CASE("a place of an address is free again when its peer has gone", "[engine][datagrams]") {
    auto config = private_networks();
    config.peers_per_address_max = 3;
    RelayDriver driver{config};
    driver.join({host(1, 5000), host(1, 5001), host(1, 5002)});
    driver.receive(host(1, 5000), "", Time{});
    driver.receive(host(1, 5001), "", Time{});
    CHECK(driver.receive(host(1, 5003), "x", Time{}).kind == Kind::dropped);
    driver.relay.advance(Time{1s});
    CHECK(driver.receive(host(1, 5003), "x", Time{1s}).kind == Kind::joined);
    CHECK(driver.receive(host(1, 5004), "x", Time{1s}).kind == Kind::joined);
    CHECK(driver.receive(host(1, 5005), "x", Time{1s}).kind == Kind::dropped);
}

TEST_CASE("a cap of 0 is none", "[engine][datagrams]") {
    auto config = uncapped();
    config.policy = RawPolicy::private_networks;
    RelayDriver driver{config};
    for (std::uint16_t port = 2'000; port < 3'200; ++port) {
        REQUIRE(driver.receive(host(1, port), std::string(1'200, 'x')).relays());
        REQUIRE(driver.receive(address_of("127.0.0.1", port), "x").relays());
        if (port % 100 == 99) driver.end_turn();
    }
    CHECK(driver.relay.peer_count() == 2'400);
}

TEST_CASE("packets of one source are capped by the second", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    const auto passed = [&](const Address& source, int count, Time now) {
        int relayed = 0;
        for (int sent = 0; sent < count; ++sent) {
            relayed += driver.receive(source, "x", now).relays();
            driver.end_turn(now);
        }
        return relayed;
    };
    CHECK(passed(host(1), 300, Time{}) == 200);
    CHECK(passed(host(2), 300, Time{}) == 200);
    CHECK(passed(ana, 5'000, Time{}) == 5'000);
    CHECK(passed(host(1), 300, Time{500ms}) == 100);
    CHECK(passed(host(1), 300, Time{60s}) == 200);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::rate) == 100 + 100 + 200 + 100);
}

TEST_CASE("bytes of one source are capped by the second", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    const auto passed_bytes = [&](Time now) {
        std::size_t bytes = 0;
        for (int sent = 0; sent < 200; ++sent) {
            if (driver.receive(host(1), std::string(1'200, 'x'), now).relays()) bytes += 1'200;
            driver.end_turn(now);
        }
        return bytes;
    };
    // 200 packets of 1,200 bytes stay below 256 KiB: only a smaller cap is met.
    CHECK(passed_bytes(Time{}) == 200 * 1'200);
    auto config = private_networks();
    config.bytes_per_second_max = 12'000;
    RelayDriver small{config};
    std::size_t bytes = 0;
    for (int step = 0; step < 100; ++step) {
        const Time now{step * 100ms};
        if (small.receive(host(1), std::string(1'200, 'x'), now).relays()) bytes += 1'200;
        if (small.receive(host(1), std::string(1'200, 'x'), now).relays()) bytes += 1'200;
        small.end_turn(now);
    }
    // Ten seconds at the rate, and the second's worth there was at the start.
    CHECK(bytes <= 11 * 12'000 + 1'200);
    CHECK(bytes >= 10 * 12'000);
}

TEST_CASE("a rate below one datagram a second still passes the mean", "[engine][datagrams]") {
    auto config = private_networks();
    config.bytes_per_second_max = 100;
    RelayDriver driver{config};
    int passed = 0;
    for (int second = 0; second < 120; ++second) {
        const Time now{second * 1s};
        passed += driver.receive(host(1), std::string(1'000, 'x'), now).relays();
        driver.end_turn(now);
    }
    CHECK(passed >= 12);
    CHECK(passed <= 14);
}

TEST_CASE("leaving and joining again does not escape the rate", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    int relayed = 0;
    std::set<std::uint16_t> slots;
    for (int round = 0; round < 1'000; ++round) {
        const auto outcome = driver.receive(host(1), "x", Time{});
        relayed += outcome.relays();
        slots.insert(outcome.slot);
        driver.receive(host(1), "", Time{});
        driver.end_turn(Time{});
    }
    CHECK(relayed == 200);
    CHECK(driver.relay.peer_count() == 0);
    CHECK(driver.relay.next_deadline() <= Time{1s});
    driver.relay.advance(Time{1s});
    CHECK(driver.relay.next_deadline() == time_never);
}

TEST_CASE("bytes out to all are capped, newest first, and the turn goes round",
          "[engine][datagrams]") {
    auto config = private_networks();
    config.packets_per_second_max = 0;
    config.bytes_per_second_max = 0;
    config.out_bytes_per_second_max = 100'000;
    RelayDriver driver{config};
    std::vector<Address> peers;
    for (std::uint32_t number = 0; number < 20; ++number)
        peers.push_back(host(number));
    driver.join(peers);
    const Address talker = address_of("127.0.0.1", 5000);
    const Address listener = address_of("127.0.0.1", 5001);
    driver.join({talker, listener});

    std::map<Address, std::size_t> got;
    std::size_t bytes = 0;
    std::size_t talker_count = 0;
    bool newest_only_seen = false;
    for (int step = 0; step < 1'000; ++step) {
        const Time now{1s + step * 10ms};
        const std::string last = "last" + std::string(996, static_cast<char>('a' + step % 26));
        for (int early = 0; early < 3; ++early)
            driver.receive(talker, std::string(1'000, '.'), now);
        driver.receive(talker, last, now);
        const auto delivered = driver.end_turn(now);
        REQUIRE(delivered.at(listener).size() == 4);
        talker_count += 4;
        for (const auto& [peer, datagrams] : delivered) {
            if (peer == listener) continue;
            REQUIRE((datagrams.size() == 4 || datagrams.size() == 1));
            REQUIRE(datagrams.back() == last);
            newest_only_seen |= datagrams.size() == 1;
            got[peer] += datagrams.size();
            bytes += datagrams.size() * 1'000;
        }
    }
    CHECK(newest_only_seen);
    CHECK(bytes <= 11 * 100'000 + 4'000);
    CHECK(bytes >= 10 * 100'000);
    const auto [least, most] = std::minmax_element(
        got.begin(), got.end(), [](auto& a, auto& b) { return a.second < b.second; });
    CHECK(got.size() == 20);
    CHECK(least->second * 2 >= most->second);
    const auto& counters = driver.relay.counters();
    CHECK(counters.dropped_by(DatagramDrop::out_rate) == talker_count * 20 - bytes / 1'000);
}

TEST_CASE("the newest of each sender is what is left when bytes run short", "[engine][datagrams]") {
    auto config = private_networks();
    config.out_bytes_per_second_max = 1'000;
    RelayDriver driver{config};
    driver.join({host(1), host(2)});
    driver.join({ana, bob});
    // 850 of the 1,000 bytes go; of the rest only the newest are sent.
    driver.receive(ana, std::string(425, 'x'));
    driver.end_turn();
    driver.receive(ana, "a1");
    driver.receive(bob, "b1");
    driver.receive(ana, "a2");
    driver.receive(host(1), "h1");
    driver.receive(bob, "b2");
    driver.receive(bob, "b3");
    const std::string post = "post";
    driver.relay.post(as_bytes(post), nullptr, {});
    const auto delivered = driver.end_turn();
    CHECK(delivered.at(host(1)) == std::vector<std::string>{"a2", "b3", "post"});
    CHECK(delivered.at(host(2)) == std::vector<std::string>{"a2", "h1", "b3", "post"});
    CHECK(delivered.at(ana) == std::vector<std::string>{"b1", "h1", "b2", "b3", "post"});
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::out_rate) == 6);
}
