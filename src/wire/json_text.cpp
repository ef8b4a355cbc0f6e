#include "chatd/wire/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstring>
#include <string_view>

#include "chatd/wire/hex.hpp"
#include "chatd/wire/time_text.hpp"
#include "wire/byte_search.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

/// RFC 8259 7 asks for controls, the quote and the backslash; DEL is a control to a terminal too.
constexpr auto needs_escape = [](const auto& byte) {
    return (byte < 0x20) | (byte == '"') | (byte == '\\') | (byte == 0x7f);
};

/// All of them at once: a message in JSON is made of dozens of small parts.
void append_parts(std::string& out, std::same_as<std::string_view> auto... parts) {
    const std::size_t start = out.size();
    const std::size_t end = start + (parts.size() + ...);
    // The size that is passed may be larger than what was asked for.
    out.resize_and_overwrite(end, [&](char* text, std::size_t) {
        char* target = text + start;
        const auto put = [&target](std::string_view part) {
            target = std::copy(part.begin(), part.end(), target);  // an empty part may be null
        };
        (put(parts), ...);
        return end;
    });
}

void append_escape(std::string& out, char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[static_cast<unsigned char>(byte) >> 4];
            out += digits[static_cast<unsigned char>(byte) & 0xf];
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view utf8_text) {
    std::size_t at = find_suspicious(utf8_text, 0, needs_escape);
    if (at == utf8_text.size()) return append_parts(out, "\""sv, utf8_text, "\""sv);
    out += '"';
    std::size_t kept = 0;
    while (at < utf8_text.size()) {
        out += utf8_text.substr(kept, at - kept);
        append_escape(out, utf8_text[at]);
        kept = ++at;
        at = find_suspicious(utf8_text, at, needs_escape);
    }
    out += utf8_text.substr(kept);
    out += '"';
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

void JsonObject::name(std::string_view member) {
    const std::string_view start = empty_ ? "\""sv : ",\""sv;
    empty_ = false;
    append_parts(out_, start, member, "\":"sv);
}

void JsonObject::text(std::string_view member, std::string_view utf8_text) {
    name(member);
    append_json_string(out_, utf8_text);
}

void JsonObject::integer(std::string_view member, std::uint64_t value) {
    name(member);
    append_json_integer(out_, value);
}

void JsonObject::boolean(std::string_view member, bool value) {
    name(member);
    out_ += value ? "true" : "false";
}

void JsonObject::position(std::string_view member, Position at) {
    name(member);
    append_json_position(out_, at);
}

void JsonObject::uuid(std::string_view member, const Uuid& id) {
    name(member);
    out_ += '"';
    append_uuid(out_, id);
    out_ += '"';
}

void JsonObject::time(std::string_view member, UnixMs at) {
    name(member);
    append_json_time(out_, at);
}

}  // namespace chatd::wire
