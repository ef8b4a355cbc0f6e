#include "pager.hpp"

#include <algorithm>
#include <utility>

namespace chatd::terminal {

namespace {

constexpr std::string_view found_begin = "\xee\x80\x80";  // U+E000
constexpr std::string_view found_end = "\xee\x80\x81";    // U+E001
constexpr Style found_style{.colour = Colour::yellow, .bold = true};
constexpr std::size_t indent = 1;

/// Writes a text with its marks into rows, and knows whether it stands between two of them.
class MarkedWriter {
public:
    void write(Row& row, std::size_t column, std::string_view piece) {
        while (!piece.empty()) {
            const std::string_view mark = inside_ ? found_end : found_begin;
            const std::size_t at = std::min(piece.find(mark), piece.size());
            if (at > 0) {
                row.spans.push_back(
                    {column, std::string(piece.substr(0, at)), inside_ ? found_style : Style{}});
                column += columns_of(row.spans.back().text);
            }
            if (at == piece.size()) return;
            inside_ = !inside_;
            piece.remove_prefix(at + mark.size());
        }
    }

private:
    bool inside_ = false;
};

}  // namespace

Pager::Pager(std::string title, std::vector<PagerItem> items)
    : title_(std::move(title)), items_(std::move(items)) {
    if (items_.size() > items_max) items_.resize(items_max);
    selectable_ = std::any_of(items_.begin(), items_.end(),
                              [](const PagerItem& item) { return !item.room.empty(); });
}

const PagerItem* Pager::selected() const noexcept {
    return selectable_ ? &items_[selected_] : nullptr;
}

void Pager::move(std::ptrdiff_t by) noexcept {
    if (items_.empty()) return;
    std::size_t& at = selectable_ ? selected_ : top_;
    const auto last = static_cast<std::ptrdiff_t>(items_.size()) - 1;
    at = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(at) + by, 0, last));
}

bool Pager::select_row(std::size_t row, std::size_t rows, std::size_t columns) {
    if (!selectable_) return false;
    const std::vector<Row> shown = visible_rows(rows, columns);
    if (row >= shown.size()) return false;
    selected_ = static_cast<std::size_t>(shown[row].serial) - 1;
    return true;
}

std::vector<Row> Pager::visible_rows(std::size_t rows, std::size_t columns) {
    if (selectable_) {
        top_ = std::min(top_, selected_);
        // From the selection upward as many items as fit whole.
        std::size_t height = 0;
        for (std::size_t index = selected_ + 1; index-- > top_;) {
            height += rows_of(index, columns).size();
            if (height > rows && index < selected_) {
                top_ = index + 1;
                break;
            }
        }
    }
    std::vector<Row> shown;
    for (std::size_t index = top_; index < items_.size() && shown.size() < rows; ++index) {
        for (Row& row : rows_of(index, columns)) {
            if (shown.size() < rows) shown.push_back(std::move(row));
        }
    }
    return shown;
}

std::vector<Row> Pager::rows_of(std::size_t index, std::size_t columns) const {
    const PagerItem& item = items_[index];
    const bool chosen = selectable_ && index == selected_;
    const std::size_t width = std::max<std::size_t>(columns, indent + 2) - indent;
    std::vector<Row> rows;
    if (!item.head.empty()) {
        rows.push_back({.spans = {{indent,
                                   std::string(fitting(item.head, width)),
                                   {.faint = !chosen, .reverse = chosen}}}});
    }
    MarkedWriter writer;
    const std::size_t text_indent = item.head.empty() ? indent : indent + 2;
    for (const std::string_view piece : wrap(item.text, width - (text_indent - indent))) {
        rows.emplace_back();
        writer.write(rows.back(), text_indent, piece);
        if (!chosen || !item.head.empty()) continue;
        for (Span& span : rows.back().spans)
            span.style.reverse = true;
    }
    for (Row& row : rows)
        row.serial = index + 1;
    return rows;
}

}  // namespace chatd::terminal
