#pragma once
// Writing JSON (RFC 8259): plain functions that append to a string of the caller's, and a writer
// of objects. What is written holds no control character and no newline, so any text of it is one
// line. Texts given are valid UTF-8; nothing is kept. Any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"
#include "chatd/base/position.hpp"
#include "chatd/base/uuid.hpp"

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

/// Writes one object member by member. Names are plain ASCII that need no escape.
class JsonObject {
public:
    /// Appends `{`. `out` must stay and nobody else may append to it until close().
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;

    void text(std::string_view name, std::string_view utf8_text);
    void integer(std::string_view name, std::uint64_t value);
    void boolean(std::string_view name, bool value);
    void position(std::string_view name, Position at);
    void uuid(std::string_view name, const Uuid& id);
    void time(std::string_view name, UnixMs at);

    /// Appends the name; the caller appends exactly one JSON value after it.
    void name(std::string_view member);

    /// Appends `}`.
    void close() { out_ += '}'; }

private:
    std::string& out_;
    bool empty_ = true;
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
