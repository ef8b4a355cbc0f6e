#include "top_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "paint.hpp"

namespace chatd::terminal {

namespace {

using Cell = std::string (*)(const TopRow& row, UnixMs now);

struct Column {
    std::string_view head;
    std::size_t width;
    bool left;  ///< a word; numbers stand at the right
    int rank;   ///< the highest go first where there is no room for all
    Cell cell;
};

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

template <class Number>
std::string of_tcp(const TopRow& row, Number TopTcp::* member) {
    return row.tcp ? std::to_string((*row.tcp).*member) : "-";
}
std::string rate_text(const std::optional<double>& rate) {
    return rate ? short_bytes(*rate) : "-";
}

// The last one takes what room is left.
constexpr std::array<Column, 18> columns{{
    {"NICK", 12, true, 0, [](const TopRow& row, UnixMs) { return or_dash(row.nick); }},
    {"DIALECT", 9, true, 4,
     [](const TopRow& row, UnixMs) {
         return row.dialect.starts_with("websocket-") ? "ws-" + row.dialect.substr(10)
                                                      : row.dialect;
     }},
    {"PEER", 21, true, 2, [](const TopRow& row, UnixMs) { return row.peer; }},
    {"STATE", 6, true, 5,
     [](const TopRow& row, UnixMs) { return row.tcp ? row.tcp->state : std::string("-"); }},
    {"RTTms", 6, false, 1,
     [](const TopRow& row, UnixMs) { return row.tcp ? short_ms(row.tcp->rtt_us) : "-"; }},
    {"VARms", 6, false, 9,
     [](const TopRow& row, UnixMs) { return row.tcp ? short_ms(row.tcp->rttvar_us) : "-"; }},
    {"RETR", 5, false, 3,
     [](const TopRow& row, UnixMs) { return of_tcp(row, &TopTcp::retrans_total); }},
    {"LOST", 5, false, 10, [](const TopRow& row, UnixMs) { return of_tcp(row, &TopTcp::lost); }},
    {"UNACK", 5, false, 11,
     [](const TopRow& row, UnixMs) { return of_tcp(row, &TopTcp::unacked); }},
    {"CWND", 5, false, 12, [](const TopRow& row, UnixMs) { return of_tcp(row, &TopTcp::cwnd); }},
    {"QUEUE", 5, false, 1,
     [](const TopRow& row, UnixMs) { return short_bytes(static_cast<double>(row.queue_bytes())); }},
    {"BEHIND", 6, false, 1, [](const TopRow& row, UnixMs) { return std::to_string(row.behind); }},
    {"IN/s", 5, false, 6, [](const TopRow& row, UnixMs) { return rate_text(row.in_rate); }},
    {"OUT/s", 5, false, 6, [](const TopRow& row, UnixMs) { return rate_text(row.out_rate); }},
    {"IN", 5, false, 8,
     [](const TopRow& row, UnixMs) { return short_bytes(static_cast<double>(row.in_bytes)); }},
    {"OUT", 5, false, 8,
     [](const TopRow& row, UnixMs) { return short_bytes(static_cast<double>(row.out_bytes)); }},
    {"AGE", 4, false, 7, [](const TopRow& row, UnixMs now) { return short_age(now - row.since); }},
    {"ROOMS", 16, true, 9, [](const TopRow& row, UnixMs) { return or_dash(row.rooms); }},
}};

// Those that fit side by side; of two ranks the lower stays.
std::vector<const Column*> chosen(std::size_t width) {
    std::vector<const Column*> kept;
    kept.reserve(columns.size());
    for (const Column& column : columns)
        kept.push_back(&column);
    const auto needed = [&kept] {
        std::size_t sum = kept.size() - 1;
        for (const Column* column : kept)
            sum += column->width;
        return sum;
    };
    while (kept.size() > 1 && needed() > width) {
        // The last of the highest rank.
        const auto least = std::max_element(
            kept.rbegin(), kept.rend(),
            [](const Column* one, const Column* other) { return one->rank < other->rank; });
        kept.erase(std::next(least).base());
    }
    return kept;
}

// What a server that is not ours may say: nothing in it moves the cursor, and what is no ASCII
// takes a place each.
std::string shown(std::string_view text) {
    std::string safe;
    append_safe(safe, text);
    for (char& byte : safe) {
        if (static_cast<unsigned char>(byte) >= 0x80) byte = '?';
    }
    return safe;
}

void append_cell(std::string& line, const Column& column, std::string text, bool last,
                 std::size_t width) {
    if (!line.empty()) line += ' ';
    const std::size_t room = last && column.left
                                 ? std::max(column.width, width - std::min(width, line.size()))
                                 : column.width;
    if (text.size() > room) {
        text.resize(room);
        // A number that was cut would be another one.
        if (room > 0) text.back() = '+';
    }
    const std::string blanks(last && column.left ? 0 : room - text.size(), ' ');
    line += column.left ? text + blanks : blanks + text;
}

void trim_end(std::string& line) {
    line.erase(line.find_last_not_of(' ') + 1);
}

std::string one_decimal(double value, std::string_view unit) {
    std::string text = value < 9.95 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text + std::string(unit);
}

// Rows that are equal stand by their ids, which are numbers as texts.
template <class Key>
void sort_by(std::vector<TopRow>& rows, bool descending, Key key) {
    std::ranges::sort(rows, [&](const TopRow& one, const TopRow& other) {
        const auto left = key(one);
        const auto right = key(other);
        if (left < right || right < left) return descending ? right < left : left < right;
        return std::pair(one.id.size(), std::string_view(one.id)) <
               std::pair(other.id.size(), std::string_view(other.id));
    });
}

}  // namespace

void sort_rows(std::vector<TopRow>& rows, TopOrder order, bool reversed) {
    const bool descending = !reversed;
    switch (order) {
        case TopOrder::rate:
            return sort_by(rows, descending, [](const TopRow& row) { return row.rate(); });
        case TopOrder::in:
            return sort_by(rows, descending, [](const TopRow& row) { return row.in_bytes; });
        case TopOrder::out:
            return sort_by(rows, descending, [](const TopRow& row) { return row.out_bytes; });
        case TopOrder::queue:
            return sort_by(rows, descending, [](const TopRow& row) { return row.queue_bytes(); });
        case TopOrder::behind:
            return sort_by(rows, descending, [](const TopRow& row) { return row.behind; });
        case TopOrder::rtt:
            return sort_by(rows, descending,
                           [](const TopRow& row) { return row.tcp ? row.tcp->rtt_us : 0; });
        case TopOrder::retrans:
            return sort_by(rows, descending,
                           [](const TopRow& row) { return row.tcp ? row.tcp->retrans_total : 0; });
        case TopOrder::age:
            return sort_by(rows, !descending, [](const TopRow& row) { return row.since; });
        case TopOrder::nick:
            return sort_by(rows, !descending,
                           [](const TopRow& row) { return std::string_view(row.nick); });
        case TopOrder::peer:
            return sort_by(rows, !descending,
                           [](const TopRow& row) { return std::string_view(row.peer); });
    }
}

std::vector<std::string> table_lines(const std::vector<TopRow>& rows, std::size_t width,
                                     UnixMs now) {
    const auto kept = chosen(width);
    std::vector<std::string> lines(1);
    for (const Column* column : kept)
        append_cell(lines[0], *column, std::string(column->head), column == kept.back(), width);
    for (const TopRow& row : rows) {
        std::string& line = lines.emplace_back();
        for (const Column* column : kept)
            append_cell(line, *column, shown(column->cell(row, now)), column == kept.back(), width);
    }
    for (std::string& line : lines)
        trim_end(line);
    return lines;
}

std::string short_bytes(double bytes) {
    if (bytes < 1'000) return fmt::format("{:.0f}", bytes);
    static constexpr std::array<std::string_view, 5> units{"k", "M", "G", "T", "P"};
    double value = bytes / 1'000;
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < units.size(); ++unit)
        value /= 1'000;
    return one_decimal(value, units[unit]);
}

std::string short_ms(std::uint64_t us) {
    if (us < 10'000) return fmt::format("{}.{:03}", us / 1'000, us % 1'000);
    if (us < 1'000'000) return fmt::format("{:.1f}", static_cast<double>(us) / 1'000);
    return std::to_string(us / 1'000);
}

std::string short_age(std::int64_t ms) {
    const std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1'000;
    if (seconds < 100) return fmt::format("{}s", seconds);
    if (seconds < 100 * 60) return fmt::format("{}m", seconds / 60);
    if (seconds < 48 * 3'600) return fmt::format("{}h", seconds / 3'600);
    return fmt::format("{}d", seconds / 86'400);
}

}  // namespace chatd::terminal
