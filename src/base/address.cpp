#include "chatd/base/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace chatd {

namespace {

constexpr std::size_t ip_text_bytes_max = 64;

bool same_prefix(const std::uint8_t* left, const std::uint8_t* right, unsigned bits) noexcept {
    const unsigned whole = bits / 8;
    if (!std::equal(left, left + whole, right)) return false;
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
    return (left[whole] & mask) == (right[whole] & mask);
}

}  // namespace

Address Address::unmapped() const noexcept {
    static constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                                0, 0, 0, 0, 0xff, 0xff};
    if (family != Family::ipv6 ||
        !std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin())) {
        return *this;
    }
    Address plain{.family = Family::ipv4, .port = port};
    std::copy(bytes.begin() + 12, bytes.end(), plain.bytes.begin());
    return plain;
}

bool Address::is_loopback() const noexcept {
    if (family == Family::ipv4) return bytes[0] == 127;
    if (family != Family::ipv6) return false;
    return bytes[15] == 1 &&
           std::all_of(bytes.begin(), bytes.begin() + 15, [](auto b) { return b == 0; });
}

bool Address::is_private() const noexcept {
    if (family == Family::ipv4) {
        return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
               (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254);
    }
    return family == Family::ipv6 &&
           ((bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80));
}

bool Address::is_multicast() const noexcept {
    if (family == Family::ipv4) return (bytes[0] & 0xf0) == 224;
    return family == Family::ipv6 && bytes[0] == 0xff;
}

bool Address::is_broadcast() const noexcept {
    return family == Family::ipv4 && bytes[0] == 255 && bytes[1] == 255 && bytes[2] == 255 &&
           bytes[3] == 255;
}

bool Address::is_unspecified() const noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
}

std::string Address::ip_text() const {
    char text[ip_text_bytes_max] = "?";
    if (family == Family::ipv4) inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    if (family == Family::ipv6) inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
    std::string result = text;
    if (scope != 0) result += "%" + std::to_string(scope);
    return result;
}

std::string Address::text() const {
    const std::string suffix = ":" + std::to_string(port);
    return family == Family::ipv6 ? "[" + ip_text() + "]" + suffix : ip_text() + suffix;
}

Address ipv4_loopback(std::uint16_t port) noexcept {
    return {.family = Address::Family::ipv4, .port = port, .scope = 0, .bytes = {127, 0, 0, 1}};
}

Address ipv6_loopback(std::uint16_t port) noexcept {
    Address address{.family = Address::Family::ipv6, .port = port};
    address.bytes[15] = 1;
    return address;
}

std::optional<Address> parse_ip(std::string_view text) noexcept {
    Address address;
    if (const auto zone = text.find('%'); zone != std::string_view::npos) {
        const auto digits = text.substr(zone + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), address.scope);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        text = text.substr(0, zone);
    }
    char terminated[ip_text_bytes_max];
    if (text.empty() || text.size() >= sizeof terminated) return std::nullopt;
    std::memcpy(terminated, text.data(), text.size());
    terminated[text.size()] = '\0';
    if (address.scope == 0 && inet_pton(AF_INET, terminated, address.bytes.data()) == 1) {
        address.family = Address::Family::ipv4;
        return address;
    }
    if (inet_pton(AF_INET6, terminated, address.bytes.data()) == 1) {
        address.family = Address::Family::ipv6;
        return address;
    }
    return std::nullopt;
}

std::size_t AddressHash::operator()(const Address& address) const noexcept {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, address.bytes.data(), 8);
    std::memcpy(&high, address.bytes.data() + 8, 8);
    std::uint64_t mixed = low * 0x9e3779b97f4a7c15U ^ (high + address.port) * 0xc2b2ae3d27d4eb4fU;
    mixed ^= mixed >> 32;
    return static_cast<std::size_t>(mixed * 0xd6e8feb86659fd93U);
}

bool Cidr::contains(const Address& address) const noexcept {
    const Address plain = address.unmapped();
    return plain.family == base.family &&
           same_prefix(base.bytes.data(), plain.bytes.data(), prefix_bits);
}

std::optional<Cidr> parse_cidr(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto base = parse_ip(text.substr(0, slash));
    if (!base) return std::nullopt;
    const unsigned bits_max = base->family == Address::Family::ipv4 ? 32 : 128;
    unsigned bits = bits_max;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc{} || end != digits.data() + digits.size() || bits > bits_max)
            return std::nullopt;
    }
    return Cidr{*base, static_cast<std::uint8_t>(bits)};
}

}  // namespace chatd
