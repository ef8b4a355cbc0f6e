// The trains in which the raw relay's datagrams leave.
#include <algorithm>

#include "support/catch.hpp"
#include "support/raw_relay.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using Kind = DatagramOutcome::Kind;

TEST_CASE("a turn's datagrams of one size leave as one train", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob, eve});
    const auto part_counts = [&](std::initializer_list<std::size_t> sizes) {
        for (const std::size_t bytes : sizes)
            driver.receive(ana, std::string(bytes, 'x'));
        driver.end_turn();
        std::vector<std::size_t> counts;
        for (const Train& train : driver.trains) {
            if (train.to == bob) counts.push_back(train.parts.size());
        }
        return counts;
    };
    using Counts = std::vector<std::size_t>;
    CHECK(part_counts({64, 64, 64}) == Counts{3});
    CHECK(part_counts({64, 64, 20}) == Counts{3});
    CHECK(part_counts({64, 20, 64}) == Counts{2, 1});
    CHECK(part_counts({20, 64}) == Counts{1, 1});
    CHECK(part_counts({64, 20, 20}) == Counts{2, 1});
    CHECK(part_counts({1}) == Counts{1});
}

TEST_CASE("trains end at 64 segments and at the largest datagram", "[engine][datagrams]") {
    for (const std::size_t bytes : {1U, 64U, 1'023U, 1'024U, 1'200U}) {
        CAPTURE(bytes);
        RelayDriver driver{{}};
        driver.join({ana, bob});
        for (int count = 0; count < 200; ++count)
            driver.receive(ana, std::string(bytes, 'x'));
        CHECK(driver.end_turn().at(bob).size() == 200);
        const std::size_t segments = std::min<std::size_t>(64, 65'507 / bytes);
        CHECK(driver.trains.size() == (200 + segments - 1) / segments);
        CHECK(driver.trains[0].parts.size() == segments);
    }
}

TEST_CASE("trains can be left out, for all or for one path", "[engine][datagrams]") {
    RelayDriver single{{.train_segments_max = 1}};
    single.join({ana, bob});
    for (int count = 0; count < 5; ++count)
        single.receive(ana, "12345678");
    CHECK(single.end_turn().at(bob).size() == 5);
    CHECK(single.trains.size() == 5);

    RelayDriver driver{{}};
    driver.join({ana, bob, eve});
    driver.relay.send_failed(bob, 16, true);
    driver.relay.send_failed(eve, 1, false);
    driver.relay.send_failed(address_of("127.0.0.1", 9), 1, true);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::send_failed) == 18);
    for (int count = 0; count < 5; ++count)
        driver.receive(ana, "12345678");
    CHECK(driver.end_turn().at(bob).size() == 5);
    CHECK(driver.trains.size() == 6);
}

TEST_CASE("all who only listen share one list of parts", "[engine][datagrams]") {
    RelayDriver driver{{}};
    std::vector<Address> listeners;
    for (std::uint16_t port = 6000; port < 6100; ++port) {
        listeners.push_back(address_of("127.0.0.1", port));
    }
    for (const Address& listener : listeners)
        driver.join({listener});
    driver.join({ana});
    for (int count = 0; count < 16; ++count)
        driver.receive(ana, std::string(64, 'x'));
    CHECK(driver.end_turn().size() == 100);
    REQUIRE(driver.trains.size() == 100);
    for (const Train& train : driver.trains) {
        CHECK(train.parts.data() == driver.trains[0].parts.data());
        CHECK(train.parts.size() == 16);
    }
}

TEST_CASE("a turn of more trains than fit at once comes in pieces", "[engine][datagrams]") {
    RelayDriver driver{{}};
    std::vector<Address> peers;
    for (std::uint16_t port = 6000; port < 6200; ++port) {
        peers.push_back(address_of("127.0.0.1", port));
    }
    for (const Address& peer : peers)
        driver.join({peer});
    // Growing sizes fit no train: 100 sends each, and everybody has spoken.
    std::vector<std::string> said;
    for (std::size_t index = 0; index < 100; ++index) {
        said.push_back(std::string(index + 1, 'x'));
        driver.receive(peers[index], said.back());
    }
    const auto delivered = driver.end_turn();
    CHECK(driver.trains.size() == 100 * 100 + 100 * 99);
    for (std::size_t index = 0; index < peers.size(); ++index) {
        auto expected = said;
        if (index < 100) expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(index));
        CHECK(delivered.at(peers[index]) == expected);
    }
}

TEST_CASE("a turn takes a bounded number of datagrams", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob});
    for (std::uint32_t count = 0; count < limits::udp_datagrams_per_turn_max + 10; ++count) {
        driver.receive(ana, "x");
    }
    CHECK(driver.receive(eve, "x").kind == Kind::dropped);
    CHECK(driver.relay.peer_count() == 2);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::turn_full) == 11);
    CHECK(driver.end_turn().at(bob).size() == limits::udp_datagrams_per_turn_max);
    CHECK(driver.receive(eve, "x").kind == Kind::joined);
}
