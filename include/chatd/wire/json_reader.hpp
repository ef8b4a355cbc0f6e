#pragma once
// Reads one JSON text (RFC 8259) and refuses it unless all of it is valid: strings, escapes, UTF-8,
// numbers, nesting, and nothing behind it. Only then is a value handed out, so nothing can be done
// on the strength of a text whose end is broken.
//
// A JsonReader owns a copy of the text, the unescaped strings and the nodes of its values; all of
// it is used again by the next read(). It grows with the texts it saw, to about 45 bytes for each
// byte of `text_bytes_max` (a node per value; a value has two bytes at least), and belongs to one
// thread; an engine has one for all its connections.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/json_value.hpp"

namespace chatd::wire {

enum class JsonFault : std::uint8_t {
    not_json,  ///< not one valid JSON value in UTF-8
    too_long,  ///< more bytes than this reader takes; not looked at
    too_deep,  ///< arrays and objects nested deeper than this reader takes
};

class JsonReader {
public:
    /// Takes texts of up to `text_bytes_max` bytes and `depth_max` arrays and objects within each
    /// other ("[]" has depth 1).
    JsonReader(std::size_t text_bytes_max, std::uint32_t depth_max);
    ~JsonReader();
    JsonReader(JsonReader&& other) noexcept;
    JsonReader& operator=(JsonReader&& other) noexcept;

    /// Reads `text`, which need not stay. The value and its views are valid until the next read().
    std::expected<JsonValue, JsonFault> read(Bytes text);

private:
    struct Parser;

    std::size_t text_bytes_max_;
    std::uint32_t depth_max_;
    std::unique_ptr<Parser> parser_;
    std::vector<char> text_;
    std::vector<JsonNode> nodes_;
};

}  // namespace chatd::wire
