#include "draw.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace chatd::terminal {

namespace {

constexpr Style faint{.faint = true};
constexpr Style bold{.bold = true};
constexpr Style bar{.reverse = true};
constexpr std::size_t server_from_columns = 80;

std::string shortened(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    return std::string(fitting(text, columns - 1)) + "…";
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

class Painter {
public:
    explicit Painter(const Model& model)
        : model_(model), areas_(model.areas()), cells_(model.rows(), model.columns()) {}

    Picture paint() {
        paint_title();
        paint_rooms();
        paint_talk();
        paint_members();
        paint_status();
        const Place cursor = paint_input();
        return {std::move(cells_), cursor};
    }

private:
    /// Writes within one row of an area; returns the column behind.
    std::size_t write(const Area& area, std::size_t row, std::size_t column, std::string_view text,
                      const Style& style) {
        return cells_.write({area.row + row, area.column + column}, text, style,
                            area.column + area.columns) -
               area.column;
    }
    /// The same with its end at the right edge.
    void write_right(const Area& area, std::size_t row, std::string_view text, const Style& style) {
        const std::size_t columns = columns_of(text);
        if (columns <= area.columns) write(area, row, area.columns - columns, text, style);
    }
    void write_rows(const Area& area, std::size_t first, const std::vector<Row>& rows) {
        for (std::size_t index = 0; index < rows.size() && first + index < area.rows; ++index) {
            for (const Span& span : rows[index].spans)
                write(area, first + index, span.column, span.text, span.style);
        }
    }
    void paint_rule(const Area& talk, std::size_t column) {
        for (std::size_t row = 0; row < talk.rows; ++row)
            cells_.write({talk.row + row, column}, "│", faint);
    }

    void paint_title() {
        const Area& area = areas_.title;
        if (area.rows == 0) return;
        cells_.restyle(area, bar);
        constexpr Style name{.bold = true, .reverse = true};
        if (const Pager* pager = model_.pager()) {
            write(area, 0, 1, one_line(pager->title()), name);
            const std::string_view hint =
                pager->selectable() ? " Enter goes there, Escape closes " : " Escape closes ";
            if (area.columns >= 60) write_right(area, 0, hint, bar);
            return;
        }
        const Room* const room = model_.current();
        if (room == nullptr) return;
        std::string people;
        if (room->left) {
            people = "you are not in it ";
        } else if (!room->is_person && room->people_count > 0) {
            people = fmt::format("{} here ", room->people_count);
        }
        const std::size_t behind = write(area, 0, 1, room->title(), name);
        const std::size_t free = area.columns - std::min(area.columns, behind + people.size() + 3);
        const std::string topic =
            room->is_person ? std::string("between the two of you") : one_line(room->topic);
        write(area, 0, behind + 2, shortened(topic, free), bar);
        write_right(area, 0, people, bar);
    }

    void paint_rooms() {
        const Area& area = areas_.rooms;
        if (area.rows == 0) return;
        paint_rule(areas_.talk, areas_.talk.column - 1);
        const auto& rooms = model_.all_rooms();
        const std::size_t first = model_.rooms_first(area.rows);
        for (std::size_t row = 0; row < area.rows && first + row < rooms.size(); ++row)
            paint_room(area, row, *rooms[first + row]);
    }

    void paint_room(const Area& area, std::size_t row, const Room& room) {
        Style style;
        style.bold = room.unread > 0;
        style.faint = room.left;
        if (room.mentioned) style.colour = Colour::yellow;
        std::string count;
        if (room.unread > 0) count = room.unread > 999 ? " 999+" : fmt::format(" {}", room.unread);
        const std::size_t width = area.columns - std::min(area.columns, count.size() + 2);
        write(area, row, 1, shortened(room.title(), width), style);
        write_right(area, row, count + " ", style);
        if (&room == model_.current()) {
            style.reverse = true;
            cells_.restyle({area.row + row, area.column, 1, area.columns}, style);
        }
    }

    void paint_talk() {
        const Area& area = areas_.talk;
        if (Pager* pager = model_.pager()) {
            return write_rows(area, 0, pager->visible_rows(area.rows, area.columns));
        }
        const Room* const room = model_.current();
        if (room == nullptr) {
            write(area, area.rows / 2, 1, "You are in no room; /join ROOM, /rooms lists them.",
                  faint);
            return;
        }
        const Look look = model_.look();
        std::vector<PendingLine> pending;
        for (const PendingLine& line : model_.pending()) {
            if (!room->is_person && line.room == room->name &&
                !room->talk.has_key(model_.nick(), line.key)) {
                pending.push_back(line);
            }
        }
        const std::vector<Row> rows = visible_rows(room->talk, look, area.rows, pending);
        if (rows.empty()) paint_emptiness(area, *room);
        write_rows(area, area.rows - rows.size(), rows);
        paint_scroll_mark(area, *room);
    }

    void paint_emptiness(const Area& area, const Room& room) {
        std::string text = "Nothing was said here yet. Type a line to talk; /help.";
        if (room.is_person) text = "Nobody but " + room.name + " reads what you write here.";
        if (!room.is_person && model_.connection().state != Connection::State::online) {
            text = "Lines typed now are said as soon as there is a connection.";
        }
        const auto pieces = wrap(text, std::max<std::size_t>(area.columns, 4) - 2);
        for (std::size_t row = 0; row < pieces.size() && row < area.rows; ++row)
            write(area, area.rows - std::min(area.rows, pieces.size()) + row, 1, pieces[row],
                  faint);
    }

    // How much is below, over the last row.
    void paint_scroll_mark(const Area& area, const Room& room) {
        if (room.talk.scroll.following && !room.talk.more_after()) return;
        const std::string text =
            room.unread > 0 ? fmt::format(" ↓ {} new · End ", room.unread) : std::string(" ↓ End ");
        write_right(area, area.rows - 1, text, {.colour = Colour::yellow, .reverse = true});
    }

    void paint_members() {
        const Area& area = areas_.members;
        const Room* const room = model_.current();
        if (area.rows == 0 || room == nullptr) return;
        paint_rule(areas_.talk, area.column - 1);
        write(area, 0, 1, fmt::format("{} here", room->people_count), faint);
        std::size_t row = 1;
        for (const std::string& nick : room->people) {
            const std::size_t left = room->people.size() - (row - 1);
            if (row + 1 == area.rows && left > 1) {
                write(area, row, 1, fmt::format("and {} more", room->people_count - (row - 1)),
                      faint);
                break;
            }
            if (row >= area.rows) break;
            Style style = style_of_nick(nick);
            style.bold = false;
            style.underlined = nick == model_.nick();
            write(area, row++, 1, shortened(nick, area.columns - 2), style);
        }
    }

    void paint_status() {
        const Area& area = areas_.status;
        if (area.rows == 0) return;
        cells_.restyle(area, bar);
        if (const Completion* completion = model_.completion()) {
            return paint_candidates(area, *completion);
        }
        std::size_t column = paint_connection(area);
        if (!model_.nick().empty()) {
            column = write(area, 0, column + 2, model_.nick(), {.bold = true, .reverse = true});
        }
        if (!model_.pending().empty()) {
            constexpr Style waiting{.colour = Colour::yellow, .bold = true, .reverse = true};
            column = write(area, 0, column + 2, fmt::format("{} unsent", model_.pending().size()),
                           waiting);
        }
        const std::size_t free = area.columns - std::min(area.columns, column + 3);
        const std::string right = shortened(right_status(), free);
        if (!right.empty()) write_right(area, 0, right + " ", bar);
    }

    std::size_t paint_connection(const Area& area) {
        const Connection& connection = model_.connection();
        const auto bright = [](Colour colour) {
            return Style{.colour = colour, .bold = true, .reverse = true};
        };
        std::string text;
        Style style = bright(Colour::yellow);
        switch (connection.state) {
            case Connection::State::connecting:
                text = "◌ connecting";
                break;
            case Connection::State::resuming:
                text = "◌ resuming";
                break;
            case Connection::State::online:
                text = "● online";
                style = bright(Colour::green);
                if (connection.rtt) text += " " + rtt_text(*connection.rtt);
                if (!connection.server.empty() && area.columns >= server_from_columns) {
                    text += " at " + shortened(connection.server, area.columns / 3);
                }
                break;
            case Connection::State::offline:
                text = "○ offline";
                style = bright(Colour::red);
                if (connection.retry_in) {
                    const auto seconds =
                        std::chrono::ceil<std::chrono::seconds>(*connection.retry_in).count();
                    text += fmt::format(", again in {} s", std::max<std::int64_t>(seconds, 0));
                }
                break;
        }
        return write(area, 0, 1, text, style);
    }

    static std::string rtt_text(Duration rtt) {
        const double ms = std::chrono::duration<double, std::milli>(rtt).count();
        return ms < 10 ? fmt::format("{:.1f} ms", ms) : fmt::format("{:.0f} ms", ms);
    }

    // Who types; why there is no connection; where there is something unread, if no list tells it.
    std::string right_status() const {
        const Connection& connection = model_.connection();
        if (connection.state == Connection::State::offline && !connection.reason.empty()) {
            return connection.reason;
        }
        if (const Room* room = model_.current(); room != nullptr && !room->typing.empty()) {
            std::string who;
            for (const auto& [nick, until] : room->typing) {
                if (until > model_.now()) who += (who.empty() ? "" : ", ") + nick;
            }
            if (!who.empty())
                return who + (who.find(',') == std::string::npos ? " is typing" : " are typing");
        }
        std::string unread;
        for (const auto& room : model_.all_rooms()) {
            if (room->unread == 0 || areas_.rooms.rows > 0) continue;
            unread +=
                fmt::format("{}{} {}", unread.empty() ? "" : "  ", room->title(), room->unread);
        }
        return unread.empty() ? std::string("/help") : unread;
    }

    void paint_candidates(const Area& area, const Completion& completion) {
        // The chosen one is in sight: what does not fit is left out at the left.
        const auto& candidates = completion.candidates();
        std::size_t first = 0;
        const auto columns_from = [&](std::size_t begin) {
            std::size_t columns = 1;
            for (std::size_t index = begin; index <= completion.chosen(); ++index)
                columns += columns_of(candidates[index]) + 2;
            return columns;
        };
        while (first < completion.chosen() && columns_from(first) > area.columns)
            ++first;
        std::size_t column = 1;
        for (std::size_t index = first; index < candidates.size(); ++index) {
            const bool chosen = index == completion.chosen();
            std::string_view word = candidates[index];
            word = word.substr(0, word.find_last_not_of(": ") + 1);
            const std::size_t behind = column + columns_of(word);
            if (behind > area.columns) break;
            write(area, 0, column, word, chosen ? bold : bar);
            column = behind + 2;
        }
    }

    Place paint_input() {
        const Area& area = areas_.input;
        const Editor& editor = model_.editor();
        const std::size_t indent = model_.prompt_columns();
        write(area, 0, 0, fitting(model_.prompt(), indent), bold);
        const InputRows input = input_rows_of(editor.text(), editor.cursor(), indent, area.columns);
        // Of more rows than there is room for, those with the cursor.
        const std::size_t first =
            input.cursor.row < area.rows ? 0 : input.cursor.row + 1 - area.rows;
        for (std::size_t row = 0; row < area.rows && first + row < input.rows.size(); ++row)
            write(area, row, indent, input.rows[first + row], {});
        return {area.row + input.cursor.row - first, input.cursor.column};
    }

    const Model& model_;
    const Areas areas_;
    Cells cells_;
};

}  // namespace

Picture draw(const Model& model) {
    return Painter(model).paint();
}

}  // namespace chatd::terminal
