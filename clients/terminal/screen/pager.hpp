#pragma once
// A list that stands in the place of a conversation until it is closed: what a search found, what
// /help says. Values; owns its texts. One thread.

#include <cstddef>
#include <string>
#include <vector>

#include "chatd/base/position.hpp"
#include "rows.hpp"

namespace chatd::terminal {

struct PagerItem {
    std::string head;  ///< shown faint before the text; may be empty
    std::string text;  ///< safe to show; what was found stands between U+E000 and U+E001
    std::string room;  ///< where Enter leads to; empty: nowhere
    Position at;       ///< and to which message there
};

class Pager {
public:
    static constexpr std::size_t items_max = 1000;

    Pager(std::string title, std::vector<PagerItem> items);

    const std::string& title() const noexcept { return title_; }
    std::size_t count() const noexcept { return items_.size(); }
    bool selectable() const noexcept { return selectable_; }
    /// The item that Enter opens; none of an empty list.
    const PagerItem* selected() const noexcept;

    /// Up is negative: moves the selection, or the view where nothing can be selected.
    void move(std::ptrdiff_t by) noexcept;
    /// Selects what stands in that row of the view; false if nothing does.
    bool select_row(std::size_t row, std::size_t rows, std::size_t columns);

    /// What a view of that size shows, moved so that the selection is in it.
    std::vector<Row> visible_rows(std::size_t rows, std::size_t columns);

private:
    std::vector<Row> rows_of(std::size_t index, std::size_t columns) const;

    std::string title_;
    std::vector<PagerItem> items_;
    bool selectable_ = false;
    std::size_t selected_ = 0;
    std::size_t top_ = 0;  // the first item shown
};

}  // namespace chatd::terminal
