#pragma once
// Entries of a conversation as rows of a given width: wrapped, grouped by author and day, with
// their times. Only what is seen is laid out, from the lower edge of the view upward, so a long
// history costs nothing. Values in, values out; any thread.
//
//                   ────────── Friday, 27 November 2026 ──────────
//    14:02      ana  hello
//                    and a second line
//    14:03      bob  hi
//                    👍 2

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cells.hpp"
#include "conversation.hpp"

namespace chatd::terminal {

struct Span {
    std::size_t column = 0;
    std::string text;
    Style style;
};

struct Row {
    std::vector<Span> spans;
    std::uint64_t serial = 0;  ///< of the entry it belongs to; 0: none
};

/// A line of one's own that the server has not answered yet.
struct PendingLine {
    std::string key;
    std::string room;
    std::string body;
    bool action = false;
};

/// How things are to look.
struct Look {
    std::size_t columns = 0;
    bool numbers = false;   ///< the messages' numbers in the place of their times
    Epoch epoch = 0;        ///< the room's present one: its numbers go without
    std::string_view nick;  ///< who we are
};

/// The colour and weight that a nick has everywhere.
Style style_of_nick(std::string_view nick) noexcept;

/// Cuts `line` into rows of at most `columns` (1 or more), between words where there are any.
std::vector<std::string_view> wrap(std::string_view line, std::size_t columns);

/// The rows of the entry at `index`, with the day or the "new" mark that stand above it.
std::vector<Row> rows_of(const Conversation& conversation, std::size_t index, const Look& look);

/// What the view shows: at most `count` rows, the last of them at the lower edge.
std::vector<Row> visible_rows(const Conversation& conversation, const Look& look, std::size_t count,
                              const std::vector<PendingLine>& pending);

/// The view moved up by `by` rows (down if negative), `count` rows high; never above the first row
/// nor below the end.
Scroll scrolled(const Conversation& conversation, const Look& look, std::size_t count,
                std::ptrdiff_t by);

/// How many rows there are above the view, counted no further than `enough`.
std::size_t rows_above(const Conversation& conversation, const Look& look, std::size_t count,
                       std::size_t enough);

}  // namespace chatd::terminal
