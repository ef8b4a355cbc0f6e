#include "load/json_body.hpp"

#include <optional>

namespace chatd::load {

namespace {

/// Up to the quote that ends it; nothing when there is none.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') return out;
        const bool escape = text[at] == '\\' && at + 1 < text.size() &&
                            (text[at + 1] == '"' || text[at + 1] == '\\');
        out.push_back(text[escape ? ++at : at]);
    }
    return std::nullopt;
}

}  // namespace

void take_json_body(std::string_view params, Heard& heard) {
    // No other member can hold this: names of rooms and people have no quotes, and the quotes of
    // a body itself are escaped.
    constexpr std::string_view member = R"("body":")";
    const std::size_t begin = params.find(member);
    if (begin == std::string_view::npos) return;
    const std::string_view text = params.substr(begin + member.size());
    const std::size_t end = text.find('"');
    if (end == std::string_view::npos) return;
    const std::string_view whole = text.substr(0, end);
    if (whole.find('\\') == std::string_view::npos) {
        heard.bodies.push_back(whole);
    } else if (auto resolved = unescaped(text)) {
        heard.bodies.push_back(heard.kept.emplace_back(std::move(*resolved)));
    }
}

}  // namespace chatd::load
