#pragma once
// A JSON value that was read (wire/json_reader.hpp): a small handle to walk a text that is known to
// be valid as a whole. It borrows from its reader, which owns nodes and texts: valid until that
// reads again. Belongs to the reader's thread.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/wire/json_name.hpp"

namespace chatd::wire {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

/// One value within its reader's list. What an array or object holds follows it there, depth
/// first:  [ object | member | member (array) | element | element | … ]
struct JsonNode {
    JsonName name;                 ///< of an object's member, unescaped
    std::string_view written;      ///< the value as it stands in the text, without blanks around it
    std::string_view text;         ///< of a string, unescaped: valid UTF-8
    std::uint32_t count = 0;       ///< how many members or elements it has
    std::uint32_t node_count = 1;  ///< itself and all within it: what to skip to its sibling
    JsonKind kind = JsonKind::null;
    bool truth = false;  ///< of a boolean
};

class JsonValue {
public:
    explicit JsonValue(const JsonNode& node) noexcept : node_(&node) {}

    JsonKind kind() const noexcept { return node_->kind; }
    bool is(JsonKind kind) const noexcept { return node_->kind == kind; }
    std::string_view name() const noexcept { return node_->name; }
    bool is_named(const JsonName& name) const noexcept { return node_->name == name; }
    std::string_view written() const noexcept { return node_->written; }
    std::string_view text() const noexcept { return node_->text; }
    bool truth() const noexcept { return node_->truth; }
    std::size_t count() const noexcept { return node_->count; }

    /// The member of that name; of several the last one. Give it a name before walking it: a loop
    /// over *value.find("x") would outlive the optional.
    std::optional<JsonValue> find(const JsonName& name) const noexcept;

    /// What that member holds; nothing ("", 0, false) if it is missing or of another kind.
    std::string text_of(const JsonName& name) const;
    std::uint64_t integer_of(const JsonName& name) const noexcept;
    bool truth_of(const JsonName& name) const noexcept;

    /// A number written as an integer from 0 to 2^53; nullopt for "1.0", "1e3" and all else.
    std::optional<std::uint64_t> integer() const noexcept;

    /// Walks the elements of an array or the members of an object.
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = JsonValue;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = JsonValue;

        explicit Iterator(const JsonNode* node) noexcept : node_(node) {}
        JsonValue operator*() const noexcept { return JsonValue(*node_); }
        Iterator& operator++() noexcept {
            node_ += node_->node_count;
            return *this;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

    private:
        const JsonNode* node_;
    };
    Iterator begin() const noexcept { return Iterator(node_ + 1); }
    Iterator end() const noexcept { return Iterator(node_ + node_->node_count); }

private:
    const JsonNode* node_;
};

}  // namespace chatd::wire
