#pragma once
// Addresses of this machine that accept, refuse or are silent, for the tests of dialling.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <cstring>
#include <vector>

#include "chatd/client/dial.hpp"
#include "support/catch.hpp"

namespace chatd::client {

/// 127.0.0.x:port; port 0 picks one.
inline Endpoint loopback(std::uint8_t last, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(0x7f000000U | last);
    Endpoint endpoint;
    std::memcpy(&endpoint.storage, &address, sizeof address);
    endpoint.length = sizeof address;
    return endpoint;
}

/// A socket bound to an ephemeral port of `wanted`, which is set to where it is. Without listen()
/// it refuses connections.
inline Socket bind_at(Endpoint& wanted, int type) {
    Socket socket(::socket(wanted.get()->sa_family, type | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(socket.fd(), wanted.get(), wanted.length) == 0);
    ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&wanted.storage), &wanted.length);
    return socket;
}

inline Socket listen_at(Endpoint& wanted, int backlog = 4) {
    Socket socket = bind_at(wanted, SOCK_STREAM);
    REQUIRE(::listen(socket.fd(), backlog) == 0);
    return socket;
}

/// An address whose accept queue is full: the kernel drops each SYN and answers nothing.
class SilentAddress {
public:
    explicit SilentAddress(std::uint8_t last) : endpoint(loopback(last, 0)) {
        listener_ = listen_at(endpoint, 0);
        // A connection that does not come at once found the queue full.
        while (queued_.size() < 16) {
            Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            (void)::connect(socket.fd(), endpoint.get(), endpoint.length);
            pollfd wanted{socket.fd(), POLLOUT, 0};
            const bool connected = ::poll(&wanted, 1, 50) > 0;
            queued_.push_back(std::move(socket));
            if (!connected) return;
        }
        FAIL("the accept queue never filled");
    }

    Endpoint endpoint;

private:
    Socket listener_;
    std::vector<Socket> queued_;
};

inline Endpoint peer_of(const Socket& socket) {
    Endpoint peer;
    peer.length = sizeof peer.storage;
    ::getpeername(socket.fd(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.length);
    return peer;
}

inline std::uint16_t port_of(const Endpoint& endpoint) {
    sockaddr_in address;
    std::memcpy(&address, &endpoint.storage, sizeof address);
    return ntohs(address.sin_port);
}

}  // namespace chatd::client
