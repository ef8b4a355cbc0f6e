#include "chatd/wire/shown.hpp"

#include <cstdint>
#include <utility>

#include "wire/byte_search.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

/// Controls but tab, and the lead bytes of every sequence that may have to change: C2 of C1
/// controls, E2 of bidi controls and line ends, EF of U+FEFF.
constexpr auto may_change = [](const auto& byte) {
    return ((byte < 0x20) & (byte != '\t')) | (byte == 0x7f) | (byte == 0xc2) | (byte == 0xe2) |
           (byte == 0xef);
};

/// Line ends, and E2, the lead byte of U+2028 and U+2029.
constexpr auto may_end_line = [](const auto& byte) {
    return (byte == '\n') | (byte == '\r') | (byte == 0xe2);
};

constexpr auto replacement = "\xef\xbf\xbd"sv;  // U+FFFD
constexpr std::size_t replacement_bytes = 3;    // of U+FFFD and of every control picture

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

/// How many bytes of the character at `at` have to be replaced; 0 if it stays.
std::size_t replaced_bytes(std::string_view text, std::size_t at) noexcept {
    const std::uint8_t first = byte_at(text, at);
    if (first < 0x20) return first == '\t' ? 0 : 1;
    if (first == 0x7f) return 1;
    const std::uint8_t second = byte_at(text, at + 1);
    if (first == 0xc2) return second >= 0x80 && second <= 0x9f ? 2 : 0;
    const std::uint8_t third = byte_at(text, at + 2);
    if (first == 0xe2 && second == 0x80) return third >= 0xa8 && third <= 0xae ? 3 : 0;
    if (first == 0xe2 && second == 0x81) return third >= 0xa6 && third <= 0xa9 ? 3 : 0;
    if (first == 0xef && second == 0xbb) return third == 0xbf ? 3 : 0;
    return 0;
}

void append_replacement(std::string& out, std::uint8_t replaced) {
    if (replaced > 0x7f) {
        out += replacement;
        return;
    }
    // U+2400 + c, and U+2421 for DEL: E2 90 80..A1.
    const std::uint8_t picture = replaced == 0x7f ? 0x21 : replaced;
    out += "\xe2\x90"sv;
    out += static_cast<char>(0x80 + picture);
}

/// Calls keep(piece) for what stays and replace(first_byte) for each character that doesn't.
template <class Keep, class Replace>
void walk(std::string_view text, Keep keep, Replace replace) {
    std::size_t kept = 0;
    std::size_t at = find_suspicious(text, 0, may_change);
    while (at < text.size()) {
        const std::size_t replaced = replaced_bytes(text, at);
        if (replaced > 0) {
            if (at > kept) keep(text.substr(kept, at - kept));
            replace(byte_at(text, at));
            kept = at + replaced;
        }
        at = find_suspicious(text, at + (replaced > 0 ? replaced : 1), may_change);
    }
    if (kept < text.size()) keep(text.substr(kept));
}

/// The bytes of the line end at `at`, 0 if there is none.
std::size_t line_end_bytes(std::string_view text, std::size_t at) noexcept {
    const std::uint8_t first = byte_at(text, at);
    if (first == '\n') return 1;
    if (first == '\r') return byte_at(text, at + 1) == '\n' ? 2 : 1;
    const std::uint8_t third = byte_at(text, at + 2);
    const bool separator = byte_at(text, at + 1) == 0x80 && (third == 0xa8 || third == 0xa9);
    return first == 0xe2 && separator ? 3 : 0;
}

}  // namespace

void append_shown(std::string& out, std::string_view utf8_text) {
    walk(
        utf8_text, [&out](std::string_view piece) { out += piece; },
        [&out](std::uint8_t replaced) { append_replacement(out, replaced); });
}

std::size_t shown_bytes(std::string_view utf8_text) noexcept {
    std::size_t bytes = 0;
    walk(
        utf8_text, [&bytes](std::string_view piece) { bytes += piece.size(); },
        [&bytes](std::uint8_t) { bytes += replacement_bytes; });
    return bytes;
}

bool is_plain(std::string_view utf8_text) noexcept {
    bool plain = true;
    walk(utf8_text, [](std::string_view) {}, [&plain](std::uint8_t) { plain = false; });
    return plain;
}

bool LineSplitter::next(std::string_view& line) noexcept {
    if (rest_.empty()) return false;
    for (std::size_t at = find_suspicious(rest_, 0, may_end_line); at < rest_.size();
         at = find_suspicious(rest_, at + 1, may_end_line)) {
        const std::size_t end_bytes = line_end_bytes(rest_, at);
        if (end_bytes == 0) continue;
        line = rest_.substr(0, at);
        rest_.remove_prefix(at + end_bytes);
        return true;
    }
    line = std::exchange(rest_, {});
    return true;
}

std::size_t count_lines(std::string_view text, std::size_t count_max) noexcept {
    LineSplitter splitter(text);
    std::size_t count = 0;
    for (std::string_view line; count < count_max && splitter.next(line);)
        ++count;
    return count;
}

}  // namespace chatd::wire
