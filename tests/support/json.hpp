#pragma once
// JSON for tests: texts compared as values, and values read where they must be valid. Read by the
// codec's own reader, which has its own tests.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/json_text.hpp"
#include "support/catch.hpp"

namespace chatd::test {

inline void append_canonical(std::string& out, const wire::JsonValue& value) {
    using wire::JsonKind;
    if (value.is(JsonKind::string)) {
        wire::append_json_string(out, value.text());
    } else if (value.is(JsonKind::array)) {
        wire::append_json_array(
            out, value, [&](const wire::JsonValue& element) { append_canonical(out, element); });
    } else if (value.is(JsonKind::object)) {
        std::vector<std::pair<std::string, std::string>> members;
        for (const wire::JsonValue member : value) {
            std::string text;
            append_canonical(text, member);
            members.emplace_back(std::string(member.name()), std::move(text));
        }
        std::sort(members.begin(), members.end());
        wire::JsonObject object(out);
        for (const auto& [name, text] : members) {
            object.any_name(name);
            out += text;
        }
        object.close();
    } else {
        out += value.written();
    }
}

/// Reads texts that must be JSON, of any length.
class JsonText {
public:
    explicit JsonText(std::string_view text) : reader_(std::size_t{1} << 24, 64) {
        const auto value = reader_.read(as_bytes(text));
        INFO(text);
        REQUIRE(value.has_value());
        value_ = *value;
    }
    const wire::JsonValue& value() const { return *value_; }

private:
    wire::JsonReader reader_;
    std::optional<wire::JsonValue> value_;
};

/// The text without blanks, members in the order of their names.
inline std::string canonical(std::string_view text) {
    std::string out;
    append_canonical(out, JsonText(text).value());
    return out;
}

}  // namespace chatd::test
