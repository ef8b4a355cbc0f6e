#pragma once
// The language of searches: words, "phrases", from:NICK, in:ROOM, before:TIME and after:TIME, in
// any order, between blanks. All of them must hold. Pure functions, any thread.
//
//   TIME    2026-11-26 (that day's beginning, UTC) or an RFC 3339 time; `after` includes it, so
//           that after:2026-11-25 before:2026-11-26 is one day
//   quotes  "two words" stand beside each other in that order; a quoted from:ana is plain text
//   else    a word with a colon in it is a word: http://host

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/position.hpp"

namespace chatd::wire {

/// Views borrow from the text it was read from.
struct SearchQuery {
    std::vector<std::string_view> terms;  ///< words and phrases, without their quotes
    std::string_view from;                ///< empty: anybody
    std::string_view room;                ///< without '#'; empty: not said
    std::optional<UnixMs> after;          ///< at this time or later
    std::optional<UnixMs> before;         ///< earlier than this time
};

/// At least one condition; at most limits::search_query_bytes_max bytes and
/// limits::search_terms_max terms. The error says what is wrong, as one part of a sentence.
std::expected<SearchQuery, std::string> parse_search_query(std::string_view text);

}  // namespace chatd::wire
