#pragma once
// Network addresses as values: an IP address with a port, and CIDR ranges of them.
// Nothing here touches a socket; io converts to and from sockaddr.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatd {

/// An IPv4 or IPv6 endpoint. IPv4 lives in bytes[0..3], the rest zero. A v4-mapped IPv6 address
/// (RFC 4291 2.5.5.2) is normalised to IPv4 by unmapped(), so one peer has one spelling.
struct Address {
    enum class Family : std::uint8_t { none, ipv4, ipv6 };
    Family family = Family::none;
    std::uint16_t port = 0;                ///< host byte order
    std::uint32_t scope = 0;               ///< IPv6 zone index, 0 when none
    std::array<std::uint8_t, 16> bytes{};  ///< network byte order

    friend auto operator<=>(const Address&, const Address&) = default;

    Address unmapped() const noexcept;
    bool is_loopback() const noexcept;     ///< 127.0.0.0/8 or ::1
    bool is_private() const noexcept;      ///< RFC 1918, RFC 4193 ULA, link-local v4 and v6
    bool is_multicast() const noexcept;    ///< 224.0.0.0/4 or ff00::/8
    bool is_broadcast() const noexcept;    ///< 255.255.255.255
    bool is_unspecified() const noexcept;  ///< 0.0.0.0 or ::
    std::string ip_text() const;           ///< "127.0.0.1", "::1"
    std::string text() const;              ///< "127.0.0.1:4399", "[::1]:4399"
};

/// 127.0.0.1 and ::1.
Address ipv4_loopback(std::uint16_t port) noexcept;
Address ipv6_loopback(std::uint16_t port) noexcept;

/// Parses a bare IP literal ("10.0.0.1", "::1", "fe80::1%2"); port stays 0.
std::optional<Address> parse_ip(std::string_view text) noexcept;

struct AddressHash {
    std::size_t operator()(const Address& address) const noexcept;
};

/// An address range "10.0.0.0/8", "fd00::/8"; a bare address means its full length.
struct Cidr {
    Address base;
    std::uint8_t prefix_bits = 0;
    bool contains(const Address& address) const noexcept;
};
std::optional<Cidr> parse_cidr(std::string_view text) noexcept;

}  // namespace chatd
