#include "chatd/engine/datagrams.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "support/catch.hpp"
#include "support/raw_relay.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;
using namespace std::chrono_literals;
using Kind = DatagramOutcome::Kind;

namespace {

std::string payload_of(std::size_t bytes, std::uint8_t first) {
    std::string payload(bytes, '\0');
    std::iota(payload.begin(), payload.end(), static_cast<char>(first));
    return payload;
}

}  // namespace

TEST_CASE("every other peer gets identical bytes and the sender none", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob, eve});
    for (std::size_t bytes = 1; bytes <= limits::datagram_bytes_max; ++bytes) {
        const std::string payload = payload_of(bytes, static_cast<std::uint8_t>(bytes));
        REQUIRE(driver.receive(ana, payload).kind == Kind::relayed);
        const Delivered expected{{bob, {payload}}, {eve, {payload}}};
        REQUIRE(driver.end_turn() == expected);
    }
    for (int first = 0; first < 256; ++first) {
        for (const int second : {0x00, 0x10, 0x15, 0x1f, 0xff}) {
            const std::string payload{static_cast<char>(first), static_cast<char>(second), 'x'};
            driver.receive(bob, payload);
            const Delivered expected{{ana, {payload}}, {eve, {payload}}};
            REQUIRE(driver.end_turn() == expected);
        }
    }
}

TEST_CASE("the first datagram joins and is itself relayed", "[engine][datagrams]") {
    RelayDriver driver{{}};
    CHECK(driver.receive(ana, "a").slot == 1);
    CHECK(driver.end_turn().empty());
    const auto outcome = driver.receive(bob, "b");
    CHECK(outcome.kind == Kind::joined);
    CHECK(outcome.slot == 2);
    CHECK(driver.end_turn() == Delivered{{ana, {"b"}}});
    CHECK(driver.receive(bob, "c").kind == Kind::relayed);
    CHECK(driver.relay.peer_count() == 2);
    CHECK(driver.relay.counters().joined == 2);
}

TEST_CASE("what looks like a session's never joins a stranger", "[engine][datagrams]") {
    RelayDriver driver{{}};
    for (int second = 0x10; second <= 0x1f; ++second) {
        const std::string payload{'\x0c', static_cast<char>(second)};
        CHECK(driver.receive(ana, payload).kind == Kind::dropped);
        CHECK(driver.receive(ana, payload + std::string(1'000, 'x')).kind == Kind::dropped);
    }
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::guard) == 32);
    std::uint16_t port = 6000;
    for (const std::string payload : {"\x0c", "\x0c\x0f", "\x0c\x20", "\x0d\x10", "\x1c\x10"}) {
        CHECK(driver.receive(address_of("127.0.0.1", port++), payload).kind == Kind::joined);
    }
}

TEST_CASE("nothing is read past the end of a payload", "[engine][datagrams]") {
    Datagrams relay{{}};
    for (const std::string_view payload : {"", "\x0c", "\x0c\x10", "x"}) {
        const Guarded guarded{payload};
        relay.received({.source = ana, .local = {}, .payload = guarded.bytes()}, {});
        while (!relay.turn_ended({}).empty()) {
        }
    }
    CHECK(relay.peer_count() == 1);
}

TEST_CASE("an empty datagram joins nobody and ends a member", "[engine][datagrams]") {
    RelayDriver driver{{}};
    CHECK(driver.receive(ana, "").kind == Kind::dropped);
    CHECK(driver.relay.peer_count() == 0);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::empty) == 1);
    driver.join({ana, bob});
    const auto outcome = driver.receive(ana, "");
    CHECK(outcome.kind == Kind::left);
    CHECK(outcome.slot == 1);
    driver.receive(bob, "alone");
    CHECK(driver.end_turn().empty());
    CHECK(driver.receive(ana, "").kind == Kind::dropped);
    CHECK(driver.relay.counters().left == 1);
}

TEST_CASE("ten thousand empty datagrams among data lose none of it", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob});
    std::size_t arrived = 0;
    for (std::uint16_t round = 0; round < 10'000; ++round) {
        driver.receive(address_of("127.0.0.1", static_cast<std::uint16_t>(10'000 + round)), "");
        if (round % 5 == 0) driver.receive(eve, round % 10 == 0 ? "" : "here");
        driver.receive(ana, std::to_string(round));
        if (round % 7 != 0) continue;
        const auto delivered = driver.end_turn();
        for (const auto& datagram : delivered.at(bob))
            arrived += datagram != "here";
    }
    const auto rest = driver.end_turn();
    if (rest.contains(bob)) {
        arrived += static_cast<std::size_t>(std::count_if(
            rest.at(bob).begin(), rest.at(bob).end(), [](const auto& d) { return d != "here"; }));
    }
    CHECK(arrived == 10'000);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::empty) >= 10'000);
}

TEST_CASE("too long or cut datagrams are dropped and counted", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob});
    for (const std::size_t bytes : {1'201U, 1'472U, 9'000U, 65'507U}) {
        CHECK(driver.receive(ana, std::string(bytes, 'x')).kind == Kind::dropped);
        CHECK(driver.receive(eve, std::string(bytes, 'x')).kind == Kind::dropped);
    }
    CHECK(driver.receive(ana, "cut", {}, true).kind == Kind::dropped);
    CHECK(driver.receive(eve, "cut", {}, true).kind == Kind::dropped);
    CHECK(driver.end_turn().empty());
    CHECK(driver.relay.peer_count() == 2);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::size) == 8);
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::truncated) == 2);
    CHECK(driver.receive(ana, std::string(1'200, 'x')).kind == Kind::relayed);
}

TEST_CASE("the size is an option up to what the receive buffers hold", "[engine][datagrams]") {
    for (const std::size_t asked : {0U, 1'472U, 60'000U}) {
        RelayDriver driver{{.datagram_bytes_max = asked}};
        CHECK(driver.receive(ana, std::string(1'472, 'x')).kind == Kind::joined);
        CHECK(driver.receive(ana, std::string(1'473, 'x')).kind == Kind::dropped);
    }
    RelayDriver small{{.datagram_bytes_max = 8}};
    CHECK(small.receive(ana, "12345678").kind == Kind::joined);
    CHECK(small.receive(ana, "123456789").kind == Kind::dropped);
}

TEST_CASE("sources nobody honest sends from are dropped", "[engine][datagrams]") {
    auto config = private_networks();
    config.allowed = {*parse_cidr("0.0.0.0/0"), *parse_cidr("::/0")};
    RelayDriver driver{config};
    for (const std::uint16_t port :
         std::initializer_list<std::uint16_t>{0, 7, 19, 53, 123, 1'023, 1'900, 5'353, 11'211}) {
        CAPTURE(port);
        CHECK(driver.receive(address_of("127.0.0.1", port), "x").kind == Kind::dropped);
    }
    for (const char* ip : {"224.0.0.1", "239.255.255.250", "255.255.255.255", "0.0.0.0",
                           "::", "ff02::1", "::ffff:224.0.0.1"}) {
        CAPTURE(ip);
        CHECK(driver.receive(address_of(ip, 5000), "x").kind == Kind::dropped);
    }
    CHECK(driver.relay.counters().dropped_by(DatagramDrop::source) == 16);
    CHECK(driver.receive(address_of("127.0.0.1", 1'024), "x").kind == Kind::joined);
    CHECK(driver.receive(address_of("8.8.8.8", 1'901), "x").kind == Kind::joined);
}

TEST_CASE("the server's own addresses are no peers", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    driver.relay.add_own_address(address_of("127.0.0.1", 8080));
    CHECK(driver.receive(address_of("127.0.0.1", 8080), "x").kind == Kind::dropped);
    CHECK(driver.receive(address_of("::ffff:127.0.0.1", 8080), "x").kind == Kind::dropped);
    CHECK(driver.receive(address_of("127.0.0.2", 8080), "x").kind == Kind::joined);
    CHECK(driver.receive(address_of("127.0.0.1", 8081), "x").kind == Kind::joined);

    RelayDriver all{private_networks()};
    all.relay.add_own_address(address_of("0.0.0.0", 8080));
    all.relay.add_own_address(address_of("::", 8080));
    all.local = address_of("10.0.0.1", 0);
    CHECK(all.receive(address_of("10.0.0.1", 8080), "x").kind == Kind::dropped);
    CHECK(all.receive(address_of("127.9.9.9", 8080), "x").kind == Kind::dropped);
    CHECK(all.receive(address_of("::1", 8080), "x").kind == Kind::dropped);
    CHECK(all.receive(address_of("10.0.0.2", 8080), "x").kind == Kind::joined);
    CHECK(all.receive(address_of("10.0.0.1", 8081), "x").kind == Kind::joined);
}

TEST_CASE("two relays pointed at each other stay silent", "[engine][datagrams]") {
    RelayDriver left{{}};
    RelayDriver right{{}};
    const Address left_address = address_of("127.0.0.1", 8080);
    const Address right_address = address_of("127.0.0.2", 8080);
    left.relay.add_own_address(left_address);
    right.relay.add_own_address(right_address);
    left.receive(right_address, "forged");
    std::size_t packet_count = 0;
    for (int turn = 0; turn < 10; ++turn) {
        for (const auto& [to, datagrams] : left.end_turn()) {
            packet_count += datagrams.size();
            for (const auto& datagram : datagrams)
                right.receive(left_address, datagram);
        }
        for (const auto& [to, datagrams] : right.end_turn()) {
            packet_count += datagrams.size();
            for (const auto& datagram : datagrams)
                left.receive(right_address, datagram);
        }
    }
    CHECK(packet_count == 0);
}

TEST_CASE("the policy says who may join", "[engine][datagrams]") {
    struct Row {
        const char* ip;
        bool loopback, private_networks, listed;
    };
    const Row rows[] = {
        {"127.0.0.1", true, true, true},        {"::1", true, true, true},
        {"::ffff:127.0.0.1", true, true, true}, {"10.1.2.3", false, true, false},
        {"192.168.0.9", false, true, false},    {"fd00::1", false, true, false},
        {"fe80::1%3", false, true, false},      {"203.0.113.9", false, false, true},
        {"2001:db8::7", false, false, true},    {"8.8.8.8", false, false, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.ip);
        const auto joins = [&](RawPolicy policy, std::vector<Cidr> allowed) {
            RelayDriver driver{{.policy = policy, .allowed = std::move(allowed)}};
            const bool joined = driver.receive(address_of(row.ip, 5000), "x").relays();
            CHECK(driver.relay.counters().dropped_by(DatagramDrop::not_allowed) == !joined);
            return joined;
        };
        const std::vector<Cidr> list{*parse_cidr("203.0.113.0/24"), *parse_cidr("2001:db8::/32")};
        CHECK_FALSE(joins(RawPolicy::off, list));
        CHECK(joins(RawPolicy::loopback, {}) == row.loopback);
        CHECK(joins(RawPolicy::private_networks, {}) == row.private_networks);
        CHECK(joins(RawPolicy::loopback, list) == row.listed);
    }
}

TEST_CASE("IPv4, its mapped form and IPv6 share one room", "[engine][datagrams]") {
    RelayDriver driver{{}};
    const Address six = address_of("::1", 5001);
    driver.join({ana, six});
    CHECK(driver.receive(address_of("::ffff:127.0.0.1", ana.port), "mapped").kind == Kind::relayed);
    CHECK(driver.relay.peer_count() == 2);
    CHECK(driver.end_turn() == Delivered{{six, {"mapped"}}});
    driver.receive(six, "six");
    CHECK(driver.end_turn() == Delivered{{ana, {"six"}}});
}

TEST_CASE("answers leave from the address and socket that were addressed", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.local = address_of("127.0.0.7", 0);
    driver.socket = 3;
    driver.join({ana});
    driver.local = address_of("127.0.0.8", 0);
    driver.socket = 4;
    driver.join({bob});
    REQUIRE(driver.trains.size() == 1);
    CHECK(driver.trains[0].to == ana);
    CHECK(driver.trains[0].from.ip_text() == "127.0.0.7");
    CHECK(driver.trains[0].socket == 3);
    driver.receive(ana, "by the other one from now on");
    driver.end_turn();
    driver.receive(bob, "x");
    driver.end_turn();
    REQUIRE(driver.trains.size() == 1);
    CHECK(driver.trains[0].from.ip_text() == "127.0.0.8");
    CHECK(driver.trains[0].socket == 4);
}

TEST_CASE("who comes in a turn gets what comes later, who leaves nothing", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob});
    driver.receive(ana, "1");
    driver.receive(eve, "2");
    driver.receive(ana, "3");
    driver.receive(bob, "");
    driver.receive(ana, "4");
    CHECK(driver.end_turn() == Delivered{{ana, {"2"}}, {eve, {"3", "4"}}});

    driver.receive(eve, "5");
    driver.receive(eve, "");
    driver.receive(eve, "6");
    driver.receive(ana, "7");
    CHECK(driver.end_turn() == Delivered{{ana, {"5", "6"}}, {eve, {"7"}}});
}

// -- posts -----------------------------------------------------------------------------------

TEST_CASE("a post is copied and goes to every raw peer", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana, bob});
    driver.receive(ana, "raw");
    std::string payload = "\xde\xad\xbe\xef";
    const std::string said = payload;
    CHECK(driver.relay.post(as_bytes(payload), nullptr, {}) == PostOutcome::posted);
    payload.assign(payload.size(), '?');
    CHECK(driver.end_turn() == Delivered{{ana, {said}}, {bob, {"raw", said}}});
    CHECK(driver.relay.counters().posted == 1);
    CHECK(driver.relay.post({}, nullptr, {}) == PostOutcome::empty);
    const std::string long_payload(1'201, 'x');
    CHECK(driver.relay.post(as_bytes(long_payload), nullptr, {}) == PostOutcome::too_long);
}

TEST_CASE("posts are bounded in a turn and by their author's rate", "[engine][datagrams]") {
    RelayDriver driver{{}};
    driver.join({ana});
    const std::string payload(1'200, 'x');
    const auto post_until_busy = [&](std::string_view what, SourceRate* rate, Time now) {
        std::size_t count = 0;
        while (driver.relay.post(as_bytes(what), rate, now) == PostOutcome::posted)
            ++count;
        return count;
    };
    CHECK(post_until_busy("x", nullptr, {}) == limits::udp_posts_per_turn_max);
    CHECK(driver.end_turn().at(ana).size() == limits::udp_posts_per_turn_max);
    CHECK(post_until_busy(payload, nullptr, {}) == limits::udp_post_bytes_per_turn_max / 1'200);
    driver.end_turn();
    SourceRate rate;
    CHECK(post_until_busy("x", &rate, {}) == limits::udp_packets_per_second_max);
    driver.end_turn();
    CHECK(post_until_busy("x", &rate, Time{100ms}) == limits::udp_packets_per_second_max / 10);
}

// -- time, slots, echo -----------------------------------------------------------------------

TEST_CASE("silent peers are forgotten", "[engine][datagrams]") {
    RelayDriver driver{{}};
    CHECK(driver.relay.next_deadline() == time_never);
    driver.join({ana, bob}, Time{});
    CHECK(driver.relay.next_deadline() == Time{60s});
    driver.receive(bob, "x", Time{30s});
    driver.end_turn(Time{30s});
    driver.relay.advance(Time{60s - 1ns});
    CHECK(driver.relay.peer_count() == 2);
    driver.relay.advance(Time{60s});
    CHECK(driver.relay.peer_count() == 1);
    CHECK(driver.relay.counters().idled == 1);
    CHECK(driver.relay.next_deadline() == Time{90s});
    driver.relay.advance(Time{90s});
    CHECK(driver.relay.peer_count() == 0);
    CHECK(driver.relay.next_deadline() == time_never);
}

TEST_CASE("with many peers the look at idle ones is rare and hardly late", "[engine][datagrams]") {
    RelayDriver driver{{}};
    for (std::uint16_t number = 0; number < 1'000; ++number) {
        driver.receive(address_of("127.0.0.1", static_cast<std::uint16_t>(10'000 + number)), "x",
                       Time{number * 10ms});
        driver.end_turn();
    }
    std::size_t looks = 0;
    while (driver.relay.next_deadline() != time_never) {
        const Time now = driver.relay.next_deadline();
        driver.relay.advance(now);
        ++looks;
        const auto expired = static_cast<std::uint64_t>((now - Time{60s}) / 10ms) + 1;
        CHECK(driver.relay.counters().idled == std::min<std::uint64_t>(expired, 1'000));
        CHECK(driver.relay.next_deadline() > now);
    }
    CHECK(driver.relay.counters().idled == 1'000);
    CHECK(looks <= 45);
}

TEST_CASE("jumps of the clock by an hour end peers or change nothing", "[engine][datagrams]") {
    RelayDriver driver{private_networks()};
    const Time start{5h};
    driver.join({ana, host(1)}, start);
    CHECK(driver.receive(ana, "x", start - 1h).relays());
    CHECK(driver.end_turn(start - 1h) == Delivered{{host(1), {"x"}}});
    driver.relay.advance(start - 1h);
    CHECK(driver.relay.peer_count() == 2);
    driver.relay.advance(start + 1h);
    CHECK(driver.relay.peer_count() == 0);
}

TEST_CASE("an idle timeout of 0 is none", "[engine][datagrams]") {
    auto config = private_networks();
    config.idle_timeout = Duration::zero();
    RelayDriver driver{config};
    driver.join({ana, host(1)});
    CHECK(driver.relay.next_deadline() == time_never);
    driver.receive(host(1), "");
    driver.relay.advance(Time{1'000h});
    CHECK(driver.relay.peer_count() == 1);
    CHECK(driver.relay.next_deadline() == time_never);
}

TEST_CASE("slots are given in turn and not again while others are free", "[engine][datagrams]") {
    RelayDriver driver{{}};
    std::set<std::uint16_t> slots;
    for (std::uint32_t round = 0; round < limits::udp_slot_max; ++round) {
        const auto slot = driver.receive(ana, "x").slot;
        REQUIRE(slot == round + 1);
        driver.receive(ana, "");
        driver.end_turn();
    }
    CHECK(driver.receive(ana, "x").slot == 1);
    CHECK(driver.receive(bob, "x").slot == 2);
    driver.receive(ana, "");
    CHECK(driver.receive(ana, "x").slot == 3);
}

TEST_CASE("echo gives a loopback sender its own datagram", "[engine][datagrams]") {
    auto config = private_networks();
    config.echo = true;
    RelayDriver driver{config};
    driver.receive(ana, "1");
    driver.receive(ana, "2");
    driver.receive(host(1), "3");
    CHECK(driver.end_turn() == Delivered{{ana, {"1", "2", "3"}}});
    driver.receive(host(1), "4");
    driver.receive(ana, "5");
    CHECK(driver.end_turn() == Delivered{{ana, {"4", "5"}}, {host(1), {"5"}}});
}

TEST_CASE("every reason to drop has a name of its own", "[engine][datagrams]") {
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < datagram_drop_count; ++index) {
        names.insert(text_of(static_cast<DatagramDrop>(index)));
    }
    CHECK(names.size() == datagram_drop_count);
    CHECK_FALSE(names.contains(""));
}
