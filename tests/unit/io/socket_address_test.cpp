#include "chatd/io/socket_address.hpp"

#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/address_of.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::io;

TEST_CASE("an address comes back from its sockaddr", "[io][socket_address]") {
    for (const Address& address :
         {test::address_of("127.0.0.1", 4399), test::address_of("0.0.0.0", 0),
          test::address_of("::1", 65'535), test::address_of("fe80::1%7", 8080),
          test::address_of("2001:db8::1", 1)}) {
        CAPTURE(address.text());
        const SocketAddress name = to_sockaddr(address);
        CHECK(from_sockaddr(name.get(), name.length) == address);
    }
    CHECK(to_sockaddr(Address{}).length == 0);
}

TEST_CASE("ports and addresses are in network byte order", "[io][socket_address]") {
    const SocketAddress name = to_sockaddr(test::address_of("1.2.3.4", 0x1234));
    sockaddr_in plain;
    REQUIRE(name.length == sizeof plain);
    std::memcpy(&plain, name.get(), sizeof plain);
    CHECK(plain.sin_family == AF_INET);
    CHECK(plain.sin_port == htons(0x1234));
    CHECK(plain.sin_addr.s_addr == htonl(0x01020304));
}

TEST_CASE("a v4-mapped sockaddr is the IPv4 address", "[io][socket_address]") {
    const SocketAddress name = to_sockaddr(test::address_of("::ffff:10.0.0.1", 9));
    CHECK(from_sockaddr(name.get(), name.length) == test::address_of("10.0.0.1", 9));
}

TEST_CASE("a cut or foreign sockaddr is no address", "[io][socket_address]") {
    for (const Address& address :
         {test::address_of("127.0.0.1", 4399), test::address_of("::1", 4399)}) {
        const SocketAddress name = to_sockaddr(address);
        const std::string_view whole{reinterpret_cast<const char*>(name.get()), name.length};
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const test::Guarded cut{whole.substr(0, length)};
            CHECK(from_sockaddr(cut.bytes()).family == Address::Family::none);
        }
        CHECK(from_sockaddr(test::Guarded{whole}.bytes()) == address);
    }
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    CHECK(from_sockaddr(reinterpret_cast<sockaddr*>(&local), sizeof local).family ==
          Address::Family::none);
}

TEST_CASE("sockets tell where they are bound and connected", "[io][socket_address]") {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    const SocketAddress any_port = to_sockaddr(test::address_of("127.0.0.1", 0));
    REQUIRE(bind(listener, any_port.get(), any_port.length) == 0);
    REQUIRE(listen(listener, 1) == 0);
    const auto bound = bound_address(listener);
    REQUIRE(bound);
    CHECK(bound->port != 0);
    CHECK(bound->ip_text() == "127.0.0.1");
    CHECK(peer_address(client).error().number == ENOTCONN);
    const SocketAddress target = to_sockaddr(*bound);
    REQUIRE(connect(client, target.get(), target.length) == 0);
    CHECK(peer_address(client).value() == *bound);
    close(client);
    close(listener);
    CHECK(bound_address(listener).error().number == EBADF);
    CHECK(bound_address(listener).error().text() == "getsockname: Bad file descriptor");
}
