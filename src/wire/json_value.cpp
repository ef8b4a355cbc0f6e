#include "chatd/wire/json_value.hpp"

#include <charconv>

#include "chatd/base/position.hpp"

namespace chatd::wire {

std::optional<JsonValue> JsonValue::find(const JsonName& name) const noexcept {
    std::optional<JsonValue> found;
    if (!is(JsonKind::object)) return found;
    for (const JsonValue member : *this) {
        if (member.is_named(name)) found = member;
    }
    return found;
}

std::string JsonValue::text_of(const JsonName& name) const {
    const auto member = find(name);
    return member ? std::string(member->text()) : std::string{};
}

std::uint64_t JsonValue::integer_of(const JsonName& name) const noexcept {
    const auto member = find(name);
    return member ? member->integer().value_or(0) : 0;
}

bool JsonValue::truth_of(const JsonName& name) const noexcept {
    const auto member = find(name);
    return member && member->truth();
}

std::optional<std::uint64_t> JsonValue::integer() const noexcept {
    if (!is(JsonKind::number)) return std::nullopt;
    const std::string_view digits = written();
    const char* const end = digits.data() + digits.size();
    std::uint64_t value = 0;
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || stopped != end || value > json_integer_max) return std::nullopt;
    return value;
}

}  // namespace chatd::wire
