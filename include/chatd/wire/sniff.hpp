#pragma once
// Which dialect a TCP connection speaks, told from its first bytes: text, HTTP, JSON-RPC, TLS or a
// PROXY header. One Sniffer per connection (or per layer: inside TLS and after PROXY a new one
// begins); it keeps 16 bytes and none of the input, so whoever owns the bytes keeps them until the
// decision and then hands all of them to the dialect. Engine thread only.
//
// The decision depends on the bytes alone, not on how they were cut, and falls no later than the
// first newline (one exception: an empty first line "\r\n" is also how PROXY v2 begins, so there it
// falls with the byte that differs). It falls earlier where only one dialect is left:
//   tls    0x16 0x03.
//   proxy  exactly `PROXY TCP4 `, `PROXY TCP6 `, `PROXY UNKNOWN`, or the 12 bytes of v2.
//   json   `{`, blanks, then `"` or `}`; or `[`, blanks, then `{` or `]`. Blanks: space and tab.
//   http   the first line is `token SP target SP HTTP/1.DIGIT` (RFC 9112 3), any token a method
//          (RFC 9110 5.6.2), the target without spaces and controls. A CR before LF belongs to the
//          line end.
//   text   all else.
// Without a newline: past limits::line_bytes_max it is text, unless `token SP target` stands and
// may still become a request line; then past limits::http_head_bytes_max it is http, whose answer
// is 431.

#include <cstdint>

#include "chatd/base/bytes.hpp"

namespace chatd::wire {

enum class Dialect : std::uint8_t {
    undecided,  ///< more bytes are needed
    text,       ///< chat lines
    http,       ///< HTTP/1.x, later perhaps WebSocket
    json,       ///< JSON-RPC, a message a line
    tls,        ///< a TLS record of type handshake (RFC 8446 5.1)
    proxy,      ///< a PROXY header, v1 or v2
};

class Sniffer {
public:
    /// Takes the next bytes of the connection, each byte once; what follows the decision is not
    /// looked at. Returns the dialect, and the same one ever after it is decided.
    Dialect push(Bytes more) noexcept;

    Dialect dialect() const noexcept { return dialect_; }

    /// True while undecided and the first line begins with a registered HTTP method (RFC 9110 9.1,
    /// PATCH of RFC 5789) and a space: then limits::http_head_time_max applies.
    bool http_method_begun() const noexcept;

private:
    enum class State : std::uint8_t {
        start,
        tls_version,      // after 0x16
        proxy_signature,  // within the 12 bytes of PROXY v2
        object,           // after { and blanks
        array,            // after [ and blanks
        method,           // within the token
        target_begin,     // after the first space
        target,           // within the target
        version,          // within "HTTP/1."
        version_digit,    // after it
        line_end,         // after the digit
        line_feed,        // after CR
    };

    Dialect step(std::uint8_t byte) noexcept;
    Dialect begin(std::uint8_t byte) noexcept;
    Dialect enter(State state) noexcept;
    Dialect past_limits() const noexcept;
    bool proxy_line_matched(std::uint8_t byte) noexcept;

    std::uint64_t first_bytes_ =
        0;  // the first eight, first lowest: holds every method and its space
    std::uint16_t byte_count_ = 0;      // taken so far
    std::uint8_t version_matched_ = 0;  // of "HTTP/1."
    std::uint8_t proxy_lines_ = 0b11;   // bit 0: may be PROXY TCP4/6, bit 1: may be PROXY UNKNOWN
    State state_ = State::start;
    Dialect dialect_ = Dialect::undecided;
};
static_assert(sizeof(Sniffer) <= 16);

/// The JSON rule alone, for a whole WebSocket message: true if it begins as JSON-RPC does.
bool begins_as_json(std::string_view message) noexcept;

}  // namespace chatd::wire
