#pragma once
// What is said to dialects that are not spoken here, byte for byte (PROTOCOL.md).

#include <string_view>

#include "chatd/wire/http.hpp"

namespace chatd::engine {

/// A TLS record: alert, TLS 1.2 as record version, 2 bytes: fatal (2), handshake_failure (40).
/// RFC 8446 6.
inline constexpr std::string_view tls_handshake_failure{"\x15\x03\x03\x00\x02\x02\x28", 7};

inline constexpr std::string_view proxy_refusal_line =
    "FAIL * PROXY_NOT_TRUSTED :A PROXY header came from an address that is not trusted; connect "
    "without one.\n";

inline constexpr wire::HttpRefusal http_slow_head{
    .status = 408, .sentence = "The request head did not come within 10 seconds; send it at once."};

}  // namespace chatd::engine
