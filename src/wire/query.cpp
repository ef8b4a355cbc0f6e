#include "wire/query.hpp"

#include <algorithm>

#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/wire/utf8.hpp"
#include "wire/characters.hpp"

namespace chatd::wire {

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        char byte = text[at];
        if (byte == '%') {
            if (text.size() - at < 3) return {};
            const int high = hex_digit_value(text[at + 1]);
            const int low = hex_digit_value(text[at + 2]);
            if (high < 0 || low < 0) return {};
            byte = static_cast<char>(high * 16 + low);
            at += 2;
        } else if (byte == '+' && plus_is_blank) {
            byte = ' ';
        }
        if (byte == '\0') return {};
        decoded += byte;
    }
    if (!utf8_valid(as_bytes(decoded))) return {};
    return decoded;
}

std::expected<Query, std::string_view> Query::decode(std::string_view query) {
    Query decoded;
    while (!query.empty()) {
        const std::string_view written = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(written.size() + 1, query.size()));
        if (written.empty()) continue;
        if (decoded.parameters_.size() == limits::http_parameters_max) {
            return std::unexpected("The query has more parameters than anything here knows.");
        }
        const std::size_t mark = std::min(written.find('='), written.size());
        auto name = percent_decode(written.substr(0, mark), true);
        auto value = percent_decode(written.substr(std::min(mark + 1, written.size())), true);
        if (!name || !value) {
            return std::unexpected(
                "The query is not UTF-8 in percent-encoding: write %25 for a percent sign.");
        }
        if (decoded.find(*name)) return std::unexpected("A query parameter is given twice.");
        decoded.parameters_.push_back({std::move(*name), std::move(*value)});
    }
    return decoded;
}

const std::string* Query::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    return found == parameters_.end() ? nullptr : &found->value;
}

}  // namespace chatd::wire
