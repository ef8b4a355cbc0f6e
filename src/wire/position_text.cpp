#include "chatd/wire/position_text.hpp"

#include <charconv>

namespace chatd::wire {

namespace {

// All of `digits`, as a number that JSON could write too.
std::optional<std::uint64_t> parse_number(std::string_view digits) noexcept {
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc{} || stopped != end || number > json_integer_max) return std::nullopt;
    return number;
}

}  // namespace

void append_position(std::string& out, const Position& at, Epoch present) {
    if (at.epoch != present && at.epoch != 0) {
        out += std::to_string(at.epoch);
        out += ':';
    }
    out += std::to_string(at.seq);
}

std::optional<Position> parse_position(std::string_view text) noexcept {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        const auto seq = parse_number(text);
        if (!seq || *seq == 0) return std::nullopt;
        return Position{.epoch = 0, .seq = *seq};
    }
    const auto epoch = parse_number(text.substr(0, colon));
    const auto seq = parse_number(text.substr(colon + 1));
    if (!epoch || *epoch == 0 || !seq) return std::nullopt;
    return Position{.epoch = *epoch, .seq = *seq};
}

}  // namespace chatd::wire
