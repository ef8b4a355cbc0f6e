#include "areas.hpp"

#include <algorithm>

namespace chatd::terminal {

namespace {

constexpr std::size_t rooms_from_columns = 60;
constexpr std::size_t members_from_columns = 76;
constexpr std::size_t bars_from_rows = 5;  // title and status
constexpr std::size_t side_columns_min = 12;
constexpr std::size_t side_columns_max = 24;

}  // namespace

Areas areas_of(std::size_t rows, std::size_t columns, std::size_t input_rows, bool with_members) {
    Areas areas;
    const std::size_t input =
        std::clamp<std::size_t>(input_rows, 1, std::max<std::size_t>(rows / 4, 1));
    areas.input = {rows - input, 0, input, columns};
    std::size_t top = 0;
    std::size_t bottom = rows - input;
    if (rows >= bars_from_rows) {
        areas.title = {0, 0, 1, columns};
        areas.status = {bottom - 1, 0, 1, columns};
        top = 1;
        bottom -= 1;
    }
    const std::size_t side = std::clamp(columns / 6, side_columns_min, side_columns_max);
    std::size_t left = 0;
    std::size_t right = columns;
    if (columns >= rooms_from_columns) {
        areas.rooms = {top, 0, bottom - top, side};
        left = side + 1;
    }
    if (with_members && columns >= members_from_columns) {
        right -= side;
        areas.members = {top, right, bottom - top, side};
        right -= 1;
    }
    areas.talk = {top, left, bottom - top, right - left};
    return areas;
}

InputRows input_rows_of(std::string_view text, std::size_t cursor, std::size_t indent,
                        std::size_t columns) {
    const std::size_t width = std::max<std::size_t>(columns - std::min(columns, indent), 2);
    InputRows input{.rows = {{}}, .cursor = {0, indent}};
    std::size_t column = 0;
    std::string_view rest = text;
    while (true) {
        const auto at = static_cast<std::size_t>(rest.data() - text.data());
        Cluster cluster;
        if (!rest.empty()) cluster = take_cluster(rest);
        // The cursor behind the last column stands in the next row.
        if (column + std::max<std::size_t>(cluster.columns, 1) > width) {
            input.rows.emplace_back();
            column = 0;
        }
        if (at == cursor) input.cursor = {input.rows.size() - 1, indent + column};
        if (cluster.text.empty()) return input;
        input.rows.back() += cluster.text;
        column += cluster.columns;
    }
}

}  // namespace chatd::terminal
