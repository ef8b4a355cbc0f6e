#include "chatd/base/uuid.hpp"

#include <bit>
#include <cstring>

namespace chatd {

namespace {

// Both digits of each byte.
constexpr auto digits_of_bytes = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte)
        pairs[byte] = {digits[byte >> 4], digits[byte & 0xf]};
    return pairs;
}();

// RFC 9562 4: five groups of 8, 4, 4, 4 and 12 digits, a hyphen between them.
constexpr bool hyphen_at(std::size_t index) noexcept {
    return index == 8 || index == 13 || index == 18 || index == 23;
}

// The value of a hex digit in either case; 16 for anything else.
constexpr unsigned digit_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10;
    return 16;
}

// Writes eight bytes in network order, as one store: an id is read again at once, as a whole.
void put(std::uint8_t* target, std::uint64_t value) noexcept {
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    std::memcpy(target, &value, sizeof value);
}

}  // namespace

Uuid make_uuid7(UnixMs at, std::uint64_t high, std::uint64_t low) noexcept {
    // RFC 9562 5.7: 48 bits of time, version 0111, 12 random bits, variant 10, 62 random bits.
    Uuid id;
    put(id.bytes.data(), static_cast<std::uint64_t>(at) << 16 | 0x7000 | (high & 0xfff));
    put(id.bytes.data() + 8, std::uint64_t{1} << 63 | (low & ~(std::uint64_t{3} << 62)));
    return id;
}

UnixMs time_of(const Uuid& id) noexcept {
    UnixMs at = 0;
    for (std::size_t index = 0; index < 6; ++index)
        at = at << 8 | id.bytes[index];
    return at;
}

std::array<char, uuid_text_bytes> uuid_text(const Uuid& id) noexcept {
    std::array<char, uuid_text_bytes> text;
    std::size_t at = 0;
    for (const std::uint8_t byte : id.bytes) {
        if (hyphen_at(at)) text[at++] = '-';
        std::memcpy(text.data() + at, digits_of_bytes[byte].data(), 2);
        at += 2;
    }
    return text;
}

void append_uuid(std::string& out, const Uuid& id) {
    const auto text = uuid_text(id);
    out.append(text.data(), text.size());
}

std::optional<Uuid> parse_uuid(std::string_view text) noexcept {
    if (text.size() != uuid_text_bytes) return std::nullopt;
    Uuid id;
    std::size_t digit_count = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (hyphen_at(index)) {
            if (text[index] != '-') return std::nullopt;
            continue;
        }
        const unsigned value = digit_value(text[index]);
        if (value > 15) return std::nullopt;
        std::uint8_t& byte = id.bytes[digit_count / 2];
        byte = static_cast<std::uint8_t>(unsigned{byte} << 4 | value);
        ++digit_count;
    }
    return id;
}

}  // namespace chatd
