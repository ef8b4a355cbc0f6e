#pragma once
// Between Address, a value, and sockaddr, which the kernel wants. Nothing here owns anything but
// the storage it returns. Any thread.

#include <netinet/in.h>
#include <sys/socket.h>

#include <expected>

#include "chatd/base/address.hpp"
#include "chatd/base/bytes.hpp"
#include "chatd/io/error.hpp"

namespace chatd::io {

/// A sockaddr of any family with the length that bind, connect and sendmsg want.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;  ///< 0 when the Address had no family

    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

/// The sockaddr_in or sockaddr_in6 of `address`, port and zone included.
SocketAddress to_sockaddr(const Address& address) noexcept;

/// Writes the same to `target`, the larger of the two, and returns the length of what it wrote: 0
/// when the Address has no family.
socklen_t write_sockaddr(const Address& address, sockaddr_in6& target) noexcept;

/// The address in `name`, whatever its alignment, with v4-mapped IPv6 as IPv4 so that one peer has
/// one spelling. Another family, or fewer bytes than the family needs, gives Family::none.
Address from_sockaddr(Bytes name) noexcept;
Address from_sockaddr(const sockaddr* name, socklen_t length) noexcept;

/// getsockname: where a socket is bound, with the port the kernel picked for port 0.
std::expected<Address, Error> bound_address(int fd) noexcept;

/// getpeername: whom a connected socket talks to.
std::expected<Address, Error> peer_address(int fd) noexcept;

}  // namespace chatd::io
