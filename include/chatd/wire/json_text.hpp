#pragma once
// Writing JSON (RFC 8259): plain functions that append to a string of the caller's, and a writer
// of objects. What is written holds no control character and no newline, so any text of it is one
// line. Texts given are valid UTF-8; nothing is kept. Any thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "chatd/base/bytes.hpp"
#include "chatd/base/position.hpp"
#include "chatd/base/uuid.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::wire {

/// Appends `utf8_text` quoted and escaped: ", \ and controls (DEL too); all else stays as it is. A
/// byte grows to at most six.
void append_json_string(std::string& out, std::string_view utf8_text);

/// Appends a number, at most 2^53: what is more, only a counter could be, is written as 2^53.
void append_json_integer(std::string& out, std::uint64_t value);

/// Appends "de ad be ef", quoted (wire/hex.hpp reads it).
void append_json_hex(std::string& out, Bytes bytes);

/// Appends the RFC 3339 time in UTC with milliseconds, quoted.
void append_json_time(std::string& out, UnixMs at);

/// Appends {"epoch":1,"seq":41}.
void append_json_position(std::string& out, Position at);

/// Writes one object member by member. Names are literals that need no escape. A member is written
/// in one piece, its name with a size that the compiler knows: an event that many read is made of a
/// dozen of them.
class JsonObject {
public:
    /// `out` must stay, and nobody else may append to it until close().
    explicit JsonObject(std::string& out) : out_(out) {}
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;

    template <std::size_t size>
    void text(const char (&name)[size], std::string_view utf8_text) {
        if (!is_verbatim(utf8_text)) {
            this->name(name);
            return append_json_string(out_, utf8_text);
        }
        member(name, utf8_text.size() + quotes, [utf8_text](char* at) noexcept {
            *at++ = '"';
            at = std::copy(utf8_text.begin(), utf8_text.end(), at);
            *at++ = '"';
            return at;
        });
    }
    template <std::size_t size>
    void integer(const char (&name)[size], std::uint64_t value) {
        member(name, integer_bytes_max,
               [value](char* at) noexcept { return put_integer(at, value); });
    }
    template <std::size_t size>
    void boolean(const char (&name)[size], bool value) {
        this->name(name);
        out_ += value ? "true" : "false";
    }
    template <std::size_t size>
    void position(const char (&name)[size], Position at) {
        this->name(name);
        append_json_position(out_, at);
    }
    template <std::size_t size>
    void uuid(const char (&name)[size], const Uuid& id) {
        member(name, uuid_text_bytes + quotes,
               [&id](char* at) noexcept { return put_uuid(at, id); });
    }
    template <std::size_t size>
    void time(const char (&name)[size], UnixMs when) {
        member(name, time_text_bytes + quotes,
               [when](char* at) noexcept { return put_time(at, when); });
    }

    /// Appends the name; the caller appends exactly one JSON value after it.
    template <std::size_t size>
    void name(const char (&name)[size]) {
        member(name, 0, [](char* at) noexcept { return at; });
    }
    /// The same for a name that is no literal, and needs no escape either.
    void any_name(std::string_view name);

    void close() { out_ += opener_ == '{' ? std::string_view("{}") : std::string_view("}"); }

private:
    static constexpr std::size_t quotes = 2;
    static constexpr std::size_t integer_bytes_max = 20;

    static bool is_verbatim(std::string_view utf8_text) noexcept;
    static char* put_integer(char* at, std::uint64_t value) noexcept;
    static char* put_uuid(char* at, const Uuid& id) noexcept;
    static char* put_time(char* at, UnixMs when) noexcept;

    /// Appends the name, and what `put(at)` writes behind it: at most `value_bytes_max` bytes, to
    /// whose end it returns.
    template <std::size_t size, class Put>
    void member(const char (&name)[size], std::size_t value_bytes_max, Put put) {
        constexpr std::size_t name_bytes = size - 1;
        const std::size_t start = out_.size();
        const char opener = std::exchange(opener_, ',');
        const std::size_t bytes_max = name_bytes + sizeof(R"({"":)") - 1 + value_bytes_max;
        out_.resize_and_overwrite(start + bytes_max, [&](char* text, std::size_t) noexcept {
            char* at = text + start;
            *at++ = opener;
            *at++ = '"';
            std::memcpy(at, name, name_bytes);
            at += name_bytes;
            *at++ = '"';
            *at++ = ':';
            return static_cast<std::size_t>(put(at) - text);
        });
    }

    std::string& out_;
    char opener_ = '{';  ///< what stands before the next member
};

/// Appends an array of what `append_one(value)` appends for each value.
template <class Values, class AppendOne>
void append_json_array(std::string& out, const Values& values, AppendOne append_one) {
    out += '[';
    bool first = true;
    for (const auto& value : values) {
        if (!first) out += ',';
        first = false;
        append_one(value);
    }
    out += ']';
}

}  // namespace chatd::wire
