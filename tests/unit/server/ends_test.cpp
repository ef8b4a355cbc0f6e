#include "server/ends.hpp"

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::server;

namespace {

Address address_at(std::string_view ip, std::uint16_t port) {
    Address parsed = parse_ip(ip).value();
    parsed.port = port;
    return parsed;
}

void check_ends_kept(EndsTable& table, std::uint32_t slot, const Ends& ends) {
    const Ends found = table.find(slot, table.keep(slot, ends));
    CHECK(found.local == ends.local);
    CHECK(found.peer == ends.peer);
}

}  // namespace

TEST_CASE("both ends are found again, near ones and far ones", "[server][ends]") {
    EndsTable table;
    check_ends_kept(table, 0, {ipv4_loopback(4'399), ipv4_loopback(50'000)});
    check_ends_kept(table, 1, {ipv6_loopback(4'399), ipv6_loopback(50'000)});
    check_ends_kept(table, 70, {address_at("10.0.0.1", 4'399), address_at("10.0.0.2", 50'000)});
    check_ends_kept(table, 2, {address_at("fe80::1%2", 4'399), address_at("fe80::2%2", 1)});
    // A machine may reach itself by another address.
    check_ends_kept(table, 3, {ipv4_loopback(4'399), address_at("127.0.0.2", 50'000)});
}

TEST_CASE("on loopback nothing is kept but a port", "[server][ends]") {
    EndsTable table;
    const EndsKey key = table.keep(900'000, {ipv4_loopback(4'399), ipv4_loopback(50'000)});
    CHECK(key.same_address);
    CHECK(key.peer_port == 50'000);
    static_assert(sizeof(EndsKey) == 4);
}

TEST_CASE("a slot has the ends of its last owner", "[server][ends]") {
    EndsTable table;
    table.keep(5, {ipv4_loopback(4'399), address_at("10.0.0.2", 50'000)});
    check_ends_kept(table, 5, {ipv4_loopback(4'399), ipv4_loopback(50'001)});
    check_ends_kept(table, 5, {ipv4_loopback(4'399), address_at("10.0.0.3", 50'002)});
}

TEST_CASE("past the local addresses that are remembered the peer is known still",
          "[server][ends]") {
    EndsTable table;
    for (std::uint16_t number = 0; number < 300; ++number) {
        Address local = address_at("10.1.0.0", 4'399);
        local.bytes[2] = static_cast<std::uint8_t>(number / 256);
        local.bytes[3] = static_cast<std::uint8_t>(number % 256);
        const Ends ends{local, address_at("10.0.0.2", number)};
        const Ends found = table.find(number, table.keep(number, ends));
        CHECK(found.peer == ends.peer);
        CHECK(found.local == (number < 255 ? local : Address{}));
    }
    check_ends_kept(table, 0, {{}, ipv4_loopback(7)});
}
