// The raw relay and the kernel together: what the engine says goes through real sockets on
// loopback. Only here does a test look at both floors.

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "chatd/engine/datagrams.hpp"
#include "chatd/io/socket_address.hpp"
#include "chatd/io/udp.hpp"
#include "support/address_of.hpp"
#include "support/catch.hpp"

using namespace chatd;

namespace {

constexpr std::size_t buffer_bytes = 2'048;

struct Message {
    std::string payload;
    Address source;
    Address local;
    bool truncated = false;
};

class Peer {
public:
    explicit Peer(std::string_view ip, std::uint16_t port = 0)
        : fd_(io::open_udp_socket(test::address_of(ip, port)).value()),
          address_(io::bound_address(fd_).value()) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { close(fd_); }

    const Address& address() const { return address_; }

    void say(const Address& to, std::string_view payload) const {
        const io::SocketAddress name = io::to_sockaddr(to);
        REQUIRE(sendto(fd_, payload.data(), payload.size(), 0, name.get(), name.length) ==
                static_cast<ssize_t>(payload.size()));
    }

    bool send(const engine::Train& train) const {
        io::OutMessage message;
        message.fill(train.to, train.from, train.parts, train.segment_bytes);
        return sendmsg(fd_, &message.header(), MSG_DONTWAIT) >= 0;
    }

    // Everything that has arrived; datagrams on loopback are there when send returns.
    std::vector<Message> take() const {
        std::vector<Message> messages;
        while (true) {
            Message message;
            message.payload.resize(buffer_bytes);
            std::array<std::byte, io::udp_name_bytes> name;
            std::array<std::byte, io::udp_control_bytes> control;
            iovec part{message.payload.data(), message.payload.size()};
            msghdr header{};
            header.msg_name = name.data();
            header.msg_namelen = name.size();
            header.msg_iov = &part;
            header.msg_iovlen = 1;
            header.msg_control = control.data();
            header.msg_controllen = control.size();
            const ssize_t bytes = recvmsg(fd_, &header, MSG_DONTWAIT);
            if (bytes < 0) return messages;
            message.payload.resize(static_cast<std::size_t>(bytes));
            message.source = io::from_sockaddr(Bytes{name.data(), header.msg_namelen});
            message.local = io::parse_control({control.data(), header.msg_controllen}).local;
            message.truncated = (header.msg_flags & MSG_TRUNC) != 0;
            messages.push_back(std::move(message));
        }
    }
    std::vector<std::string> take_payloads() const {
        std::vector<std::string> payloads;
        for (auto& message : take())
            payloads.push_back(std::move(message.payload));
        return payloads;
    }

private:
    int fd_;
    Address address_;
};

/// One socket and the relay behind it.
struct Server {
    explicit Server(std::string_view ip) : socket(ip), relay({}) {
        relay.add_own_address(socket.address());
    }

    void turn() {
        const auto messages = socket.take();
        for (const Message& message : messages) {
            relay.received({.source = message.source,
                            .local = message.local,
                            .payload = as_bytes(message.payload),
                            .truncated = message.truncated},
                           Time{});
        }
        for (auto trains = relay.turn_ended(Time{}); !trains.empty();
             trains = relay.more_trains()) {
            for (const engine::Train& train : trains)
                CHECK(socket.send(train));
        }
    }

    Address at(std::string_view ip) const { return test::address_of(ip, socket.address().port); }

    Peer socket;
    engine::Datagrams relay;
};

}  // namespace

TEST_CASE("three peers get each other's bytes through the kernel", "[io][udp][relay]") {
    Server server{"127.0.0.1"};
    const Peer ana{"127.0.0.1"};
    const Peer bob{"127.0.0.1"};
    const Peer eve{"127.0.0.1"};
    for (const Peer* peer : {&ana, &bob, &eve})
        peer->say(server.socket.address(), "hi");
    server.turn();
    ana.take();
    bob.take();
    eve.take();

    std::vector<std::string> said;
    const auto flush = [&] {
        server.turn();
        CHECK(bob.take_payloads() == said);
        CHECK(eve.take_payloads() == said);
        CHECK(ana.take_payloads().empty());
        said.clear();
    };
    for (std::size_t bytes = 1; bytes <= 1'200; ++bytes) {
        std::string payload(bytes, '\0');
        for (std::size_t at = 0; at < bytes; ++at)
            payload[at] = static_cast<char>(bytes + at);
        if (bytes % 3 == 0) payload[0] = '\x0c';
        ana.say(server.socket.address(), payload);
        said.push_back(payload);
        if (bytes % 7 == 0) flush();
    }
    flush();
    for (int index = 0; index < 100; ++index) {
        said.push_back(std::to_string(1'000 + index) + std::string(60, '.'));
        ana.say(server.socket.address(), said.back());
    }
    const auto trains_before = server.relay.counters().trains;
    flush();
    CHECK(server.relay.counters().trains - trains_before == 4);
}

TEST_CASE("empty and overlong datagrams do no harm", "[io][udp][relay]") {
    Server server{"127.0.0.1"};
    const Peer ana{"127.0.0.1"};
    const Peer bob{"127.0.0.1"};
    const Peer stranger{"127.0.0.1"};
    ana.say(server.socket.address(), "hi");
    bob.say(server.socket.address(), "hi");
    server.turn();
    ana.take();
    std::size_t arrived = 0;
    for (int round = 0; round < 1'000; ++round) {
        stranger.say(server.socket.address(), "");
        ana.say(server.socket.address(), std::to_string(round));
        if (round % 100 == 50) {
            for (const std::size_t bytes : {1'201U, 2'048U, 2'049U, 65'507U}) {
                ana.say(server.socket.address(), std::string(bytes, 'x'));
                stranger.say(server.socket.address(), std::string(bytes, 'x'));
            }
        }
        if (round % 50 != 49) continue;
        server.turn();
        arrived += bob.take().size();
    }
    CHECK(arrived == 1'000);
    CHECK(server.relay.peer_count() == 2);
    CHECK(stranger.take().empty());
    CHECK(server.relay.counters().dropped_by(engine::DatagramDrop::truncated) == 40);
    CHECK(server.relay.counters().dropped_by(engine::DatagramDrop::size) == 40);
    bob.say(server.socket.address(), "");
    ana.say(server.socket.address(), "alone");
    server.turn();
    CHECK(bob.take().empty());
}

TEST_CASE("each peer is answered from the address it spoke to", "[io][udp][relay]") {
    Server server{"0.0.0.0"};
    const Peer ana{"127.0.0.1"};
    const Peer bob{"127.0.0.1"};
    ana.say(server.at("127.0.0.2"), "hi");
    bob.say(server.at("127.3.2.1"), "hi");
    server.turn();
    ana.take();
    for (int round = 0; round < 3; ++round) {
        ana.say(server.at("127.0.0.2"), "to bob");
        bob.say(server.at("127.3.2.1"), "to ana");
    }
    server.turn();
    for (const auto& message : ana.take())
        CHECK(message.source == server.at("127.0.0.2"));
    const auto to_bob = bob.take();
    CHECK(to_bob.size() == 3);
    for (const auto& message : to_bob)
        CHECK(message.source == server.at("127.3.2.1"));
}
