#pragma once
// One resolved address, as connect() wants it, and the order in which several are tried. Values;
// any thread.

#include <sys/socket.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chatd::client {

/// How many addresses of one name are tried: more is no service but a mistake in its zone.
inline constexpr std::size_t endpoints_max = 16;

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;

    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    std::string ip_text() const;  ///< "127.0.0.1", "::1", "fe80::1%eth0"
    std::string text() const;     ///< "127.0.0.1:4399", "[::1]:4399"
    bool is_loopback() const noexcept;

    friend bool operator==(const Endpoint& left, const Endpoint& right) noexcept;
};

/// The same addresses, families taking turns, the first one's family first, each family in the
/// order it had (RFC 8305 section 4, with a First Address Family Count of 1): where one family
/// leads nowhere, the second attempt is of the other.
std::vector<Endpoint> interleave_families(std::span<const Endpoint> endpoints);

}  // namespace chatd::client
