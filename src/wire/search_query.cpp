#include "chatd/wire/search_query.hpp"

#include <fmt/format.h>

#include "chatd/base/limits.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::wire {

namespace {

using Problem = std::unexpected<std::string>;
constexpr std::string_view blanks = " \t\r\n";

Problem problem(std::string text) {
    return Problem(std::move(text));
}

std::optional<UnixMs> parse_moment(std::string_view text) {
    constexpr std::size_t date_bytes = 10;
    if (text.size() == date_bytes) return parse_time(std::string(text) + "T00:00:00Z");
    return parse_time(text);
}

class Parser {
public:
    explicit Parser(std::string_view text) noexcept : rest_(text) {}

    std::expected<SearchQuery, std::string> parse() {
        while (skip_blanks()) {
            if (auto taken = rest_.front() == '"' ? take_phrase() : take_word(); !taken)
                return Problem(taken.error());
            if (query_.terms.size() > limits::search_terms_max) {
                return problem(
                    fmt::format("more than {} words and phrases", limits::search_terms_max));
            }
        }
        const bool empty = query_.terms.empty() && query_.from.empty() && query_.room.empty() &&
                           !query_.after && !query_.before;
        if (empty) return problem("there is nothing to search for");
        return query_;
    }

private:
    using Taken = std::expected<void, std::string>;

    bool skip_blanks() {
        const std::size_t start = rest_.find_first_not_of(blanks);
        rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
        return !rest_.empty();
    }

    Taken take_phrase() {
        const std::size_t end = rest_.find('"', 1);
        if (end == std::string_view::npos) return problem("a quote is not closed");
        const std::string_view phrase = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        if (phrase.find_first_not_of(blanks) == std::string_view::npos)
            return problem("there is nothing between two quotes");
        query_.terms.push_back(phrase);
        return {};
    }

    // A word ends at a blank; a quote within it is one of its characters.
    Taken take_word() {
        const std::string_view word = rest_.substr(0, rest_.find_first_of(blanks));
        rest_.remove_prefix(word.size());
        const std::size_t colon = word.find(':');
        const std::string_view name = word.substr(0, colon);
        const std::string_view value =
            colon == std::string_view::npos ? std::string_view() : word.substr(colon + 1);
        if (name == word) {
            query_.terms.push_back(word);
            return {};
        }
        if (name == "from") return take_name(name, value, query_.from);
        if (name == "in") return take_name(name, bare_room(value), query_.room);
        if (name == "after") return take_time(name, value, query_.after);
        if (name == "before") return take_time(name, value, query_.before);
        query_.terms.push_back(word);
        return {};
    }

    static Taken take_name(std::string_view name, std::string_view value,
                           std::string_view& target) {
        if (!target.empty()) return problem(fmt::format("{}: is given twice", name));
        if (value.empty()) return problem(fmt::format("{}: lacks a name", name));
        target = value;
        return {};
    }

    static Taken take_time(std::string_view name, std::string_view value,
                           std::optional<UnixMs>& target) {
        if (target) return problem(fmt::format("{}: is given twice", name));
        target = parse_moment(value);
        if (target) return {};
        return problem(fmt::format("{}: takes 2026-11-26 or 2026-11-26T10:00:00Z", name));
    }

    std::string_view rest_;
    SearchQuery query_;
};

}  // namespace

std::expected<SearchQuery, std::string> parse_search_query(std::string_view text) {
    if (text.size() > limits::search_query_bytes_max) {
        return problem(
            fmt::format("a search has at most {} bytes", limits::search_query_bytes_max));
    }
    if (text.find('\0') != std::string_view::npos) return problem("a search holds no NUL");
    return Parser(text).parse();
}

}  // namespace chatd::wire
