#include "chatd/client/dialling.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <vector>

#include "chatd/client/clock.hpp"
#include "support/catch.hpp"
#include "support/loopback.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace std::chrono_literals;

namespace {

DialOptions chosen(DialStrategy strategy) {
    DialOptions options;
    options.strategy = strategy;
    return options;
}

// Waits as an owner does until it is decided. Each step must come back at once.
void run(Dialling& dialling) {
    while (dialling.state() == Dialling::State::dialling) {
        const auto polled = dialling.poll_fds();
        std::vector<pollfd> fds(polled.begin(), polled.end());
        ::poll(fds.data(), fds.size(), poll_timeout_ms(now(), dialling.deadline()));
        const Time begun = now();
        dialling.step(begun);
        CHECK(now() - begun < 5s);
    }
    CHECK(dialling.poll_fds().empty());
    CHECK(dialling.deadline() == time_never);
}

}  // namespace

TEST_CASE("an address behind a silent one is reached without waiting for it",
          "[client][dialling]") {
    const SilentAddress silent(1);
    Endpoint accepting = loopback(2, 0);
    const Socket listener = listen_at(accepting);
    const auto strategy = GENERATE(DialStrategy::eyeballs, DialStrategy::parallel);
    Dialling dialling({silent.endpoint, accepting}, "test", chosen(strategy));
    const Time begun = now();
    run(dialling);
    REQUIRE(dialling.state() == Dialling::State::connected);
    CHECK(peer_of(dialling.take()) == accepting);
    CHECK(now() - begun < 9s);  // serial would have waited 10 s
    if (strategy == DialStrategy::eyeballs) CHECK(now() - begun >= 250ms);
}

TEST_CASE("what is dialled is non-blocking, close-on-exec and without delay",
          "[client][dialling]") {
    Endpoint accepting = loopback(1, 0);
    const Socket listener = listen_at(accepting);
    Dialling dialling({accepting}, "test");
    run(dialling);
    const Socket socket = dialling.take();
    REQUIRE(socket);
    CHECK_FALSE(dialling.take());
    CHECK((::fcntl(socket.fd(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(socket.fd(), F_GETFD) & FD_CLOEXEC) != 0);
    int no_delay = 0;
    socklen_t length = sizeof no_delay;
    ::getsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &length);
    CHECK(no_delay != 0);
}

TEST_CASE("the others are closed when one has won", "[client][dialling]") {
    Endpoint first = loopback(1, 0);
    Endpoint second = loopback(2, 0);
    const Socket first_listener = listen_at(first);
    const Socket second_listener = listen_at(second);
    Dialling dialling({first, second}, "test", chosen(DialStrategy::parallel));
    run(dialling);
    const Socket socket = dialling.take();
    const bool first_won = peer_of(socket) == first;
    const Socket& lost = first_won ? second_listener : first_listener;
    // If the kernel had connected the loser already, it reads its end at once.
    pollfd waiting{lost.fd(), POLLIN, 0};
    if (::poll(&waiting, 1, 100) == 1) {
        const Socket accepted(::accept4(lost.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        char byte;
        CHECK(::recv(accepted.fd(), &byte, 1, 0) <= 0);
    }
}

TEST_CASE("with each strategy the failures are those of all addresses", "[client][dialling]") {
    Endpoint first = loopback(1, 0);
    Endpoint second = loopback(2, 0);
    const Socket first_bound = bind_at(first, SOCK_STREAM);
    const Socket second_bound = bind_at(second, SOCK_STREAM);
    const auto strategy =
        GENERATE(DialStrategy::serial, DialStrategy::eyeballs, DialStrategy::parallel);
    Dialling dialling({first, second}, "chat:4399", chosen(strategy));
    run(dialling);
    REQUIRE(dialling.state() == Dialling::State::failed);
    CHECK(dialling.error().reason == DialError::Reason::unreachable);
    CHECK(dialling.error().message ==
          "chat:4399: 127.0.0.1 connection refused; 127.0.0.2 connection refused. "
          "Is chatd running? ./scripts/run --tcp 4399 --udp 8080");
}

TEST_CASE("a name is looked up while its owner goes on", "[client][dialling]") {
    Endpoint accepting = loopback(1, 0);
    const Socket listener = listen_at(accepting);
    Dialling dialling(Target{"localhost", port_of(accepting)});
    run(dialling);
    REQUIRE(dialling.state() == Dialling::State::connected);
    CHECK(peer_of(dialling.take()) == accepting);
}

TEST_CASE("a literal is there at the first step", "[client][dialling]") {
    Endpoint accepting = loopback(3, 0);
    const Socket listener = listen_at(accepting);
    Dialling dialling(Target{"127.0.0.3", port_of(accepting)});
    CHECK(dialling.deadline() == Time::min());
    dialling.step(now());
    const auto polled = dialling.poll_fds();
    // Connected already, or a connection on its way: not a lookup.
    CHECK((dialling.state() == Dialling::State::connected || polled.front().events == POLLOUT));
    run(dialling);
    CHECK(dialling.take());
}

TEST_CASE("a name without an address fails as it does in resolve()", "[client][dialling]") {
    Dialling dialling(Target{"no-such-host.invalid", 4399});
    run(dialling);
    REQUIRE(dialling.state() == Dialling::State::failed);
    CHECK(dialling.error().reason == DialError::Reason::unresolved);
    CHECK(dialling.error().message.starts_with("no-such-host.invalid:4399: "));
}

TEST_CASE("a lookup that takes too long is left behind", "[client][dialling]") {
    DialOptions hurried;
    hurried.resolve_timeout = -1ns;
    Dialling dialling(Target{"a-name-to-look-up.invalid", 4399}, hurried);
    dialling.step(now());
    // The lookup may have failed already, which is as good an end.
    REQUIRE(dialling.state() == Dialling::State::failed);
    if (dialling.error().reason == DialError::Reason::timed_out) {
        CHECK(dialling.error().message ==
              "a-name-to-look-up.invalid:4399: the name server does not answer; try again later.");
        CHECK(dialling.error().exit_code() == ExitCode::timed_out);
    }
}

TEST_CASE("an interface that is not there is named", "[client][dialling]") {
    Dialling dialling(Target{"fe80::1%nosuch0", 4399});
    run(dialling);
    CHECK(dialling.error().message ==
          "[fe80::1%nosuch0]:4399: there is no network interface nosuch0.");
}

TEST_CASE("a link-local address without its interface says so", "[client][dialling]") {
    const auto socket = dial_tcp(Target{"fe80::1", 4399});
    REQUIRE_FALSE(socket);
    // A system without IPv6 fails before.
    const std::string& message = socket.error().message;
    const bool told = message == "[fe80::1]:4399: fe80::1 needs its interface, as in fe80::1%eth0.";
    CHECK((told || message.find("address family") != std::string::npos));
}

TEST_CASE("a silent address fails when its time is over", "[client][dialling]") {
    const SilentAddress silent(1);
    DialOptions hurried;
    hurried.address_timeout = 100ms;
    Dialling dialling({silent.endpoint}, "test", hurried);
    const Time begun = now();
    run(dialling);
    CHECK(now() - begun >= 100ms);
    CHECK(dialling.error().reason == DialError::Reason::timed_out);
    CHECK(dialling.error().message == "test: 127.0.0.1 timed out.");
}

TEST_CASE("a dialling that is given up closes what it began", "[client][dialling]") {
    const SilentAddress silent(1);
    int fd = -1;
    {
        Dialling dialling({silent.endpoint}, "test");
        dialling.step(now());
        REQUIRE(dialling.poll_fds().size() == 1);
        fd = dialling.poll_fds().front().fd;
        Dialling moved(std::move(dialling));
        CHECK(::fcntl(fd, F_GETFD) >= 0);
    }
    CHECK(::fcntl(fd, F_GETFD) < 0);
}
