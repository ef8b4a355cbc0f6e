#include "chatd/base/address.hpp"

#include "support/catch.hpp"

using namespace chatd;

TEST_CASE("addresses print as they are typed", "[base][address]") {
    for (const char* text : {"127.0.0.1", "::1", "10.1.2.3", "fe80::1%2", "2001:db8::1"}) {
        const auto address = parse_ip(text);
        REQUIRE(address);
        CHECK(address->ip_text() == text);
    }
    auto address = *parse_ip("::1");
    address.port = 4399;
    CHECK(address.text() == "[::1]:4399");
    CHECK(parse_ip("127.0.0.1")->text() == "127.0.0.1:0");
}

TEST_CASE("what is no address is refused", "[base][address]") {
    for (const char* text :
         {"", "localhost", "1.2.3", "1.2.3.4.5", "::1%", "::1%x", "127.0.0.1%1", "256.0.0.1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_ip(text));
    }
    CHECK_FALSE(parse_ip(std::string(80, '1')));
}

TEST_CASE("a v4-mapped address is the IPv4 address", "[base][address]") {
    auto mapped = *parse_ip("::ffff:127.0.0.1");
    mapped.port = 9;
    CHECK(mapped.unmapped().text() == "127.0.0.1:9");
    CHECK(mapped.unmapped().is_loopback());
    CHECK(parse_ip("::1")->unmapped() == *parse_ip("::1"));
}

TEST_CASE("address kinds", "[base][address]") {
    CHECK(parse_ip("127.8.8.8")->is_loopback());
    CHECK(parse_ip("::1")->is_loopback());
    CHECK_FALSE(parse_ip("::2")->is_loopback());
    for (const char* text : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                             "169.254.1.1", "fd00::1", "fe80::1"}) {
        CAPTURE(text);
        CHECK(parse_ip(text)->is_private());
    }
    for (const char* text :
         {"172.32.0.1", "11.0.0.1", "192.169.0.1", "2001:db8::1", "::1", "127.0.0.1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_ip(text)->is_private());
    }
    CHECK(parse_ip("224.0.0.1")->is_multicast());
    CHECK(parse_ip("ff02::1")->is_multicast());
    CHECK(parse_ip("255.255.255.255")->is_broadcast());
    CHECK(parse_ip("0.0.0.0")->is_unspecified());
    CHECK(parse_ip("::")->is_unspecified());
}

TEST_CASE("a range contains what shares its prefix", "[base][address]") {
    const auto ten = *parse_cidr("10.0.0.0/8");
    CHECK(ten.contains(*parse_ip("10.255.0.1")));
    CHECK(ten.contains(*parse_ip("::ffff:10.0.0.1")));
    CHECK_FALSE(ten.contains(*parse_ip("11.0.0.1")));
    CHECK_FALSE(ten.contains(*parse_ip("::a00:1")));
    const auto odd = *parse_cidr("192.168.4.0/22");
    CHECK(odd.contains(*parse_ip("192.168.7.255")));
    CHECK_FALSE(odd.contains(*parse_ip("192.168.8.0")));
    CHECK(parse_cidr("::/0")->contains(*parse_ip("2001:db8::1")));
    CHECK(parse_cidr("127.0.0.1")->contains(*parse_ip("127.0.0.1")));
    for (const char* text :
         {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "x/8", "10.0.0.0/-1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_cidr(text));
    }
}
