#include "udp_exchange.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>

#include <cstring>
#include <string>

#include "chatd/base/bytes.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;
using namespace std::chrono_literals;

namespace {

// An exchange takes over SIGINT and SIGTERM; the test program gets them back.
struct KeepSignals {
    KeepSignals() { ::sigprocmask(SIG_SETMASK, nullptr, &before); }
    ~KeepSignals() { ::sigprocmask(SIG_SETMASK, &before, nullptr); }
    sigset_t before{};
};

struct Peer {
    Peer() : socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::memcpy(&endpoint.storage, &address, sizeof address);
        endpoint.length = sizeof address;
        REQUIRE(::bind(socket.fd(), endpoint.get(), endpoint.length) == 0);
        ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&endpoint.storage),
                      &endpoint.length);
    }
    // The next datagram; "nothing" when none is there.
    std::string hear() {
        char buffer[2048];
        const ssize_t count = ::recv(socket.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
        return count < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(count));
    }

    client::Socket socket;
    client::Endpoint endpoint;
};

client::Endpoint nobody() {
    Peer gone;
    return gone.endpoint;
}

int exchange(const UdpOptions& options, std::vector<client::Endpoint> endpoints) {
    const KeepSignals keep;
    const Bytes ping = as_bytes("ping");
    return UdpExchange(options, std::move(endpoints), Payload(ping.begin(), ping.end()),
                       Expectation({}, options.replies))
        .run();
}

UdpOptions text_options() {
    UdpOptions options;
    options.payload = TextPayload{"ping"};
    return options;
}

}  // namespace

TEST_CASE("each datagram goes once, then the leave", "[terminal][udp_exchange]") {
    Peer peer;
    UdpOptions options = text_options();
    options.count = 3;
    CHECK(exchange(options, {peer.endpoint}) == 0);
    for (const char* wanted : {"ping", "ping", "ping", "", "nothing"})
        CHECK(peer.hear() == wanted);
}

TEST_CASE("where nobody listens the next address is tried", "[terminal][udp_exchange]") {
    Peer peer;
    UdpOptions options = text_options();
    options.reply_wait = 50ms;
    CHECK(exchange(options, {nobody(), nobody(), peer.endpoint}) == 75);
    for (const char* wanted : {"ping", "", "nothing"})
        CHECK(peer.hear() == wanted);
    options.count = 3;
    options.reply_wait.reset();
    CHECK(exchange(options, {nobody(), peer.endpoint}) == 0);
    for (const char* wanted : {"ping", "ping", "ping", "", "nothing"})
        CHECK(peer.hear() == wanted);
}

TEST_CASE("when nobody listens anywhere it cannot connect", "[terminal][udp_exchange]") {
    CHECK(exchange(text_options(), {nobody(), nobody()}) == 69);
}
