#include "chatd/io/tcp_diag.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "chatd/io/listener.hpp"
#include "chatd/io/socket_address.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::io;

namespace {

/// Both ends of a TCP connection over loopback.
class TcpPair {
public:
    explicit TcpPair(const Address& address) {
        const auto listener = open_listener(address, {});
        REQUIRE(listener);
        const SocketAddress name = to_sockaddr(bound_address(*listener).value());
        near = socket(name.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(::connect(near, name.get(), name.length) == 0);
        far = accept4(*listener, nullptr, nullptr, SOCK_CLOEXEC);
        REQUIRE(far >= 0);
        close(*listener);
    }
    TcpPair(const TcpPair&) = delete;
    TcpPair& operator=(const TcpPair&) = delete;
    ~TcpPair() {
        close(near);
        close(far);
    }
    Address local() const { return bound_address(near).value(); }
    Address peer() const { return peer_address(near).value(); }

    int near = -1;
    int far = -1;
};

TcpDiag opened_diag() {
    auto diag = TcpDiag::open();
    REQUIRE(diag);
    return std::move(*diag);
}

void check_diag_of(const Address& listen) {
    TcpDiag diag = opened_diag();
    const TcpPair pair(listen);
    const std::string sent(1'000, 'x');
    REQUIRE(::send(pair.near, sent.data(), sent.size(), 0) == 1'000);
    std::array<char, 1'000> taken{};
    REQUIRE(::recv(pair.far, taken.data(), taken.size(), MSG_WAITALL) == 1'000);
    REQUIRE(::send(pair.far, "hello", 5, 0) == 5);
    const auto info = diag.ask(pair.local(), pair.peer());
    REQUIRE(info);
    CHECK(info->state == TcpState::established);
    CHECK(info->sent_bytes == 1'000);
    CHECK(info->received_bytes == 5);
    CHECK(info->receive_queue_bytes == 5);
    CHECK(info->send_queue_bytes == 0);
    CHECK(info->cwnd > 0);
    CHECK(info->mss_bytes > 0);
    CHECK(info->rto_us > 0);
    // The other end's view of the same connection.
    const auto other = diag.ask(pair.peer(), pair.local());
    REQUIRE(other);
    CHECK(other->sent_bytes == 5);
    CHECK(other->received_bytes == 1'000);
}

}  // namespace

TEST_CASE("the kernel tells of a connection by its addresses", "[io][tcp-diag]") {
    check_diag_of(ipv4_loopback(0));
}

TEST_CASE("the kernel tells of an IPv6 connection too", "[io][tcp-diag]") {
    if (has_ipv6_loopback()) check_diag_of(ipv6_loopback(0));
}

TEST_CASE("who listens is not taken for a connection that is gone", "[io][tcp-diag]") {
    TcpDiag diag = opened_diag();
    const auto listener = open_listener(ipv4_loopback(0), {});
    REQUIRE(listener);
    Address peer = ipv4_loopback(0);
    peer.port = 1;
    CHECK_FALSE(diag.ask(bound_address(*listener).value(), peer));
    close(*listener);
}

TEST_CASE("a reader that stopped is seen in its queue", "[io][tcp-diag]") {
    TcpDiag diag = opened_diag();
    const TcpPair pair(ipv4_loopback(0));
    const std::string much(64 * 1024, 'x');
    while (::send(pair.near, much.data(), much.size(), MSG_DONTWAIT) > 0) {
    }
    const auto info = diag.ask(pair.local(), pair.peer());
    REQUIRE(info);
    CHECK(info->send_queue_bytes > 0);
    CHECK(info->notsent_bytes > 0);
}

TEST_CASE("a half-closed connection says which half", "[io][tcp-diag]") {
    TcpDiag diag = opened_diag();
    const TcpPair pair(ipv4_loopback(0));
    REQUIRE(shutdown(pair.near, SHUT_WR) == 0);
    // The other side may take its time to acknowledge the FIN.
    const TcpState state = diag.ask(pair.local(), pair.peer())->state;
    CHECK((state == TcpState::fin_wait_1 || state == TcpState::fin_wait_2));
    CHECK(diag.ask(pair.peer(), pair.local())->state == TcpState::close_wait);
}

TEST_CASE("of what is not there the kernel tells nothing, and goes on telling", "[io][tcp-diag]") {
    TcpDiag diag = opened_diag();
    const TcpPair pair(ipv4_loopback(0));
    CHECK_FALSE(diag.ask(ipv4_loopback(1), ipv4_loopback(2)));
    CHECK_FALSE(diag.ask(pair.local(), ipv6_loopback(pair.peer().port)));
    CHECK_FALSE(diag.ask({}, {}));
    CHECK_FALSE(diag.ask({}, pair.peer()));
    TcpDiag moved = std::move(diag);
    CHECK(moved.ask(pair.local(), pair.peer()));
}
