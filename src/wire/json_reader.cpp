#include "chatd/wire/json_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "chatd/base/assert.hpp"
#include "chatd/wire/utf8.hpp"

namespace chatd::wire {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t brackets_bytes = 2;
constexpr std::size_t quotes_bytes = 2;
constexpr std::size_t text_bytes_first = 1024;  // the first buffer: a chat line's worth

std::string_view without_blanks_behind(std::string_view token) noexcept {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!token.empty() && is_blank(token.back()))
        token.remove_suffix(1);
    return token;
}

std::size_t skip_digits(std::string_view number, std::size_t at) noexcept {
    while (at < number.size() && number[at] >= '0' && number[at] <= '9')
        ++at;
    return at;
}

/// Where in the word the bytes are that equal the one that `pattern` repeats; the lowest is exact.
constexpr std::uint64_t bytes_equal(std::uint64_t word, std::uint64_t pattern) noexcept {
    const std::uint64_t differing = word ^ pattern;
    return (differing - 0x0101010101010101) & ~differing & 0x8080808080808080;
}

/// Eight bytes from there on, the first one lowest; padding follows every text.
std::uint64_t word_at(const char* text) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    return word;
}

/// A name as it stands in the text.
JsonName name_at(const char* text, std::size_t size) noexcept {
    std::uint64_t head = word_at(text);
    if (size < JsonName::head_bytes) head &= (std::uint64_t{1} << 8 * size) - 1;
    return {{text, size}, head};
}

/// The first one at or after `text`: there is one before the text's end, which padding follows.
const char* find_quote_or_backslash(const char* text) noexcept {
    for (;; text += sizeof(std::uint64_t)) {
        const std::uint64_t word = word_at(text);
        constexpr std::uint64_t quotes = 0x2222222222222222;
        constexpr std::uint64_t backslashes = 0x5c5c5c5c5c5c5c5c;
        const std::uint64_t found = bytes_equal(word, quotes) | bytes_equal(word, backslashes);
        if (found != 0) return text + std::countr_zero(found) / 8;
    }
}

/// RFC 8259 6. The library's numbers end at what a double or 64 bits hold, JSON's don't, and an id
/// is only ever given back as it was written.
bool is_number(std::string_view token) noexcept {
    const std::size_t whole_at = token.starts_with('-') ? 1 : 0;
    std::size_t at = skip_digits(token, whole_at);
    if (at == whole_at) return false;
    if (token[whole_at] == '0' && at > whole_at + 1) return false;
    if (at < token.size() && token[at] == '.') {
        const std::size_t fraction_at = at + 1;
        at = skip_digits(token, fraction_at);
        if (at == fraction_at) return false;
    }
    if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
        std::size_t power_at = at + 1;
        if (power_at < token.size() && (token[power_at] == '+' || token[power_at] == '-')) {
            ++power_at;
        }
        at = skip_digits(token, power_at);
        if (at == power_at) return false;
    }
    return at == token.size();
}

/// Walks the whole document and lists its values. The library validates lazily, so what it would
/// leave unlooked at is looked at here.
class Walk {
public:
    Walk(std::vector<JsonNode>& nodes, std::uint32_t depth_max) noexcept
        : nodes_(nodes), depth_max_(depth_max) {}

    /// Takes the one element of the array that `document` is.
    bool take(ondemand::document& document) {
        ondemand::array array;
        if (document.get_array().get(array)) return false;
        bool any = false;
        for (auto element : array) {
            ondemand::value value;
            if (any || std::move(element).get(value)) return false;
            any = true;
            if (!take_value(value, {}, 0)) return false;
        }
        const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
        return any && at_end;
    }

    JsonFault fault() const noexcept { return fault_; }

private:
    bool take_value(ondemand::value& value, const JsonName& name, std::uint32_t depth) {
        ondemand::json_type type;
        if (value.type().get(type)) return false;
        const std::size_t index = nodes_.size();
        JsonNode& node = nodes_.emplace_back();
        node.name = name;
        node.written = without_blanks_behind(value.raw_json_token());
        switch (type) {
            case ondemand::json_type::array:
                node.kind = JsonKind::array;
                return enter(depth) && take_elements(value, index, depth + 1);
            case ondemand::json_type::object:
                node.kind = JsonKind::object;
                return enter(depth) && take_members(value, index, depth + 1);
            case ondemand::json_type::string:
                node.kind = JsonKind::string;
                return take_string(value, node);
            case ondemand::json_type::number:
                node.kind = JsonKind::number;
                return is_number(node.written);
            case ondemand::json_type::boolean:
                node.kind = JsonKind::boolean;
                node.truth = node.written == "true";
                return node.truth || node.written == "false";
            case ondemand::json_type::null:
                node.kind = JsonKind::null;
                return node.written == "null";
        }
        return false;
    }

    bool enter(std::uint32_t depth) noexcept {
        if (depth < depth_max_) return true;
        fault_ = JsonFault::too_deep;
        return false;
    }

    bool take_elements(ondemand::value& value, std::size_t index, std::uint32_t depth) {
        ondemand::array array;
        if (value.get_array().get(array)) return false;
        std::uint32_t count = 0;
        for (auto element : array) {
            ondemand::value child;
            if (std::move(element).get(child) || !take_value(child, {}, depth)) return false;
            ++count;
        }
        return close(value, index, count);
    }

    bool take_members(ondemand::value& value, std::size_t index, std::uint32_t depth) {
        ondemand::object object;
        if (value.get_object().get(object)) return false;
        std::uint32_t count = 0;
        for (auto member : object) {
            ondemand::field field;
            JsonName name;
            if (std::move(member).get(field) || !take_name(field, name)) return false;
            if (!take_value(field.value(), name, depth)) return false;
            ++count;
        }
        return close(value, index, count);
    }

    /// An array or object ends before the token that follows it.
    bool close(ondemand::value& value, std::size_t index, std::uint32_t count) {
        const char* behind = nullptr;
        if (value.current_location().get(behind)) return false;
        JsonNode& node = nodes_[index];
        const char* const start = node.written.data();
        node.written = without_blanks_behind({start, static_cast<std::size_t>(behind - start)});
        node.count = count;
        node.node_count = static_cast<std::uint32_t>(nodes_.size() - index);
        return true;
    }

    // A string without escapes stands for itself: the library has looked at its UTF-8 and for
    // controls before the walk. Escapes may name half of a surrogate pair, which is no character
    // and has no UTF-8.

    static bool take_name(ondemand::field& field, JsonName& name) {
        const char* const written = field.key().raw();
        const char* const end = find_quote_or_backslash(written);
        if (*end == '"') {
            name = name_at(written, static_cast<std::size_t>(end - written));
            return true;
        }
        std::string_view unescaped;
        if (field.unescaped_key().get(unescaped)) return false;
        name = unescaped;
        return utf8_valid(as_bytes(unescaped));
    }

    static bool take_string(ondemand::value& value, JsonNode& node) {
        if (node.written.size() < quotes_bytes || node.written.back() != '"') return false;
        const std::string_view within = node.written.substr(1, node.written.size() - quotes_bytes);
        if (within.find('\\') == std::string_view::npos) {
            node.text = within;
            // It is taken all the same: what is left lying before a ':' the iterator takes for a
            // key, and skips what follows unseen.
            ondemand::raw_json_string taken;
            return !value.get_raw_json_string().get(taken);
        }
        return !value.get_string().get(node.text) && utf8_valid(as_bytes(node.text));
    }

    std::vector<JsonNode>& nodes_;
    std::uint32_t depth_max_;
    JsonFault fault_ = JsonFault::not_json;
};

}  // namespace

struct JsonReader::Parser {
    ondemand::parser parser;
};

JsonReader::JsonReader(std::size_t text_bytes_max, std::uint32_t depth_max)
    : text_bytes_max_(text_bytes_max), depth_max_(depth_max), parser_(std::make_unique<Parser>()) {}

JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&& other) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&& other) noexcept = default;

std::expected<JsonValue, JsonFault> JsonReader::read(Bytes text) {
    if (text.size() > text_bytes_max_) return std::unexpected(JsonFault::too_long);
    // The library iterates arrays and objects; in brackets of our own every text is an array of
    // one element, and a lone string or number needs no path of its own.
    const std::size_t document_bytes = text.size() + brackets_bytes;
    if (text_.size() < document_bytes + simdjson::SIMDJSON_PADDING) {
        const std::size_t bytes = std::bit_ceil(std::max(document_bytes, text_bytes_first));
        text_.resize(bytes + simdjson::SIMDJSON_PADDING);
        CHATD_ASSERT(!parser_->parser.allocate(bytes));
    }
    text_.front() = '[';
    if (!text.empty()) std::memcpy(text_.data() + 1, text.data(), text.size());
    text_[document_bytes - 1] = ']';
    std::memset(text_.data() + document_bytes, 0, simdjson::SIMDJSON_PADDING);

    nodes_.clear();
    ondemand::document document;
    const simdjson::padded_string_view padded(text_.data(), document_bytes, text_.size());
    if (parser_->parser.iterate(padded).get(document)) return std::unexpected(JsonFault::not_json);
    Walk walk(nodes_, depth_max_);
    if (!walk.take(document)) return std::unexpected(walk.fault());
    return JsonValue(nodes_.front());
}

}  // namespace chatd::wire
