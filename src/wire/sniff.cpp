#include "chatd/wire/sniff.hpp"

#include <array>
#include <string_view>

#include "chatd/base/limits.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

constexpr auto proxy_signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr auto proxy_tcp = "PROXY TCP4 "sv;  // or TCP6
constexpr auto proxy_unknown = "PROXY UNKNOWN"sv;
constexpr auto http_version = "HTTP/1."sv;
constexpr std::uint8_t tls_handshake = 0x16;
constexpr std::uint8_t tls_version_major = 0x03;

static_assert(limits::line_bytes_max < limits::http_head_bytes_max);
static_assert(limits::http_head_bytes_max < UINT16_MAX, "the sniffer counts in 16 bits");

constexpr bool is_digit(std::uint8_t byte) noexcept {
    return byte >= '0' && byte <= '9';
}
constexpr bool is_blank(std::uint8_t byte) noexcept {
    return byte == ' ' || byte == '\t';
}

/// RFC 9110 5.6.2.
constexpr bool is_token(std::uint8_t byte) noexcept {
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    return letter || is_digit(byte) ||
           (byte != 0 &&
            "!#$%&'*+-.^_`|~"sv.find(static_cast<char>(byte)) != std::string_view::npos);
}

/// Bytes above ASCII are no URI, but clients send them; the HTTP parser answers those.
constexpr bool is_target(std::uint8_t byte) noexcept {
    return byte > ' ' && byte != 0x7f;
}

/// A method and its space as the first bytes of a line, the first one lowest.
struct MethodPattern {
    std::uint64_t bytes = 0;
    std::uint64_t mask = 0;
};
constexpr MethodPattern method_pattern(std::string_view method_and_space) {
    MethodPattern pattern;
    for (std::size_t at = 0; at < method_and_space.size(); ++at) {
        pattern.bytes |= std::uint64_t(static_cast<std::uint8_t>(method_and_space[at])) << (8 * at);
        pattern.mask |= std::uint64_t(0xff) << (8 * at);
    }
    return pattern;
}
constexpr std::array method_patterns{
    method_pattern("GET "),     method_pattern("HEAD "),   method_pattern("POST "),
    method_pattern("PUT "),     method_pattern("DELETE "), method_pattern("CONNECT "),
    method_pattern("OPTIONS "), method_pattern("TRACE "),  method_pattern("PATCH "),
};

}  // namespace

Dialect Sniffer::push(Bytes more) noexcept {
    for (const std::byte byte : more) {
        if (dialect_ != Dialect::undecided) break;
        dialect_ = step(static_cast<std::uint8_t>(byte));
    }
    return dialect_;
}

bool Sniffer::http_method_begun() const noexcept {
    if (dialect_ != Dialect::undecided) return false;
    for (const auto& pattern : method_patterns) {
        if ((first_bytes_ & pattern.mask) == pattern.bytes) return true;
    }
    return false;
}

/// One byte of the first line. Every state either stays open or names the dialect.
Dialect Sniffer::step(std::uint8_t byte) noexcept {
    // A PROXY line is also a token and a target, so it is matched beside the states.
    if (proxy_line_matched(byte)) return Dialect::proxy;
    if (byte_count_ < sizeof first_bytes_) {
        first_bytes_ |= std::uint64_t(byte) << (8U * byte_count_);
    }
    ++byte_count_;

    switch (state_) {
        case State::start:
            return begin(byte);
        case State::tls_version:
            return byte == tls_version_major ? Dialect::tls : Dialect::text;
        case State::proxy_signature:
            if (byte != static_cast<std::uint8_t>(proxy_signature[byte_count_ - 1U])) break;
            return byte_count_ == proxy_signature.size() ? Dialect::proxy : Dialect::undecided;
        case State::object:
            if (is_blank(byte)) return enter(State::object);
            return byte == '"' || byte == '}' ? Dialect::json : Dialect::text;
        case State::array:
            if (is_blank(byte)) return enter(State::array);
            return byte == '{' || byte == ']' ? Dialect::json : Dialect::text;
        case State::method:
            if (is_token(byte)) return enter(State::method);
            if (byte == ' ') return enter(State::target_begin);
            break;
        case State::target_begin:
            if (is_target(byte)) return enter(State::target);
            break;
        case State::target:
            if (is_target(byte)) return enter(State::target);
            if (byte == ' ') return enter(State::version);
            break;
        case State::version:
            if (byte != static_cast<std::uint8_t>(http_version[version_matched_])) break;
            ++version_matched_;
            return enter(version_matched_ == http_version.size() ? State::version_digit
                                                                 : State::version);
        case State::version_digit:
            if (is_digit(byte)) return enter(State::line_end);
            break;
        case State::line_end:
            if (byte == '\r') return enter(State::line_feed);
            return byte == '\n' ? Dialect::http : Dialect::text;
        case State::line_feed:
            return byte == '\n' ? Dialect::http : Dialect::text;
    }
    return Dialect::text;
}

Dialect Sniffer::begin(std::uint8_t byte) noexcept {
    switch (byte) {
        case tls_handshake:
            return enter(State::tls_version);
        case '\r':
            return enter(State::proxy_signature);
        case '{':
            return enter(State::object);
        case '[':
            return enter(State::array);
        default:
            return is_token(byte) ? enter(State::method) : Dialect::text;
    }
}

/// Goes on in `state`, unless the line has become too long to.
Dialect Sniffer::enter(State state) noexcept {
    state_ = state;
    return past_limits();
}

Dialect Sniffer::past_limits() const noexcept {
    if (byte_count_ <= limits::line_bytes_max) return Dialect::undecided;
    // `token SP` stands: this may be a request whose head is too large, and is told so by 431.
    if (state_ >= State::target) {
        return byte_count_ > limits::http_head_bytes_max ? Dialect::http : Dialect::undecided;
    }
    return Dialect::text;
}

/// Takes the byte at byte_count_; true if it completes the opening of a PROXY v1 line.
bool Sniffer::proxy_line_matched(std::uint8_t byte) noexcept {
    if (proxy_lines_ == 0) return false;
    const std::size_t at = byte_count_;
    constexpr std::uint8_t tcp = 0b01;
    constexpr std::uint8_t unknown = 0b10;
    constexpr std::size_t family_at = 9;
    if (at >= proxy_tcp.size() ||
        !(byte == static_cast<std::uint8_t>(proxy_tcp[at]) || (at == family_at && byte == '6'))) {
        proxy_lines_ &= static_cast<std::uint8_t>(~tcp);
    }
    if (byte != static_cast<std::uint8_t>(proxy_unknown[at])) {
        proxy_lines_ &= static_cast<std::uint8_t>(~unknown);
    }
    return ((proxy_lines_ & tcp) != 0 && at + 1 == proxy_tcp.size()) ||
           ((proxy_lines_ & unknown) != 0 && at + 1 == proxy_unknown.size());
}

bool begins_as_json(std::string_view message) noexcept {
    Sniffer sniffer;
    return sniffer.push(as_bytes(message)) == Dialect::json;
}

}  // namespace chatd::wire
