#pragma once
// The screen as a value: rows and columns of styled cells. What draws writes here, what is tested
// is read from here, and only the front (screen/front.hpp) knows of a terminal. Owns its cells; one
// thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "glyphs.hpp"

namespace chatd::terminal {

/// The colours that every terminal has, as its owner chose them.
enum class Colour : std::uint8_t { usual, red, green, yellow, blue, magenta, cyan };

struct Style {
    Colour colour = Colour::usual;
    bool bold = false;
    bool faint = false;
    bool reverse = false;
    bool underlined = false;

    friend bool operator==(const Style&, const Style&) = default;
};

struct Cell {
    Glyph glyph{.codes = {U' '}, .code_count = 1, .columns = 1};
    Style style{};
    bool covered = false;  ///< the right half of the wide glyph before it

    friend bool operator==(const Cell&, const Cell&) = default;
};

struct Place {
    std::size_t row = 0;
    std::size_t column = 0;

    friend bool operator==(const Place&, const Place&) = default;
};

/// A part of the screen; `row` and `column` are its upper left cell.
struct Area {
    std::size_t row = 0;
    std::size_t column = 0;
    std::size_t rows = 0;
    std::size_t columns = 0;

    bool holds(Place place) const noexcept {
        return place.row >= row && place.row < row + rows && place.column >= column &&
               place.column < column + columns;
    }
};

class Cells {
public:
    Cells() = default;
    /// All blank.
    Cells(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), cells_(rows * columns) {}

    std::size_t rows() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_; }
    const Cell& at(std::size_t row, std::size_t column) const noexcept {
        return cells_[row * columns_ + column];
    }

    /// Writes `text` from `at` on, in whole clusters and at most up to the column `end`; returns
    /// the column behind it. What lies outside of the screen is left out.
    std::size_t write(Place at, std::string_view text, const Style& style, std::size_t end);

    /// The same in the whole row.
    std::size_t write(Place at, std::string_view text, const Style& style) {
        return write(at, text, style, columns_);
    }

    /// Gives every cell of `area` this style and keeps what it shows.
    void restyle(const Area& area, const Style& style) noexcept;

    /// What a row shows as UTF-8, without the blanks at its end.
    std::string row_text(std::size_t row) const;

    /// All rows, each with LF.
    std::string text() const;

private:
    void put(Place at, const Glyph& glyph, const Style& style) noexcept;

    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<Cell> cells_;
};

/// Appends a character as UTF-8.
void append_utf8(std::string& out, char32_t code);

}  // namespace chatd::terminal
