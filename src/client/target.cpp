#include "chatd/client/target.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "chatd/base/address.hpp"
#include "chatd/wire/shown.hpp"

namespace chatd::client {

namespace {

// RFC 1035 2.3.4: a domain name has at most 255 bytes.
constexpr std::size_t host_bytes_max = 255;

std::unexpected<std::string> refuse(std::string_view text, std::string_view reason) {
    std::string shown;
    wire::append_shown(shown, text);
    return std::unexpected(fmt::format("\"{}\" is no address: {}", shown, reason));
}

std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
    std::uint16_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc{} || stopped != end || port == 0) return std::nullopt;
    return port;
}

// Anything the resolver could make sense of; a blank or a slash is a slip of the hand.
bool host_byte(char byte) noexcept {
    const auto code = static_cast<unsigned char>(byte);
    return code > 0x20 && code != 0x7f && byte != '/' && byte != '[' && byte != ']' && byte != '@';
}

// An IPv6 literal; its zone may be a name ("fe80::1%eth0"), which only the resolver can judge.
bool is_ipv6(std::string_view host) noexcept {
    const auto zone = host.find('%');
    if (zone != std::string_view::npos && zone + 1 == host.size()) return false;
    const auto address = parse_ip(host.substr(0, zone));
    return address && address->family == Address::Family::ipv6;
}

}  // namespace

std::string Target::text() const {
    const bool brackets = host.find(':') != std::string::npos;
    return brackets ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::expected<Target, std::string> parse_target(std::string_view text, std::uint16_t port_default) {
    std::string_view host = text;
    std::optional<std::string_view> digits;
    bool literal = false;  // something that can only be an IPv6 address

    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return refuse(text, "the ']' is missing.");
        const auto after = text.substr(close + 1);
        host = text.substr(1, close - 1);
        literal = true;
        if (after.starts_with(':')) digits = after.substr(1);
        if (!after.empty() && !digits) {
            return refuse(text, "after ']' comes a colon and the port, or nothing.");
        }
    } else if (const auto colons = std::count(text.begin(), text.end(), ':'); colons == 1) {
        const auto colon = text.find(':');
        host = text.substr(0, colon);
        digits = text.substr(colon + 1);
    } else {
        literal = colons > 1;
    }

    if (literal && !is_ipv6(host)) {
        return refuse(text, "that is no IPv6 address. With a port it reads [::1]:4399.");
    }
    if (host.size() > host_bytes_max) return refuse(text, "a host name has at most 255 bytes.");
    if (!std::all_of(host.begin(), host.end(), host_byte)) {
        return refuse(text, "it is HOST, HOST:PORT or [IPV6]:PORT.");
    }
    Target target{host.empty() ? "localhost" : std::string(host), port_default};
    if (digits) {
        const auto port = parse_port(*digits);
        if (!port) return refuse(text, "the port is a number from 1 to 65535.");
        target.port = *port;
    }
    return target;
}

}  // namespace chatd::client
