#include "load/dial.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>

namespace chatd::load {

namespace {

constexpr timeval connect_time_max{.tv_sec = 5, .tv_usec = 0};
constexpr int datagram_buffer_bytes = 4 * 1024 * 1024;  // bursts wait for us, not we for them

template <class T>
bool set(int fd, int level, int option, const T& value) noexcept {
    return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/// Takes 127.0.0.(1 + dialled / connections_per_source_max) as the source; the port is chosen at
/// connect(), when the whole four-tuple is known.
bool bind_source(int fd, std::uint32_t dialled) noexcept {
    set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + dialled / connections_per_source_max);
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
}

std::unexpected<std::string> failure(const client::Endpoint& endpoint) {
    return std::unexpected(fmt::format("{}: {}", endpoint.text(), client::error_text(errno)));
}

}  // namespace

std::expected<Dialer, std::string> Dialer::find(const client::Target& target,
                                                client::Transport transport) {
    const auto endpoints = client::resolve(target, transport);
    if (!endpoints) return std::unexpected(endpoints.error().message);
    std::string failures;
    for (const client::Endpoint& endpoint : *endpoints) {
        Dialer dialer(endpoint, transport);
        auto first = dialer.connect();
        if (first) {
            dialer.first_ = std::move(*first);
            return dialer;
        }
        failures += (failures.empty() ? "" : "; ") + first.error();
    }
    return std::unexpected(failures);
}

std::expected<client::Socket, std::string> Dialer::dial() {
    if (first_) {
        ++dialled_;
        return std::move(first_);
    }
    auto socket = connect();
    if (socket) ++dialled_;
    return socket;
}

std::expected<client::Socket, std::string> Dialer::connect() const {
    const bool datagrams = transport_ == client::Transport::udp;
    const int type = (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
    client::Socket socket(::socket(endpoint_.get()->sa_family, type, 0));
    if (!socket) return failure(endpoint_);
    const bool many = dialled_ >= connections_per_source_max;
    const bool ipv4_loopback = endpoint_.get()->sa_family == AF_INET && endpoint_.is_loopback();
    if (many && ipv4_loopback && !bind_source(socket.fd(), dialled_)) return failure(endpoint_);
    set(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, connect_time_max);
    if (::connect(socket.fd(), endpoint_.get(), endpoint_.length) != 0) return failure(endpoint_);
    if (datagrams) {
        set(socket.fd(), SOL_SOCKET, SO_RCVBUF, datagram_buffer_bytes);
    } else {
        set(socket.fd(), IPPROTO_TCP, TCP_NODELAY, 1);
    }
    if (::fcntl(socket.fd(), F_SETFL, O_NONBLOCK) != 0) return failure(endpoint_);
    return socket;
}

}  // namespace chatd::load
