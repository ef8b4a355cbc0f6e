#pragma once
// JSON values held against JSON Schemas (draft 7) that stand within one document. Of the schema
// words those that the OpenRPC document uses: type, enum, minimum, maximum, items, properties,
// additionalProperties, required, allOf, oneOf, anyOf and $ref; any other word is a misfit, so that
// a schema never promises what nobody checks. Stricter than the standard in one thing: a member
// that nothing describes is a misfit too, as if unevaluatedProperties were false everywhere.
//
// Borrows the document, which must stay. Problems are "path what is wrong", or empty.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "chatd/wire/json_value.hpp"

namespace chatd::test {

class JsonSchemas {
public:
    explicit JsonSchemas(const wire::JsonValue& document) : document_(document) {}

    /// What a `$ref` leads to, through any number of them; the value itself without one; nullopt if
    /// it leads nowhere.
    std::optional<wire::JsonValue> follow(wire::JsonValue value) const {
        for (int count = 0; count < references_max; ++count) {
            const auto reference = value.find("$ref");
            if (!reference) return value;
            const auto found = at(reference->text());
            if (!found) return std::nullopt;
            value = *found;
        }
        return std::nullopt;
    }

    /// Empty if the value fits.
    std::string misfit(const wire::JsonValue& schema, const wire::JsonValue& value,
                       const std::string& path) const {
        Names described;
        std::string problem = check(schema, value, path, described);
        if (!problem.empty() || !value.is(wire::JsonKind::object)) return problem;
        for (const wire::JsonValue member : value) {
            if (!described.contains(member.name())) {
                return path + "." + std::string(member.name()) + " is not described";
            }
        }
        return {};
    }

private:
    static constexpr int references_max = 16;
    using Names = std::set<std::string_view>;

    std::optional<wire::JsonValue> at(std::string_view path) const {
        if (!path.starts_with("#/")) return std::nullopt;
        path.remove_prefix(2);
        std::optional<wire::JsonValue> found = document_;
        while (found && !path.empty()) {
            const std::string_view name = path.substr(0, path.find('/'));
            path.remove_prefix(std::min(name.size() + 1, path.size()));
            found = found->find(name);
        }
        return found;
    }

    std::string check(const wire::JsonValue& referring, const wire::JsonValue& value,
                      const std::string& path, Names& described) const {
        if (referring.find("$ref") && referring.count() != 1) {
            return path + ": a $ref stands alone, its neighbours would not count";
        }
        const auto schema = follow(referring);
        if (!schema) return path + ": a $ref leads nowhere";
        for (const wire::JsonValue word : *schema) {
            std::string problem = check_word(*schema, word, value, path, described);
            if (!problem.empty()) return problem;
        }
        return {};
    }

    std::string check_word(const wire::JsonValue& schema, const wire::JsonValue& word,
                           const wire::JsonValue& value, const std::string& path,
                           Names& described) const {
        const std::string_view name = word.name();
        if (name == "description") return {};
        if (name == "type") {
            return has_type(value, word.text()) ? "" : path + " is no " + std::string(word.text());
        }
        if (name == "enum") return contains(word, value) ? "" : path + " is none of its words";
        if (name == "minimum") {
            const bool small = value.integer() && *value.integer() < *word.integer();
            return small ? path + " is too small" : "";
        }
        if (name == "maximum") {
            const bool large = value.integer() && *value.integer() > *word.integer();
            return large ? path + " is too large" : "";
        }
        if (name == "items") return check_elements(word, value, path);
        if (name == "properties") return check_members(word, value, path, described);
        if (name == "additionalProperties")
            return check_others(schema, word, value, path, described);
        if (name == "required") return check_required(word, value, path);
        if (name == "allOf") {
            for (const wire::JsonValue part : word) {
                std::string problem = check(part, value, path, described);
                if (!problem.empty()) return problem;
            }
            return {};
        }
        if (name == "oneOf" || name == "anyOf") {
            return check_choices(word, value, path, described, name == "oneOf");
        }
        return path + ": " + std::string(name) + " is a word that nobody checks";
    }

    static bool has_type(const wire::JsonValue& value, std::string_view type) {
        using wire::JsonKind;
        if (type == "string") return value.is(JsonKind::string);
        if (type == "integer") return value.integer().has_value();
        if (type == "boolean") return value.is(JsonKind::boolean);
        if (type == "array") return value.is(JsonKind::array);
        return type == "object" && value.is(JsonKind::object);
    }
    static bool contains(const wire::JsonValue& words, const wire::JsonValue& value) {
        return std::any_of(words.begin(), words.end(), [&](const wire::JsonValue& word) {
            return word.kind() == value.kind() &&
                   (word.is(wire::JsonKind::string) ? word.text() == value.text()
                                                    : word.written() == value.written());
        });
    }

    std::string check_elements(const wire::JsonValue& schema, const wire::JsonValue& value,
                               const std::string& path) const {
        if (!value.is(wire::JsonKind::array)) return {};
        for (const wire::JsonValue element : value) {
            std::string problem = misfit(schema, element, path + "[]");
            if (!problem.empty()) return problem;
        }
        return {};
    }
    std::string check_members(const wire::JsonValue& properties, const wire::JsonValue& value,
                              const std::string& path, Names& described) const {
        if (!value.is(wire::JsonKind::object)) return {};
        for (const wire::JsonValue member : value) {
            const auto property = properties.find(member.name());
            if (!property) continue;
            described.insert(member.name());
            std::string problem =
                misfit(*property, member, path + "." + std::string(member.name()));
            if (!problem.empty()) return problem;
        }
        return {};
    }
    std::string check_others(const wire::JsonValue& schema, const wire::JsonValue& others,
                             const wire::JsonValue& value, const std::string& path,
                             Names& described) const {
        if (!value.is(wire::JsonKind::object)) return {};
        const auto properties = schema.find("properties");
        for (const wire::JsonValue member : value) {
            if (properties && properties->find(member.name())) continue;
            described.insert(member.name());
            std::string problem = misfit(others, member, path + "." + std::string(member.name()));
            if (!problem.empty()) return problem;
        }
        return {};
    }
    static std::string check_required(const wire::JsonValue& names, const wire::JsonValue& value,
                                      const std::string& path) {
        if (!value.is(wire::JsonKind::object)) return {};
        for (const wire::JsonValue name : names) {
            if (!value.find(name.text())) {
                return path + "." + std::string(name.text()) + " is missing";
            }
        }
        return {};
    }
    std::string check_choices(const wire::JsonValue& choices, const wire::JsonValue& value,
                              const std::string& path, Names& described, bool one) const {
        int fitting = 0;
        for (const wire::JsonValue choice : choices) {
            Names of_choice;
            if (!check(choice, value, path, of_choice).empty()) continue;
            ++fitting;
            described.merge(of_choice);
        }
        if (fitting == 0) return path + " fits none of its choices";
        return one && fitting > 1 ? path + " fits more than one of its choices" : "";
    }

    wire::JsonValue document_;
};

}  // namespace chatd::test
