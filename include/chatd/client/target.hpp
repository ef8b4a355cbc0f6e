#pragma once
// Where to connect to, as a person types it: HOST, HOST:PORT, 127.0.0.1:4399, [::1]:4399, ::1.
// A value; nothing is resolved here (client/dial.hpp). Any thread.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace chatd::client {

inline constexpr std::uint16_t tcp_port_default = 4399;
inline constexpr std::uint16_t udp_port_default = 8080;

struct Target {
    std::string host;  ///< a name or an IP literal, without brackets; an IPv6 zone stays with it
    std::uint16_t port = 0;

    /// "localhost:4399", "[::1]:4399": parse_target() gives the same Target back.
    std::string text() const;

    friend bool operator==(const Target&, const Target&) = default;
};

/// Reads `text`. A missing port is `port_default`; an empty text, or a missing host as in ":4400",
/// is localhost. More than one colon without brackets is an IPv6 address and has no port. The
/// error is one sentence for the user and names what was wrong.
std::expected<Target, std::string> parse_target(std::string_view text, std::uint16_t port_default);

}  // namespace chatd::client
