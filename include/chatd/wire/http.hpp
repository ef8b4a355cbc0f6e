#pragma once
// HTTP/1.1 (RFC 9110, RFC 9112): request heads in, answers out. No socket, no clock, no bodies:
// a request says how long its body is, and whoever owns the stream takes or skips it.
//
// The caller gathers bytes until find_head_end() sees an empty line, then decodes the head in one
// go. A decoded request borrows from the head and is valid as long as that stands. Any thread.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chatd/base/ascii.hpp"
#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"

namespace chatd::wire {

enum class HttpMethod : std::uint8_t {
    get,
    head,
    post,
    put,
    remove,  ///< DELETE
    connect,
    options,
    trace,
    patch,
};

struct HttpField {
    std::string_view name;
    std::string_view value;  ///< without the blanks around it
};

/// An RFC 3986 authority without user: "localhost:4399", "[::1]".
struct HttpAuthority {
    std::string_view host;              ///< IPv6 in its brackets
    std::optional<std::uint16_t> port;  ///< none when absent or empty
};
std::optional<HttpAuthority> parse_authority(std::string_view text) noexcept;

struct HttpRequest {
    HttpMethod method = HttpMethod::get;
    std::uint8_t minor_version = 1;  ///< of HTTP/1
    bool keep_alive = false;         ///< HTTP/1.1 without `Connection: close`; never for HTTP/1.0
    bool expect_continue = false;    ///< the peer waits for `100 Continue` before its body
    bool chunked = false;            ///< the body is chunked; body_bytes is 0
    std::uint64_t body_bytes = 0;    ///< Content-Length, 0 when absent
    std::string_view target;         ///< as sent
    std::string_view path;   ///< begins with '/', still percent-encoded; "*" or "" without a path
    std::string_view query;  ///< what follows '?', still percent-encoded
    std::string_view host;   ///< Host, or the authority of an absolute target; "" on HTTP/1.0 only

    std::span<const HttpField> fields() const noexcept {
        return std::span(field_storage).first(field_count);
    }
    /// The first value of that name, "" when absent. Names compare without case.
    std::string_view field(std::string_view name) const noexcept;
    std::size_t count(std::string_view name) const noexcept;
    /// Whether a list field (RFC 9110 5.6.1), possibly sent on several lines, holds the token.
    /// Tokens compare without case.
    bool has_token(std::string_view name, std::string_view token) const noexcept;
    bool has_body() const noexcept { return chunked || body_bytes != 0; }

    std::array<HttpField, limits::http_fields_max> field_storage;
    std::size_t field_count = 0;
};

/// Why a request is not served: an answer in waiting. All texts are static.
struct HttpRefusal {
    std::uint16_t status = 400;
    std::string_view sentence;  ///< what was wrong and what to do; the body
    std::string_view extra{};   ///< header lines, each with its CRLF
};

/// Looks for the empty line that ends a head and returns the head's size, that line included.
/// `searched` belongs to the caller, who passes 0 with a new head and the same variable with the
/// same input grown: no byte is looked at more than a few times. When there is no end yet and the
/// input is longer than limits::http_head_bytes_max, the answer is 431.
/// Lines ended by a bare LF end here as well, so that decode_http_request() can refuse them at
/// once.
std::optional<std::size_t> find_head_end(Bytes input, std::size_t& searched) noexcept;

/// Decodes a whole head, its empty line included. Refusals, each of which ends the connection,
/// because where the next request would begin is not known for sure:
///   400  not HTTP, bare LF, folded lines, no or several or bad Host, both Content-Length and
///        Transfer-Encoding or either of them twice or bad (RFC 9112 3.2, 5.2, 6.3)
///   417  an Expect other than 100-continue
///   431  more than limits::http_head_bytes_max or limits::http_fields_max
///   501  a method or a transfer coding nobody here knows
///   505  another version than HTTP/1.0 or HTTP/1.1
std::expected<HttpRequest, HttpRefusal> decode_http_request(Bytes head) noexcept;

/// Calls seen(element) for every element of a list field, over all its lines, in order; empty
/// elements are skipped (RFC 9110 5.6.1.2).
template <class Seen>
void for_each_element(const HttpRequest& request, std::string_view name, Seen&& seen);

// -- answers ---------------------------------------------------------------------------------

struct HttpAnswer {
    std::uint16_t status = 200;
    std::string_view content_type = "text/plain; charset=utf-8";
    std::string_view body{};
    std::string_view extra{};  ///< header lines, each with its CRLF
    bool keep_alive = false;   ///< else `Connection: close` is said
    bool head_only = false;    ///< the answer to HEAD: all of the head, nothing of the body
    bool until_close = false;  ///< no Content-Length: the body goes on until the connection ends
    std::optional<std::chrono::sys_seconds> date{};  ///< RFC 9110 6.6.1, when the time is known
};

/// "Not Found" for 404; "" for a status that is never sent here.
std::string_view http_reason(std::uint16_t status) noexcept;

/// Appends a whole answer. 1xx, 204 and 304 have neither body nor length (RFC 9110 8.6).
void encode_http_answer(std::string& target, const HttpAnswer& answer);

/// Appends a refusal as plain text; the connection closes after it.
void encode_http_refusal(std::string& target, const HttpRefusal& refusal);

// -- details ---------------------------------------------------------------------------------

std::string_view trim_blanks(std::string_view text) noexcept;

template <class Seen>
void for_each_element(const HttpRequest& request, std::string_view name, Seen&& seen) {
    for (const HttpField& field : request.fields()) {
        if (!equal_without_case(field.name, name)) continue;
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view element = trim_blanks(rest.substr(0, comma));
            if (!element.empty()) seen(element);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
}

}  // namespace chatd::wire
