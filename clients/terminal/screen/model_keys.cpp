// What keys and the mouse do.

#include <algorithm>
#include <utility>

#include "chatd/base/exit_code.hpp"
#include "chatd/wire/position_text.hpp"
#include "model.hpp"

namespace chatd::terminal {

namespace {

constexpr std::ptrdiff_t wheel_rows = 3;
constexpr std::size_t numbers_offered_max = 50;

}  // namespace

void Model::pressed(const Key& key) {
    const bool interrupt = key.kind == Key::Kind::control && key.letter == 'c';
    if (!interrupt) interrupted_ = false;
    if (pager_ && pressed_in_pager(key)) return;
    if (key.kind != Key::Kind::tab && key.kind != Key::Kind::back_tab) completion_.reset();
    switch (key.kind) {
        case Key::Kind::text:
            editor_.insert(key.text);
            break;
        case Key::Kind::control:
            pressed_control(key.letter);
            break;
        case Key::Kind::alt:
            pressed_alt(key.letter);
            break;
        case Key::Kind::enter:
            submit();
            break;
        case Key::Kind::tab:
            complete(1);
            break;
        case Key::Kind::back_tab:
            complete(-1);
            break;
        case Key::Kind::backspace:
            editor_.erase_left();
            break;
        case Key::Kind::erase:
            editor_.erase_right();
            break;
        case Key::Kind::left:
            editor_.left();
            break;
        case Key::Kind::right:
            editor_.right();
            break;
        case Key::Kind::word_left:
            editor_.word_left();
            break;
        case Key::Kind::word_right:
            editor_.word_right();
            break;
        case Key::Kind::up:
            editor_.older();
            break;
        case Key::Kind::down:
            editor_.newer();
            break;
        case Key::Kind::home:
            editor_.home();
            break;
        case Key::Kind::end:
            editor_.empty() ? follow() : editor_.end();
            break;
        case Key::Kind::page_up:
            move_view(static_cast<std::ptrdiff_t>(std::max<std::size_t>(areas().talk.rows, 2)) - 1);
            break;
        case Key::Kind::page_down:
            move_view(1 - static_cast<std::ptrdiff_t>(std::max<std::size_t>(areas().talk.rows, 2)));
            break;
        case Key::Kind::wheel_up:
            move_view(wheel_rows);
            break;
        case Key::Kind::wheel_down:
            move_view(-wheel_rows);
            break;
        case Key::Kind::alt_up:
            step_room(-1);
            break;
        case Key::Kind::alt_down:
            step_room(1);
            break;
        case Key::Kind::click:
            clicked(key.place);
            break;
        case Key::Kind::escape:
        case Key::Kind::unknown:
            break;
    }
}

bool Model::pressed_in_pager(const Key& key) {
    const auto page = static_cast<std::ptrdiff_t>(std::max<std::size_t>(areas().talk.rows / 2, 1));
    switch (key.kind) {
        case Key::Kind::escape:
            pager_.reset();
            return true;
        case Key::Kind::up:
            pager_->move(-1);
            return true;
        case Key::Kind::down:
            pager_->move(1);
            return true;
        case Key::Kind::page_up:
        case Key::Kind::wheel_up:
            pager_->move(key.kind == Key::Kind::page_up ? -page : -wheel_rows);
            return true;
        case Key::Kind::page_down:
        case Key::Kind::wheel_down:
            pager_->move(key.kind == Key::Kind::page_down ? page : wheel_rows);
            return true;
        case Key::Kind::enter:
            if (!editor_.empty()) return false;
            open_selected();
            return true;
        case Key::Kind::text:
            if (key.text != "q" || !editor_.empty()) return false;
            pager_.reset();
            return true;
        case Key::Kind::click: {
            const Area talk = areas().talk;
            if (!talk.holds(key.place)) return false;
            if (pager_->select_row(key.place.row - talk.row, talk.rows, talk.columns)) {
                open_selected();
            }
            return true;
        }
        case Key::Kind::control:
            if (key.letter != 'c' || !editor_.empty()) return false;
            pager_.reset();
            return true;
        case Key::Kind::alt:
        case Key::Kind::tab:
        case Key::Kind::back_tab:
        case Key::Kind::backspace:
        case Key::Kind::erase:
        case Key::Kind::left:
        case Key::Kind::right:
        case Key::Kind::word_left:
        case Key::Kind::word_right:
        case Key::Kind::alt_up:
        case Key::Kind::alt_down:
        case Key::Kind::home:
        case Key::Kind::end:
        case Key::Kind::unknown:
            break;
    }
    return false;
}

void Model::open_selected() {
    const PagerItem* const selected = pager_->selected();
    if (selected == nullptr) return pager_.reset();
    const PagerItem item = *selected;
    pager_.reset();
    Room* const room = find_room(item.room);
    if (room == nullptr || room->left) {
        wishes_.emplace_back(EnterWish{item.room});
        return;
    }
    show_room(*room);
    if (!item.at) return;
    const Entry* const entry = room->talk.find(item.at);
    if (entry == nullptr) return ask_around(*room, item.at);
    show_entry(*room, entry->serial);
}

void Model::show_entry(Room& room, std::uint64_t serial) {
    room.talk.scroll = {false, serial, 0};
    if (&room == current()) move_view(-static_cast<std::ptrdiff_t>(areas().talk.rows / 2));
}

void Model::pressed_control(char letter) {
    switch (letter) {
        case 'a':
            return editor_.home();
        case 'b':
            return editor_.left();
        case 'c':
            if (editor_.empty() && std::exchange(interrupted_, true)) {
                wishes_.emplace_back(EndWish{status_of(ExitCode::interrupted)});
                return;
            }
            interrupted_ = true;
            return editor_.clear();
        case 'd':
            if (!editor_.empty()) return editor_.erase_right();
            wishes_.emplace_back(EndWish{});
            return;
        case 'e':
            return editor_.end();
        case 'f':
            return editor_.right();
        case 'k':
            return editor_.cut_to_end();
        case 'l':
            wishes_.emplace_back(RedrawWish{});
            return;
        case 'n':
            return step_room(1);
        case 'p':
            return step_room(-1);
        case 'u':
            return editor_.cut_to_home();
        case 'w':
            return editor_.cut_word_left();
        case 'y':
            return editor_.paste();
        case 'z':
            wishes_.emplace_back(SuspendWish{});
            return;
        default:
            return;
    }
}

void Model::pressed_alt(char letter) {
    if (letter >= '1' && letter <= '9') return show_room(static_cast<std::size_t>(letter - '1'));
    switch (letter) {
        case 'a':
            return next_unread();
        case 'b':
            return editor_.word_left();
        case 'f':
            return editor_.word_right();
        default:
            return;
    }
}

void Model::complete(int step) {
    if (!completion_) {
        completion_.emplace(editor_.text(), editor_.cursor(), vocabulary());
        if (completion_->empty()) return completion_.reset();
    }
    const std::size_t begin = completion_->begin();
    const std::size_t end = completion_->end();
    if (!editor_.replace(begin, end, completion_->choose(step))) return completion_.reset();
    // A single one is no choice: the next Tab begins anew.
    if (completion_->candidates().size() == 1) completion_.reset();
}

Vocabulary Model::vocabulary() const {
    Vocabulary words{.commands = known_commands(),
                     .nicks = {},
                     .rooms = {},
                     .own_numbers = {},
                     .others_numbers = {}};
    const auto add = [](std::vector<std::string>& out, const std::string& word) {
        if (std::find(out.begin(), out.end(), word) == out.end()) out.push_back(word);
    };
    for (const auto& room : all_rooms_)
        add(room->is_person ? words.nicks : words.rooms, room->name);
    for (const std::string& room : known_rooms_)
        add(words.rooms, room);
    const Room* const room = current();
    if (room == nullptr) return words;
    std::vector<std::string> nicks;
    for (const std::string& speaker : room->speakers) {
        if (speaker != nick_ && room->people.contains(speaker)) add(nicks, speaker);
    }
    for (const std::string& person : room->people) {
        if (person != nick_) add(nicks, person);
    }
    for (const std::string& person : words.nicks)
        add(nicks, person);
    words.nicks = std::move(nicks);
    for (auto entry = room->talk.entries().rbegin(); entry != room->talk.entries().rend();
         ++entry) {
        auto& numbers = entry->own ? words.own_numbers : words.others_numbers;
        if (!entry->at || !entry->is_said() || numbers.size() >= numbers_offered_max) continue;
        wire::append_position(numbers.emplace_back(), entry->at, room->epoch);
    }
    return words;
}

void Model::clicked(Place place) {
    const Areas shown = areas();
    if (shown.rooms.holds(place)) {
        const std::size_t index = rooms_first(shown.rooms.rows) + (place.row - shown.rooms.row);
        return show_room(index);
    }
    if (shown.members.holds(place)) {
        const Room* const room = current();
        const std::size_t index = place.row - shown.members.row;
        if (room == nullptr || index == 0 || index > room->people.size()) return;
        const std::string nick =
            *std::next(room->people.begin(), static_cast<std::ptrdiff_t>(index) - 1);
        if (nick != nick_) show_room(room_of(nick, true));
    }
}

std::size_t Model::rooms_first(std::size_t rows) const noexcept {
    if (all_rooms_.size() <= rows || current_ < rows / 2) return 0;
    return std::min(current_ - rows / 2, all_rooms_.size() - rows);
}

void Model::move_view(std::ptrdiff_t by) {
    Room* const room = current_room();
    if (room == nullptr) return;
    room->talk.scroll = scrolled(room->talk, look(), areas().talk.rows, by);
    view_moved();
}

void Model::view_moved() {
    Room* const room = current_room();
    if (room == nullptr) return;
    const std::size_t rows = areas().talk.rows;
    if (rows_above(room->talk, look(), rows, rows) < rows) ask_older(*room);
    if (!room->talk.scroll.following) return;
    if (room->talk.more_after()) {
        // The end of what is here is not the end of the room.
        if (!room->talk.entries().empty()) {
            room->talk.scroll = {false, room->talk.entries().back().serial, 0};
        }
        return ask_newer(*room);
    }
    room->unread = 0;
    room->mentioned = false;
}

void Model::follow() {
    Room* const room = current_room();
    if (room == nullptr) return;
    room->talk.scroll = {};
    room->unread = 0;
    room->mentioned = false;
    if (room->talk.more_after()) ask_newest(*room);
}

void Model::step_room(std::ptrdiff_t by) {
    if (all_rooms_.empty()) return;
    const auto count = static_cast<std::ptrdiff_t>(all_rooms_.size());
    show_room(
        static_cast<std::size_t>((static_cast<std::ptrdiff_t>(current_) + by + count) % count));
}

void Model::next_unread() {
    for (std::size_t step = 1; step <= all_rooms_.size(); ++step) {
        const std::size_t index = (current_ + step) % all_rooms_.size();
        if (all_rooms_[index]->unread > 0) return show_room(index);
    }
}

Areas Model::areas() const {
    const Room* const room = current();
    const InputRows input =
        input_rows_of(editor_.text(), editor_.cursor(), prompt_columns(), columns_);
    const bool with_members = room != nullptr && !room->is_person;
    return areas_of(rows_, columns_, input.rows.size(), with_members);
}

std::string Model::prompt() const {
    const Room* const room = current();
    return room == nullptr ? std::string("> ") : room->title() + "> ";
}

std::size_t Model::prompt_columns() const {
    return std::min(columns_of(prompt()), columns_ / 2);
}

}  // namespace chatd::terminal
