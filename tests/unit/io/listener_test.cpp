#include "chatd/io/listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "chatd/io/socket_address.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::io;

namespace {

struct Descriptor {
    explicit Descriptor(int given) : value(given) { REQUIRE(value >= 0); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(value); }
    int value;

    int option(int level, int name) const {
        int result = -1;
        socklen_t length = sizeof result;
        REQUIRE(getsockopt(value, level, name, &result, &length) == 0);
        return result;
    }
};

int opened(const std::expected<int, Error>& listener) {
    if (!listener) FAIL(listener.error().text());
    return *listener;
}

int connected_to(const Address& address) {
    const int descriptor = socket(address.family == Address::Family::ipv6 ? AF_INET6 : AF_INET,
                                  SOCK_STREAM | SOCK_CLOEXEC, 0);
    const SocketAddress name = to_sockaddr(address);
    REQUIRE(connect(descriptor, name.get(), name.length) == 0);
    return descriptor;
}

}  // namespace

TEST_CASE("pitfall 9: accepted connections inherit what a direct slot cannot be told",
          "[io][listener]") {
    const Descriptor listener(opened(open_listener(ipv4_loopback(0), {})));
    const Address address = bound_address(listener.value).value();
    CHECK(address.port != 0);
    const Descriptor client(connected_to(address));
    const Descriptor accepted(accept4(listener.value, nullptr, nullptr, SOCK_CLOEXEC));
    CHECK(accepted.option(IPPROTO_TCP, TCP_NODELAY) == 1);
    CHECK(accepted.option(SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(accepted.option(IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    CHECK(accepted.option(IPPROTO_TCP, TCP_KEEPINTVL) == 10);
    CHECK(accepted.option(IPPROTO_TCP, TCP_KEEPCNT) == 6);
    CHECK(accepted.option(IPPROTO_TCP, TCP_USER_TIMEOUT) == 300'000);
    CHECK(accepted.option(IPPROTO_TCP, TCP_NOTSENT_LOWAT) == 128 * 1024);
}

TEST_CASE("options given take the place of the defaults", "[io][listener]") {
    ListenerOptions options;
    options.user_timeout = std::chrono::seconds{7};
    options.keepalive_idle = std::chrono::seconds{5};
    const Descriptor listener(opened(open_listener(ipv4_loopback(0), options)));
    const Descriptor client(connected_to(bound_address(listener.value).value()));
    const Descriptor accepted(accept4(listener.value, nullptr, nullptr, SOCK_CLOEXEC));
    CHECK(accepted.option(IPPROTO_TCP, TCP_USER_TIMEOUT) == 7'000);
    CHECK(accepted.option(IPPROTO_TCP, TCP_KEEPIDLE) == 5);
}

TEST_CASE("pitfall 16: listener and connections are blocking, and closed on exec",
          "[io][listener]") {
    const Descriptor listener(opened(open_listener(ipv4_loopback(0), {})));
    const Descriptor client(connected_to(bound_address(listener.value).value()));
    const Descriptor accepted(accept4(listener.value, nullptr, nullptr, SOCK_CLOEXEC));
    for (const int descriptor : {listener.value, accepted.value}) {
        CHECK((fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0);
        CHECK((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    }
}

TEST_CASE("a port in use is an error that names the step", "[io][listener]") {
    const Descriptor listener(opened(open_listener(ipv4_loopback(0), {})));
    const auto second = open_listener(bound_address(listener.value).value(), {});
    REQUIRE_FALSE(second);
    CHECK(second.error().number == EADDRINUSE);
    CHECK(second.error().text() == "bind: Address already in use");
}

TEST_CASE("an address of no interface here is refused", "[io][listener]") {
    auto address = *parse_ip("192.0.2.1");  // RFC 5737: documentation only
    const auto listener = open_listener(address, {});
    REQUIRE_FALSE(listener);
    CHECK(listener.error().number == EADDRNOTAVAIL);
}

TEST_CASE("IPv4 and IPv6 listen on one number side by side", "[io][listener]") {
    if (!has_ipv6_loopback()) return;
    const Descriptor four(opened(open_listener(ipv4_loopback(0), {})));
    const Address address = bound_address(four.value).value();
    const auto six = open_listener(ipv6_loopback(address.port), {});
    if (!six && six.error().number == EADDRINUSE) return;  // somebody else's number
    const Descriptor held(opened(six));
    CHECK(held.option(IPPROTO_IPV6, IPV6_V6ONLY) == 1);
    const Descriptor client(connected_to(ipv6_loopback(address.port)));
    const Descriptor accepted(accept4(held.value, nullptr, nullptr, SOCK_CLOEXEC));
    CHECK(peer_address(accepted.value)->is_loopback());
}

TEST_CASE("unsent bytes are those the peer's window keeps back", "[io][listener]") {
    const Descriptor listener(opened(open_listener(ipv4_loopback(0), {})));
    const Descriptor client(connected_to(bound_address(listener.value).value()));
    const Descriptor accepted(accept4(listener.value, nullptr, nullptr, SOCK_CLOEXEC));
    CHECK(unsent_bytes(accepted.value) == 0);
    const std::string piece(64 * 1024, 'x');
    while (send(accepted.value, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
    CHECK(unsent_bytes(accepted.value) > 0);
    CHECK(unsent_bytes(-1) == 0);
}

TEST_CASE("the limit of descriptors is raised as far as it goes", "[io][listener]") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    const std::size_t raised = raise_descriptor_limit();
    CHECK(raised == before.rlim_max);
    rlimit after{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &after) == 0);
    CHECK(after.rlim_cur == before.rlim_max);
}
