#include "chatd/wire/hex.hpp"

#include <algorithm>

#include "chatd/wire/shown.hpp"
#include "chatd/wire/utf8.hpp"
#include "wire/characters.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

constexpr auto separators = " \t\n\r,;:-_"sv;
constexpr auto digits = "0123456789abcdef"sv;
constexpr std::size_t row_bytes = 16;

constexpr auto not_hex = "this is not a hex digit"sv;
constexpr auto digits_missing = "hex digits must follow 0x or \\x"sv;
constexpr auto digit_alone = "a byte has two hex digits; this one stands alone"sv;
constexpr auto too_long = "too many bytes; this is the first past the limit"sv;
constexpr auto nothing = "there are no bytes here"sv;

/// Reads left to right, a run of digits at a time.
class HexReader {
public:
    HexReader(std::string_view text, std::size_t bytes_max) : text_(text), bytes_max_(bytes_max) {}

    std::expected<std::vector<std::byte>, HexError> read() {
        while (skip_separators()) {
            if (!read_token()) return std::unexpected(error_);
        }
        return std::move(bytes_);
    }

private:
    bool skip_separators() noexcept {
        at_ = std::min(text_.find_first_not_of(separators, at_), text_.size());
        return at_ < text_.size();
    }

    bool read_token() {
        const std::size_t token_at = at_;
        while (!token_ended()) {
            const std::size_t prefix_at = at_;
            const bool zero_x = text_.substr(at_).starts_with("0x"sv);
            const bool prefixed = zero_x || text_.substr(at_).starts_with("\\x"sv);
            if (prefixed) at_ += 2;
            const std::size_t run_at = at_;
            if (prefixed && (token_ended() || hex_digit_value(text_[at_]) < 0)) {
                return fail(prefix_at, digits_missing);
            }
            if (!read_run(zero_x && prefix_at == token_at ? run_at : text_.size())) return false;
        }
        return true;
    }

    /// Reads pairs of digits up to the token's end or the next prefix. A digit without a partner
    /// is good only at `single_at` with the token ending behind it.
    bool read_run(std::size_t single_at) {
        const std::size_t run_at = at_;
        while (!token_ended() && (at_ == run_at || !at_prefix())) {
            const int high = hex_digit_value(text_[at_]);
            if (high < 0) return fail(at_, not_hex);
            const std::size_t byte_at = at_++;
            if (token_ended()) {
                return byte_at == single_at ? push(byte_at, high) : fail(byte_at, digit_alone);
            }
            const int low = hex_digit_value(text_[at_]);
            const bool next_prefix = low < 0 && text_[at_] == '\\';
            if (next_prefix) return fail(byte_at, digit_alone);
            if (low < 0) return fail(at_, not_hex);
            ++at_;
            if (!push(byte_at, high * 16 + low)) return false;
        }
        return true;
    }

    bool token_ended() const noexcept {
        return at_ == text_.size() || separators.find(text_[at_]) != std::string_view::npos;
    }
    bool at_prefix() const noexcept {
        const std::string_view rest = text_.substr(at_);
        return rest.starts_with("0x"sv) || rest.starts_with("\\x"sv);
    }
    bool push(std::size_t byte_at, int value) {
        if (bytes_.size() == bytes_max_) return fail(byte_at, too_long);
        bytes_.push_back(static_cast<std::byte>(value));
        return true;
    }
    bool fail(std::size_t at, std::string_view message) noexcept {
        error_ = {at + 1, message};
        return false;
    }

    std::string_view text_;
    std::size_t bytes_max_;
    std::size_t at_ = 0;
    std::vector<std::byte> bytes_;
    HexError error_;
};

void append_digits(std::string& out, std::byte byte) {
    const auto value = std::to_integer<unsigned>(byte);
    out += digits[value >> 4];
    out += digits[value & 0xf];
}

void append_hex(std::string& out, Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at > 0) out += ' ';
        append_digits(out, bytes[at]);
    }
}

void append_ascii(std::string& out, Bytes bytes) {
    for (const std::byte byte : bytes) {
        const auto value = std::to_integer<unsigned char>(byte);
        out += value >= 0x20 && value < 0x7f ? static_cast<char>(value) : '.';
    }
}

void append_row(std::string& out, std::size_t offset, Bytes row) {
    constexpr int offset_digits = 8;
    for (int digit = offset_digits - 1; digit >= 0; --digit)
        out += digits[(offset >> (4 * digit)) & 0xf];
    out += ": ";
    for (std::size_t at = 0; at < row_bytes; ++at) {
        if (at < row.size()) {
            append_digits(out, row[at]);
        } else {
            out += "  ";
        }
        if (at % 2 == 1) out += ' ';
    }
    out += ' ';
    append_ascii(out, row);
    out += '\n';
}

}  // namespace

std::expected<std::vector<std::byte>, HexError> parse_hex(std::string_view text,
                                                          std::size_t bytes_max, bool allow_empty) {
    auto bytes = HexReader(text, bytes_max).read();
    if (bytes && bytes->empty() && !allow_empty) return std::unexpected(HexError{1, nothing});
    return bytes;
}

std::string print_hex(Bytes bytes) {
    std::string out;
    out.reserve(bytes.size() * 3);
    append_hex(out, bytes);
    return out;
}

void append_hex_ascii(std::string& out, Bytes bytes) {
    append_hex(out, bytes);
    out += bytes.empty() ? "|" : " |";
    append_ascii(out, bytes);
    out += '|';
}

std::string print_dump(Bytes bytes) {
    std::string out;
    constexpr std::size_t printed_row_bytes = 68;
    out.reserve((bytes.size() + row_bytes - 1) / row_bytes * printed_row_bytes);
    for (std::size_t offset = 0; offset < bytes.size(); offset += row_bytes) {
        append_row(out, offset, bytes.subspan(offset, std::min(row_bytes, bytes.size() - offset)));
    }
    return out;
}

bool is_terminal_text(Bytes bytes) noexcept {
    if (!utf8_valid(bytes)) return false;
    for (std::string_view rest = as_text(bytes);;) {
        const std::size_t newline = rest.find('\n');
        if (!is_plain(rest.substr(0, newline))) return false;
        if (newline == std::string_view::npos) return true;
        rest.remove_prefix(newline + 1);
    }
}

std::string print_auto(Bytes bytes) {
    return is_terminal_text(bytes) ? std::string(as_text(bytes)) : print_dump(bytes);
}

}  // namespace chatd::wire
