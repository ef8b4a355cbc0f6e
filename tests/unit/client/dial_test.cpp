#include "chatd/client/dial.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "chatd/client/clock.hpp"
#include "support/catch.hpp"
#include "support/loopback.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace std::chrono_literals;

TEST_CASE("literals resolve to themselves", "[client][dial]") {
    const auto four = resolve({"127.0.0.1", 4399}, client::Transport::tcp);
    REQUIRE(four);
    REQUIRE(four->size() == 1);
    CHECK(four->front().text() == "127.0.0.1:4399");
    CHECK(four->front().is_loopback());
    const auto six = resolve({"::1", 80}, client::Transport::udp);
    REQUIRE(six);
    CHECK(six->front().text() == "[::1]:80");
    CHECK(six->front().is_loopback());
    CHECK_FALSE(resolve({"192.0.2.1", 1}, client::Transport::udp)->front().is_loopback());
}

TEST_CASE("a name without an address says so", "[client][dial]") {
    const auto nowhere = resolve({"no-such-host.invalid", 4399}, client::Transport::tcp);
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().reason == DialError::Reason::unresolved);
    CHECK(nowhere.error().exit_code() == ExitCode::cannot_connect);
    CHECK(nowhere.error().message.starts_with("no-such-host.invalid:4399: "));
}

TEST_CASE("the first address that accepts is taken, after others refused", "[client][dial]") {
    Endpoint refusing = loopback(1, 0);
    const Socket bound_only = bind_at(refusing, SOCK_STREAM);
    Endpoint accepting = loopback(2, 0);
    const Socket listener = listen_at(accepting);
    const Endpoint endpoints[] = {refusing, accepting};
    const auto socket = dial_tcp(endpoints, "test");
    REQUIRE(socket);
    Endpoint peer;
    peer.length = sizeof peer.storage;
    ::getpeername(socket->fd(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.length);
    CHECK(peer.text() == accepting.text());
    CHECK((::fcntl(socket->fd(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(socket->fd(), F_GETFD) & FD_CLOEXEC) != 0);
    int no_delay = 0;
    socklen_t length = sizeof no_delay;
    ::getsockopt(socket->fd(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &length);
    CHECK(no_delay != 0);
}

TEST_CASE("when all refuse, each is named and the cure offered", "[client][dial]") {
    Endpoint first = loopback(1, 0);
    Endpoint second = loopback(2, 0);
    const Socket first_bound = bind_at(first, SOCK_STREAM);
    const Socket second_bound = bind_at(second, SOCK_STREAM);
    const Endpoint endpoints[] = {first, second};
    const auto socket = dial_tcp(endpoints, "chat:4399");
    REQUIRE_FALSE(socket);
    CHECK(socket.error().message ==
          "chat:4399: 127.0.0.1 connection refused; 127.0.0.2 connection refused. "
          "Is chatd running? ./scripts/run --tcp 4399 --udp 8080");
    CHECK(socket.error().exit_code() == ExitCode::cannot_connect);
}

TEST_CASE("an address that is silent costs its time and no more", "[client][dial]") {
    // A full accept queue: the kernel drops the SYN and answers nothing.
    Endpoint silent = loopback(1, 0);
    const Socket listener = listen_at(silent, 0);
    const Endpoint endpoints[] = {silent};
    const DialOptions hurried{.address_timeout = 100ms};
    std::vector<Socket> queued;
    for (int attempt = 0; attempt < 8; ++attempt) {
        const Time begun = now();
        auto socket = dial_tcp(endpoints, "test", hurried);
        if (socket) {
            queued.push_back(std::move(*socket));
            continue;
        }
        CHECK(socket.error().reason == DialError::Reason::timed_out);
        CHECK(socket.error().exit_code() == ExitCode::timed_out);
        CHECK(socket.error().message == "test: 127.0.0.1 timed out.");
        CHECK(now() - begun >= 100ms);
        CHECK(now() - begun < 5s);
        return;
    }
    FAIL("the accept queue never filled");
}

TEST_CASE("a datagram socket hears of its refusal", "[client][dial]") {
    Endpoint nobody = loopback(1, 0);
    bind_at(nobody, SOCK_DGRAM).close();
    const auto socket = connect_udp(nobody);
    REQUIRE(socket);
    REQUIRE(::send(socket->fd(), "x", 1, 0) == 1);
    char byte;
    CHECK(::recv(socket->fd(), &byte, 1, MSG_DONTWAIT) == -1);
    CHECK(errno == ECONNREFUSED);
}

TEST_CASE("a socket closes with its owner and moves between owners", "[client][dial]") {
    int pair[2];
    REQUIRE(::pipe(pair) == 0);
    const Socket other_end(pair[1]);
    {
        Socket first(pair[0]);
        Socket second(std::move(first));
        CHECK_FALSE(first);
        CHECK(second.fd() == pair[0]);
        Socket third;
        third = std::move(second);
        CHECK(::fcntl(pair[0], F_GETFD) != -1);
    }
    CHECK(::fcntl(pair[0], F_GETFD) == -1);
}

TEST_CASE("errors read as words", "[client][dial]") {
    CHECK(error_text(ECONNREFUSED) == "connection refused");
    CHECK(error_text(ETIMEDOUT) == "timed out");
    CHECK(error_text(EIO) == "input/output error");
}
