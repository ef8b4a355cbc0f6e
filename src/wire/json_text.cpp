#include "chatd/wire/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "chatd/wire/hex.hpp"
#include "chatd/wire/time_text.hpp"
#include "wire/append_parts.hpp"
#include "wire/byte_search.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

/// RFC 8259 7 asks for controls, the quote and the backslash; DEL is a control to a terminal too.
constexpr auto needs_escape = [](const auto& byte) {
    return (byte < 0x20) | (byte == '"') | (byte == '\\') | (byte == 0x7f);
};

template <std::size_t size>
char* put_quoted(char* at, const std::array<char, size>& text) noexcept {
    *at++ = '"';
    at = std::copy(text.begin(), text.end(), at);
    *at++ = '"';
    return at;
}

constexpr std::size_t escape_bytes_max = 6;

char* put_escape(char* at, char byte) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    *at++ = '\\';
    switch (byte) {
        case '"':
        case '\\':
            *at++ = byte;
            return at;
        case '\n':
            *at++ = 'n';
            return at;
        case '\r':
            *at++ = 'r';
            return at;
        case '\t':
            *at++ = 't';
            return at;
        default:
            *at++ = 'u';
            *at++ = '0';
            *at++ = '0';
            *at++ = digits[static_cast<unsigned char>(byte) >> 4];
            *at++ = digits[static_cast<unsigned char>(byte) & 0xf];
            return at;
    }
}

/// What put_escaped() writes of it.
std::size_t escaped_bytes(std::string_view utf8_text) noexcept {
    std::size_t bytes = utf8_text.size();
    for (std::size_t at = 0;; ++at) {
        at = find_suspicious(utf8_text, at, needs_escape);
        if (at == utf8_text.size()) return bytes;
        char escape[escape_bytes_max];
        bytes += static_cast<std::size_t>(put_escape(escape, utf8_text[at]) - escape) - 1;
    }
}

char* put_escaped(char* at, std::string_view utf8_text) noexcept {
    std::size_t kept = 0;
    for (;;) {
        const std::size_t found = find_suspicious(utf8_text, kept, needs_escape);
        const auto part = utf8_text.substr(kept, found - kept);
        at = std::copy(part.begin(), part.end(), at);
        if (found == utf8_text.size()) return at;
        at = put_escape(at, utf8_text[found]);
        kept = found + 1;
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view utf8_text) {
    const std::size_t start = out.size();
    const std::size_t end = start + escaped_bytes(utf8_text) + 2;
    out.resize_and_overwrite(end, [&](char* text, std::size_t) noexcept {
        char* at = text + start;
        *at++ = '"';
        at = put_escaped(at, utf8_text);
        *at++ = '"';
        return static_cast<std::size_t>(at - text);
    });
}

void append_json_integer(std::string& out, std::uint64_t value) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   std::min(value, json_integer_max));
    out.append(digits.data(), end.ptr);
}

void append_json_hex(std::string& out, Bytes bytes) {
    out += '"';
    out += print_hex(bytes);
    out += '"';
}

void append_json_time(std::string& out, UnixMs at) {
    out += '"';
    append_time(out, at);
    out += '"';
}

void append_json_position(std::string& out, Position at) {
    JsonObject object(out);
    object.integer("epoch", at.epoch);
    object.integer("seq", at.seq);
    object.close();
}

void JsonObject::any_name(std::string_view name) {
    const char opener = std::exchange(opener_, ',');
    append_parts(out_, std::string_view(&opener, 1), "\""sv, name, "\":"sv);
}

bool JsonObject::is_verbatim(std::string_view utf8_text) noexcept {
    return none_suspicious(utf8_text, needs_escape);
}

char* JsonObject::put_integer(char* at, std::uint64_t value) noexcept {
    return std::to_chars(at, at + integer_bytes_max, std::min(value, json_integer_max)).ptr;
}

char* JsonObject::put_uuid(char* at, const Uuid& id) noexcept {
    return put_quoted(at, uuid_text(id));
}

char* JsonObject::put_time(char* at, UnixMs when) noexcept {
    return put_quoted(at, time_text(when));
}

}  // namespace chatd::wire
