#include "chatd/io/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace chatd::io {

socklen_t write_sockaddr(const Address& address, sockaddr_in6& target) noexcept {
    if (address.family == Address::Family::ipv4) {
        sockaddr_in plain{};
        plain.sin_family = AF_INET;
        plain.sin_port = htons(address.port);
        std::memcpy(&plain.sin_addr, address.bytes.data(), sizeof plain.sin_addr);
        std::memcpy(&target, &plain, sizeof plain);
        return sizeof plain;
    }
    if (address.family == Address::Family::ipv6) {
        target = {};
        target.sin6_family = AF_INET6;
        target.sin6_port = htons(address.port);
        target.sin6_scope_id = address.scope;
        std::memcpy(&target.sin6_addr, address.bytes.data(), sizeof target.sin6_addr);
        return sizeof target;
    }
    return 0;
}

SocketAddress to_sockaddr(const Address& address) noexcept {
    SocketAddress result;
    sockaddr_in6 name{};
    result.length = write_sockaddr(address, name);
    std::memcpy(&result.storage, &name, sizeof name);
    return result;
}

Address from_sockaddr(Bytes name) noexcept {
    sa_family_t family = AF_UNSPEC;
    if (name.size() < offsetof(sockaddr, sa_family) + sizeof family) return {};
    std::memcpy(&family, name.data() + offsetof(sockaddr, sa_family), sizeof family);
    if (family == AF_INET && name.size() >= sizeof(sockaddr_in)) {
        sockaddr_in plain;
        std::memcpy(&plain, name.data(), sizeof plain);
        Address address{.family = Address::Family::ipv4, .port = ntohs(plain.sin_port)};
        std::memcpy(address.bytes.data(), &plain.sin_addr, sizeof plain.sin_addr);
        return address;
    }
    if (family == AF_INET6 && name.size() >= sizeof(sockaddr_in6)) {
        sockaddr_in6 plain;
        std::memcpy(&plain, name.data(), sizeof plain);
        Address address{.family = Address::Family::ipv6,
                        .port = ntohs(plain.sin6_port),
                        .scope = plain.sin6_scope_id};
        std::memcpy(address.bytes.data(), &plain.sin6_addr, sizeof plain.sin6_addr);
        return address.unmapped();
    }
    return {};
}

Address from_sockaddr(const sockaddr* name, socklen_t length) noexcept {
    return from_sockaddr(Bytes{reinterpret_cast<const std::byte*>(name), length});
}

std::expected<Address, Error> bound_address(int fd) noexcept {
    SocketAddress name;
    name.length = sizeof name.storage;
    if (getsockname(fd, name.get(), &name.length) != 0) {
        return std::unexpected(Error{errno, "getsockname"});
    }
    return from_sockaddr(name.get(), name.length);
}

std::expected<Address, Error> peer_address(int fd) noexcept {
    SocketAddress name;
    name.length = sizeof name.storage;
    if (getpeername(fd, name.get(), &name.length) != 0) {
        return std::unexpected(Error{errno, "getpeername"});
    }
    return from_sockaddr(name.get(), name.length);
}

}  // namespace chatd::io
