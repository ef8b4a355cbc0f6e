#include "rows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "chatd/wire/position_text.hpp"
#include "chatd/wire/shown.hpp"
#include "local_time.hpp"
#include "terminal/paint.hpp"

namespace chatd::terminal {

namespace {

constexpr Style faint{.faint = true};
constexpr UnixMs group_ms_max = 5 * 60 * 1000;
constexpr std::size_t time_columns = 6;        // "14:02 "
constexpr std::size_t number_columns = 8;      // "#12345 "
constexpr std::size_t wide_from_columns = 40;  // narrower: no times
constexpr std::size_t nick_columns_max = 14;

/// Where things stand in a row.
struct Plan {
    std::size_t time = 0;   // columns of the time or number
    std::size_t nick = 0;   // where the nick ends
    std::size_t body = 0;   // where the text begins
    std::size_t width = 1;  // of the text
};

Plan plan_of(const Look& look) noexcept {
    Plan plan;
    if (look.numbers) {
        plan.time = number_columns;
    } else if (look.columns >= wide_from_columns) {
        plan.time = time_columns;
    }
    const std::size_t rest = look.columns - std::min(look.columns, plan.time);
    plan.nick = plan.time + std::min(nick_columns_max, rest / 4);
    plan.body = plan.nick + 1;
    plan.width = std::max<std::size_t>(look.columns - std::min(look.columns, plan.body), 1);
    return plan;
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    return std::string(fitting(text, columns - 1)) + "…";
}

class RowMaker {
public:
    RowMaker(const Conversation& conversation, const Look& look)
        : conversation_(conversation), look_(look), plan_(plan_of(look)) {}

    std::vector<Row> make(std::size_t index) {
        const Entry& entry = conversation_.entries()[index];
        const Entry* const before = index > 0 ? &conversation_.entries()[index - 1] : nullptr;
        const std::string day = day_of(entry.when);
        const bool new_day = before == nullptr || day_of(before->when) != day;
        const bool new_from_here = before != nullptr && conversation_.read_serial != 0 &&
                                   before->serial == conversation_.read_serial;
        if (new_day) add_rule(day, faint);
        if (new_from_here) add_rule("new", {.colour = Colour::red});
        if (entry.is_said()) {
            add_said(entry, new_day || new_from_here ? nullptr : before);
        } else {
            add_other(entry);
        }
        for (Row& row : rows_)
            row.serial = entry.serial;
        return std::move(rows_);
    }

    std::vector<Row> make(const PendingLine& line) {
        const std::string body = safe_lines(line.body);
        const std::string_view nick = line.action ? std::string_view("*") : look_.nick;
        begin_row("…", faint, nick, faint);
        add_text(line.action ? std::string(look_.nick) + " " + body : body, faint);
        return std::move(rows_);
    }

private:
    Row& last() { return rows_.back(); }

    void add_rule(std::string_view text, const Style& style) {
        const std::string label =
            " " + shortened(text, std::max<std::size_t>(look_.columns, 2) - 2) + " ";
        const std::size_t columns = columns_of(label);
        const std::size_t rest = look_.columns - std::min(look_.columns, columns);
        std::string rule;
        for (std::size_t column = 0; column < rest / 2; ++column)
            rule += "─";
        rule += label;
        for (std::size_t column = rest / 2; column < rest; ++column)
            rule += "─";
        rows_.push_back({.spans = {{0, std::move(rule), style}}});
    }

    std::string mark_of(const Entry& entry) const {
        if (!look_.numbers) return time_of_day(entry.when);
        std::string number = "#";
        if (entry.at) wire::append_position(number, entry.at, look_.epoch);
        return entry.at ? number : std::string();
    }

    void begin_row(std::string_view mark, const Style& mark_style, std::string_view nick,
                   const Style& nick_style) {
        rows_.emplace_back();
        if (plan_.time > 0 && !mark.empty()) {
            const std::string text = shortened(mark, plan_.time - 1);
            const std::size_t column = plan_.time - 1 - columns_of(text);
            last().spans.push_back({column, text, mark_style});
        }
        const std::string text = shortened(nick, plan_.nick - plan_.time);
        last().spans.push_back({plan_.nick - columns_of(text), text, nick_style});
    }

    void add_said(const Entry& entry, const Entry* before) {
        if (entry.reply_to) add_reply_to(entry);
        const bool grouped = before != nullptr && before->is_said() && !entry.reply_to &&
                             before->from == entry.from && entry.kind == Entry::Kind::said &&
                             before->kind == Entry::Kind::said &&
                             entry.when - before->when < group_ms_max;
        const bool same_minute = grouped && mark_of(*before) == mark_of(entry);
        Style nick_style = style_of_nick(entry.from);
        nick_style.reverse = entry.mention;
        const bool action = entry.kind == Entry::Kind::action;
        const bool named = !grouped || entry.mention;
        begin_row(same_minute ? std::string() : mark_of(entry), faint,
                  action  ? std::string_view("*")
                  : named ? std::string_view(entry.from)
                          : std::string_view(),
                  action ? Style{} : nick_style);
        if (entry.removed) {
            add_text("(removed)", faint);
        } else {
            add_text(action ? entry.from + " " + entry.body : entry.body, {});
            if (action) recolour_author(entry, nick_style);
            if (entry.edited) add_behind(" (edited)");
        }
        if (!entry.reactions.empty()) add_reactions(entry);
    }

    // The author stands in the text of an action, and keeps the colour.
    void recolour_author(const Entry& entry, const Style& style) {
        for (Row& row : rows_) {
            for (Span& span : row.spans) {
                if (span.column != plan_.body || !span.text.starts_with(entry.from)) continue;
                std::string rest = span.text.substr(entry.from.size());
                span = {plan_.body, entry.from, style};
                const std::size_t column = plan_.body + columns_of(entry.from);
                row.spans.push_back({column, std::move(rest), {}});
                return;
            }
        }
    }

    void add_reply_to(const Entry& entry) {
        const Entry* const target = conversation_.find(entry.reply_to);
        std::string text = "↪ ";
        if (target == nullptr) {
            text += "#";
            wire::append_position(text, entry.reply_to, look_.epoch);
        } else {
            text += target->from + ": " + target->body.substr(0, target->body.find('\n'));
        }
        rows_.push_back({.spans = {{plan_.body, shortened(text, plan_.width), faint}}});
    }

    void add_reactions(const Entry& entry) {
        std::string text;
        for (const Reaction& reaction : entry.reactions)
            text += fmt::format("{} {}  ", reaction.word, reaction.from.size());
        rows_.push_back({.spans = {{plan_.body, shortened(text, plan_.width), faint}}});
    }

    // Begins in the last row, behind what stands there.
    void add_text(std::string_view text, const Style& style) {
        bool first = true;
        const auto add = [&](std::string_view piece) {
            if (!first) rows_.emplace_back();
            first = false;
            last().spans.push_back({plan_.body, std::string(piece), style});
        };
        wire::for_each_line(text, [&](std::string_view line) {
            for (const std::string_view piece : wrap(line, plan_.width))
                add(piece);
        });
    }

    void add_behind(std::string_view text) {
        const Span& span = last().spans.back();
        const std::size_t column = span.column + columns_of(span.text);
        if (column + text.size() <= look_.columns) {
            last().spans.push_back({column, std::string(text), faint});
        } else {
            rows_.push_back({.spans = {{plan_.body, std::string(text.substr(1)), faint}}});
        }
    }

    void add_other(const Entry& entry) {
        switch (entry.kind) {
            case Entry::Kind::happened:
                begin_row(mark_of(entry), faint, "·", faint);
                return add_text(entry.body, faint);
            case Entry::Kind::gap:
                begin_row({}, faint, "⚠", {.colour = Colour::yellow});
                return add_text(entry.body, {.colour = Colour::yellow});
            case Entry::Kind::failed:
                begin_row({}, faint, "✗", {.colour = Colour::red});
                return add_text(entry.body, {.colour = Colour::red});
            case Entry::Kind::datagram:
                begin_row(time_of_day(entry.when), faint, entry.from, {.colour = Colour::green});
                return add_text(entry.body, {.colour = Colour::green});
            case Entry::Kind::told:
            case Entry::Kind::said:
            case Entry::Kind::action:
                break;
        }
        begin_row({}, faint, "·", faint);
        add_text(entry.body, {.colour = Colour::cyan});
    }

    const Conversation& conversation_;
    const Look& look_;
    Plan plan_;
    std::vector<Row> rows_;
};

/// Walks the rows of a conversation from the lower edge of its view upward.
class Climber {
public:
    Climber(const Conversation& conversation, const Look& look)
        : conversation_(conversation), look_(look), next_(conversation.entries().size()) {
        const Scroll& scroll = conversation.scroll;
        if (scroll.following) return;
        const std::size_t index = conversation.index_of(scroll.serial);
        if (index == next_) return;
        next_ = index;
        take_entry();
        left_ -= std::min(left_, scroll.rows_hidden);
    }

    /// The next row upward; false at the first one.
    bool next(Row& row, Scroll& at) {
        while (left_ == 0) {
            if (next_ == 0) return false;
            --next_;
            take_entry();
        }
        --left_;
        row = rows_[left_];
        at = {false, row.serial, rows_.size() - 1 - left_};
        return true;
    }

private:
    void take_entry() {
        rows_ = RowMaker(conversation_, look_).make(next_);
        left_ = rows_.size();
    }

    const Conversation& conversation_;
    const Look& look_;
    std::size_t next_;
    std::vector<Row> rows_;
    std::size_t left_ = 0;
};

}  // namespace

Style style_of_nick(std::string_view nick) noexcept {
    constexpr std::array<Colour, nick_hues> colours{Colour::green, Colour::yellow, Colour::blue,
                                                    Colour::magenta, Colour::cyan};
    return {.colour = colours[hue_of_nick(nick)], .bold = true};
}

std::vector<std::string_view> wrap(std::string_view line, std::size_t columns) {
    std::vector<std::string_view> pieces;
    std::string_view rest = line;
    while (!rest.empty()) {
        std::string_view piece = fitting(rest, columns);
        if (piece.size() < rest.size()) {
            // Where a word would be cut, the row ends before it.
            const std::size_t blank = rest.substr(0, piece.size() + 1).find_last_of(' ');
            if (blank != std::string_view::npos && blank > 0) piece = rest.substr(0, blank);
        }
        if (piece.empty()) {  // wider than the row: it is drawn as far as it goes
            std::string_view after = rest;
            piece = take_cluster(after).text;
        }
        pieces.push_back(piece);
        rest.remove_prefix(piece.size());
        if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    }
    if (pieces.empty()) pieces.push_back(line);
    return pieces;
}

std::vector<Row> rows_of(const Conversation& conversation, std::size_t index, const Look& look) {
    return RowMaker(conversation, look).make(index);
}

std::vector<Row> visible_rows(const Conversation& conversation, const Look& look, std::size_t count,
                              const std::vector<PendingLine>& pending) {
    std::vector<Row> rows;  // the lowest first
    if (conversation.scroll.following && !conversation.more_after()) {
        for (auto line = pending.rbegin(); line != pending.rend() && rows.size() < count; ++line) {
            std::vector<Row> made = RowMaker(conversation, look).make(*line);
            std::move(made.rbegin(), made.rend(), std::back_inserter(rows));
        }
    }
    Climber climber(conversation, look);
    Row row;
    Scroll at;
    while (rows.size() < count && climber.next(row, at))
        rows.push_back(std::move(row));
    if (rows.size() > count) rows.resize(count);
    std::reverse(rows.begin(), rows.end());
    return rows;
}

Scroll scrolled(const Conversation& conversation, const Look& look, std::size_t count,
                std::ptrdiff_t by) {
    Row row;
    Scroll at;
    if (by >= 0) {
        Climber climber(conversation, look);
        std::vector<Scroll> places;
        while (places.size() < count + static_cast<std::size_t>(by) && climber.next(row, at))
            places.push_back(at);
        if (places.size() <= count) return conversation.scroll;
        return places[places.size() - count];
    }
    // Down: from the end upward to where we stand, remembering the last few places.
    if (conversation.scroll.following) return conversation.scroll;
    const auto down = static_cast<std::size_t>(-by);
    Conversation const& below = conversation;
    const std::size_t from = below.index_of(below.scroll.serial);
    std::vector<Scroll> places;  // from the view's edge downward
    for (std::size_t index = from; index < below.entries().size() && places.size() <= down;
         ++index) {
        const std::size_t height = rows_of(below, index, look).size();
        std::size_t hidden =
            index == from ? std::min(below.scroll.rows_hidden, height - 1) : height;
        if (index == from) places.push_back({false, below.scroll.serial, hidden});
        while (hidden-- > 0)
            places.push_back({false, below.entries()[index].serial, hidden});
    }
    if (places.size() <= down) return {};
    const Scroll& place = places[down];
    const bool at_end = place.rows_hidden == 0 && !below.entries().empty() &&
                        place.serial == below.entries().back().serial;
    return at_end ? Scroll{} : place;
}

std::size_t rows_above(const Conversation& conversation, const Look& look, std::size_t count,
                       std::size_t enough) {
    Climber climber(conversation, look);
    Row row;
    Scroll at;
    std::size_t seen = 0;
    while (seen < count + enough && climber.next(row, at))
        ++seen;
    return seen - std::min(seen, count);
}

}  // namespace chatd::terminal
