#include "cells.hpp"

#include <algorithm>

namespace chatd::terminal {

namespace {

constexpr Glyph blank_glyph = Cell{}.glyph;

}  // namespace

std::size_t Cells::write(Place at, std::string_view text, const Style& style, std::size_t end) {
    end = std::min(end, columns_);
    if (at.row >= rows_) return at.column;
    while (!text.empty()) {
        const Cluster cluster = take_cluster(text);
        if (at.column + cluster.columns > end) break;
        for (std::size_t index = 0; index < cluster.glyph_count; ++index) {
            const Glyph& glyph = cluster.glyphs[index];
            put(at, glyph, style);
            at.column += glyph.columns;
        }
    }
    return at.column;
}

void Cells::put(Place at, const Glyph& glyph, const Style& style) noexcept {
    Cell* const row = cells_.data() + at.row * columns_;
    // What a wide glyph was is gone once half of it is.
    if (row[at.column].covered) row[at.column - 1].glyph = blank_glyph;
    const std::size_t behind = at.column + glyph.columns;
    if (behind < columns_ && row[behind].covered) {
        row[behind] = {blank_glyph, row[behind].style, false};
    }
    row[at.column] = {glyph, style, false};
    if (glyph.columns == 2) row[at.column + 1] = {blank_glyph, style, true};
}

void Cells::restyle(const Area& area, const Style& style) noexcept {
    const std::size_t row_end = std::min(area.row + area.rows, rows_);
    const std::size_t column_end = std::min(area.column + area.columns, columns_);
    for (std::size_t row = area.row; row < row_end; ++row) {
        for (std::size_t column = area.column; column < column_end; ++column)
            cells_[row * columns_ + column].style = style;
    }
}

std::string Cells::row_text(std::size_t row) const {
    std::string out;
    for (std::size_t column = 0; column < columns_; ++column) {
        const Cell& cell = at(row, column);
        if (cell.covered) continue;
        for (std::size_t index = 0; index < cell.glyph.code_count; ++index)
            append_utf8(out, cell.glyph.codes[index]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

std::string Cells::text() const {
    std::string out;
    for (std::size_t row = 0; row < rows_; ++row)
        out += row_text(row) + '\n';
    return out;
}

void append_utf8(std::string& out, char32_t code) {
    const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        add(0xe0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3f));
    } else {
        add(0xf0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3f));
        add(0x80 | (code >> 6 & 0x3f));
    }
    add(0x80 | (code & 0x3f));
}

}  // namespace chatd::terminal
