#pragma once
// Where things stand on a screen of a given size, and how the line being typed is cut into rows.
// Pure functions; any thread.
//
//   title ─────────────────────────────────────
//   rooms │ talk                     │ members
//         │                          │
//   status ────────────────────────────────────
//   input
//
// Where there is little room the sides go first, then title and status; input and talk stay.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cells.hpp"

namespace chatd::terminal {

/// An area without rows is not shown.
struct Areas {
    Area title;
    Area rooms;
    Area talk;
    Area members;
    Area status;
    Area input;
};

/// `input_rows` is what the line being typed would like to have; it gets at most a quarter of the
/// screen. `with_members`: there is a list of them.
Areas areas_of(std::size_t rows, std::size_t columns, std::size_t input_rows, bool with_members);

/// A line in rows, and where in them the cursor is.
struct InputRows {
    std::vector<std::string> rows;
    Place cursor;
};

/// Cuts `text` into rows of `columns` (2 or more) after the `indent` columns of a prompt; `cursor`
/// is a byte of it.
InputRows input_rows_of(std::string_view text, std::size_t cursor, std::size_t indent,
                        std::size_t columns);

}  // namespace chatd::terminal
