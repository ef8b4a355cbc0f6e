#include "chatd/base/uuid.hpp"

namespace chatd {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

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

// Writes the low `count` bytes of `value` in network order.
void put(std::uint8_t* target, std::uint64_t value, std::size_t count) noexcept {
    for (std::size_t index = count; index > 0; --index, value >>= 8)
        target[index - 1] = static_cast<std::uint8_t>(value & 0xff);
}

}  // namespace

Uuid make_uuid7(UnixMs at, std::uint64_t high, std::uint64_t low) noexcept {
    // RFC 9562 5.7: 48 bits of time, version 0111, 12 random bits, variant 10, 62 random bits.
    Uuid id;
    put(id.bytes.data(), static_cast<std::uint64_t>(at), 6);
    put(id.bytes.data() + 6, 0x7000 | (high & 0xfff), 2);
    put(id.bytes.data() + 8, std::uint64_t{1} << 63 | (low & ~(std::uint64_t{3} << 62)), 8);
    return id;
}

UnixMs time_of(const Uuid& id) noexcept {
    UnixMs at = 0;
    for (std::size_t index = 0; index < 6; ++index)
        at = at << 8 | id.bytes[index];
    return at;
}

void append_uuid(std::string& out, const Uuid& id) {
    std::array<char, uuid_text_bytes> text;
    std::size_t length = 0;
    for (const std::uint8_t byte : id.bytes) {
        if (hyphen_at(length)) text[length++] = '-';
        text[length++] = digits[byte >> 4];
        text[length++] = digits[byte & 0xf];
    }
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
