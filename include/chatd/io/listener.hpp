#pragma once
// TCP listening sockets. What is set on the listener (TCP_NODELAY, keepalive, TCP_USER_TIMEOUT,
// TCP_NOTSENT_LOWAT) is inherited by every connection it accepts, so that a direct descriptor,
// which takes no setsockopt before Linux 6.7, needs none.

#include <chrono>
#include <expected>

#include "chatd/base/address.hpp"
#include "chatd/io/error.hpp"

namespace chatd::io {

struct ListenerOptions {
    std::chrono::seconds keepalive_idle{60};
    std::chrono::seconds keepalive_interval{10};
    int keepalive_probes = 6;
    std::chrono::seconds user_timeout{300};  ///< RFC 5482: unacknowledged data ends the connection
    int unsent_bytes_max = 128 * 1024;       ///< TCP_NOTSENT_LOWAT: bounds what waits in the kernel
    int backlog = 4096;                      ///< the kernel lowers it to net.core.somaxconn
};

/// A bound, listening, blocking socket (io_uring wants blocking ones); the caller closes it.
/// Port 0 picks one: ask bound_address(). IPv6 sockets take IPv6 only.
std::expected<int, Error> open_listener(const Address& address, const ListenerOptions& options);

/// Bytes that a TCP socket was given and has not sent even once (SIOCOUTQNSD, Linux 2.6); 0 when
/// the kernel does not say.
std::size_t unsent_bytes(int descriptor) noexcept;

/// Raises the soft limit of open files to the hard one; the limit that then holds.
std::size_t raise_descriptor_limit() noexcept;

/// Whether this machine can bind ::1, so that a bare port may mean both loopbacks.
bool has_ipv6_loopback() noexcept;

}  // namespace chatd::io
