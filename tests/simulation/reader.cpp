#include "simulation/reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "simulation/trace.hpp"

namespace chatd::simulation {

namespace {

std::size_t find_room(std::string_view name) {
    const auto found = std::find(room_names.begin(), room_names.end(), name);
    return found == room_names.end() ? no_room
                                     : static_cast<std::size_t>(found - room_names.begin());
}

// The word behind a '#' at the beginning of `text`.
std::string_view marked_room(std::string_view text) {
    if (!text.starts_with('#')) return {};
    text.remove_prefix(1);
    return text.substr(0, text.find(' '));
}

std::optional<std::uint64_t> number(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

constexpr std::array<std::string_view, 3> event_words{" joined #", " left #", " is now "};

bool is_event(std::string_view line) {
    return std::any_of(event_words.begin(), event_words.end(), [&](std::string_view word) {
        return line.find(word) != std::string_view::npos;
    });
}

}  // namespace

std::string Reader::context() const {
    return "client " + std::to_string(person_.number) + " (" + person_.nick + "): ";
}

void Reader::placed(std::size_t room, std::uint64_t from, std::uint64_t until,
                    std::uint64_t told_before) {
    places_[room] = {
        .open = true, .was_open = true, .low = from, .high = until, .told = told_before};
}

void Reader::placed_until(std::size_t room, std::uint64_t until) {
    Place& place = places_[room];
    if (place.open && !place.begun) place.high = std::max(place.high, until);
}

// -- bytes to lines ------------------------------------------------------------------------------

void Reader::received(Bytes bytes, const std::function<bool()>& resolve) {
    if (stranger_) return;
    resolve_ = &resolve;
    append(buffer_, bytes);
    if (mode_ == Mode::undecided) mode_ = buffer_.starts_with('H') ? Mode::http_head : Mode::text;
    if (mode_ == Mode::text) take_text();
    if (mode_ == Mode::http_head && take_head()) mode_ = Mode::frames;
    if (mode_ == Mode::frames) take_frames();
}

void Reader::take_text() {
    std::size_t start = 0;
    for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n', start)) {
        line_came(std::string_view(buffer_).substr(start, end - start));
        start = end + 1;
    }
    buffer_.erase(0, start);
}

bool Reader::take_head() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    answer(std::string_view(buffer_).substr(0, end));
    buffer_.erase(0, end + 4);
    return true;
}

void Reader::take_frames() {
    constexpr wire::WebSocketLimits limits{.message_bytes_max = 1 << 20, .fragments_max = 1};
    using Kind = wire::WebSocketStep::Kind;
    const std::string input = std::exchange(buffer_, {});
    Bytes rest = as_bytes(input);
    while (!rest.empty()) {
        const auto step = decoder_.step(rest, limits, {message_, scratch_, 1 << 20});
        rest = rest.subspan(step.consumed);
        if (closed_) violate("nothing_after_close", context() + "bytes behind the close frame");
        switch (step.kind) {
            case Kind::none:
                break;
            case Kind::text:
                line_came(as_text(step.payload));
                break;
            case Kind::binary:
                violate("frames", context() + "a binary frame");
            case Kind::ping:
                pings_.emplace_back(as_text(step.payload));
                break;
            case Kind::pong:
                pong_came(std::string(as_text(step.payload)));
                break;
            case Kind::close:
                closed_ = true;
                break;
            case Kind::failed:
                violate("frames", context() + std::string(as_text(step.payload)));
        }
    }
}

void Reader::pong_came(std::string payload) {
    const auto found = std::find(pongs_.begin(), pongs_.end(), payload);
    if (found == pongs_.end()) violate("pongs", context() + "no such ping: " + payload);
    // Of several pings only the latest need be answered (RFC 6455 5.5.3).
    pongs_.erase(pongs_.begin(), found + 1);
}

void Reader::ended() {
    if (stranger_) return;
    const bool whole =
        mode_ == Mode::frames ? decoder_.between_messages() || closed_ : buffer_.empty();
    if (!whole) violate("whole_lines", context() + "the stream ends within a line: " + buffer_);
    if (mode_ == Mode::frames && !closed_) {
        violate("close_frame", context() + "a WebSocket ends without a close frame");
    }
}

// -- lines ---------------------------------------------------------------------------------------

void Reader::line_came(std::string_view line) {
    filter_.pass(line, [this](std::string_view passed) { check_line(passed); });
}

void Reader::check_line(std::string_view line) {
    const auto bad = std::find_if(line.begin(), line.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
    });
    if (line.empty() || bad != line.end()) {
        violate("whole_lines", context() + "not a line: '" + std::string(line) + "'");
    }
    switch (line.front()) {
        case '<':
        case '*':
            return said(lobby, line);
        case '#':
            return said(find_room(marked_room(line)), line);
        case '@':
            return private_line(line);
        case '[':
            if (!sees_datagrams) violate("datagram_lines", context() + std::string(line));
            return;
        case '-':
            if (is_event(line)) return told(line);
            ++list_lines_;
            return;
        default:
            break;
    }
    if (line.starts_with("NOTE * GAP ")) return gap(line);
    if (line.starts_with("NOTE * DRAIN ")) return;
    if (line.starts_with("NOTE * WELCOME #lobby :")) {
        if (welcomed_) violate("welcome", context() + "twice");
        welcomed_ = true;
        return;
    }
    if (line.starts_with("NOTE NICK GUEST ")) {
        if (!welcomed_)
            violate("welcome", context() + "a guest that was not greeted: " + std::string(line));
        return;
    }
    if (line.starts_with("NOTE ") || line.starts_with("FAIL ")) return answer(line);
    violate("whole_lines", context() + "not a line of the dialect: " + std::string(line));
}

Reader::Place& Reader::place_for(std::size_t room, std::string_view line) {
    if (room == no_room) violate("content", context() + "no such room: " + std::string(line));
    Place& place = places_[room];
    if (place.open) return place;
    violate(place.was_open ? "nothing_after_leave" : "join_reply_first",
            context() + "not in the room: " + std::string(line));
}

// Where the line stands, if it is one that may come next.
std::optional<std::uint64_t> Reader::expected_at(const Place& place, std::size_t room,
                                                 std::string_view line) const {
    const std::vector<Said>& history = model_.room(room).said;
    const auto is_at = [&](std::uint64_t index) {
        return index < history.size() && history[index].lines[0] == line;
    };
    const std::uint64_t last = model_.next_for(room, place.high, person_.number);
    std::uint64_t index = model_.next_for(room, place.low, person_.number);
    while (!is_at(index) && index < last)
        index = model_.next_for(room, index + 1, person_.number);
    if (is_at(index)) return index;
    for (const std::uint64_t other : place.otherwise) {
        index = model_.next_for(room, other, person_.number);
        if (is_at(index)) return index;
    }
    return std::nullopt;
}

void Reader::said(std::size_t room, std::string_view line) {
    Place& place = place_for(room, line);
    const std::vector<Said>& history = model_.room(room).said;
    if (place.line > 0) {
        const Said& begun = history[place.low];
        if (begun.lines[place.line] != line) {
            violate("whole_records",
                    context() + "within '" + begun.lines[0] + "' came '" + std::string(line) + "'");
        }
    } else {
        const auto found = expected_at(place, room, line);
        if (!found) not_expected(place, room, line);
        const std::uint64_t index = *found;
        if (person_.until && index >= person_.until->said[room]) {
            violate("until", context() + "said after its end: " + std::string(line));
        }
        place.low = index;
        place.begun = true;
        place.otherwise.clear();
    }
    if (++place.line == history[place.low].lines.size()) {
        place.line = 0;
        place.high = ++place.low;
        place.after_gap = false;
    }
    place.high = place.low;
}

// Says what is wrong with a line that is not the next.
void Reader::not_expected(const Place& place, std::size_t room, std::string_view line) {
    const std::vector<Said>& history = model_.room(room).said;
    const std::uint64_t next = model_.next_for(room, place.low, person_.number);
    for (std::uint64_t index = 0; tracing && index < history.size(); ++index) {
        fmt::print(stderr, "line {} of #{}, client {}: {:.40}\n", index, room_names[room],
                   history[index].author, history[index].lines[0]);
    }
    const std::string detail =
        context() + "'" + std::string(line) + "' came, expected " +
        (next < history.size() ? "'" + history[next].lines[0] + "'" : "nothing") + " (line " +
        std::to_string(next) + " of " + std::to_string(history.size()) + ")";
    for (std::uint64_t index = 0; index < history.size(); ++index) {
        if (history[index].lines[0] != line) continue;
        if (history[index].author == person_.number) violate("own_lines", detail);
        if (place.after_gap) violate("gap_exact", detail);
        violate(index < place.low ? "once" : "gap_free", detail);
    }
    violate("content", detail);
}

// "NOTE * GAP #room from-to :text"
void Reader::gap(std::string_view line) {
    const std::string_view words = line.substr(std::string_view("NOTE * GAP ").size());
    const std::size_t room = find_room(marked_room(words));
    const std::string_view range = words.substr(std::min(words.find(' '), words.size()));
    const auto dash = range.find('-');
    const auto end = range.find(" :");
    if (room == no_room || dash == std::string_view::npos || end == std::string_view::npos) {
        violate("gap_exact", context() + std::string(line));
    }
    const auto from = number(range.substr(1, dash - 1));
    const auto to = number(range.substr(dash + 1, end - dash - 1));
    if (!from || !to || *from == 0 || *to < *from)
        violate("gap_exact", context() + std::string(line));
    ++gap_count_;
    Place& place = place_for(room, line);
    if (place.line > 0) violate("whole_records", context() + "a gap within a record");
    std::vector<std::uint64_t> ends;
    const auto consider = [&](std::uint64_t base) {
        if (gap_fits(place, room, *from - 1 + base, *to + base)) ends.push_back(*to + base);
    };
    if (model_.fuzzy() && room != lobby) {
        // When a room was empty is not known where people are made to wait.
        for (std::uint64_t base = 0; base < model_.room(room).said.size(); ++base)
            consider(base);
    } else {
        for (const std::uint64_t base : model_.room(room).bases)
            consider(base);
    }
    if (ends.empty()) {
        violate("gap_exact", context() + std::string(line) + ", the next was line " +
                                 std::to_string(place.low) + " of " +
                                 std::to_string(model_.room(room).said.size()));
    }
    place.low = place.high = ends.back();
    ends.pop_back();
    place.otherwise = std::move(ends);
    place.after_gap = true;
    place.begun = true;
}

// Whether the gap [from, to) begins where this reader stands, its own lines stepped over.
bool Reader::gap_fits(const Place& place, std::size_t room, std::uint64_t from,
                      std::uint64_t to) const {
    if (to > model_.room(room).said.size()) return false;
    const auto fits = [&](std::uint64_t low, std::uint64_t high) {
        return from >= low && model_.next_for(room, std::min(high, from), person_.number) >= from;
    };
    return fits(place.low, place.high) ||
           std::any_of(place.otherwise.begin(), place.otherwise.end(),
                       [&](std::uint64_t other) { return fits(other, other); });
}

void Reader::told(std::string_view line) {
    // Beyond so many a second events are told as a number: no nick begins with a digit.
    const bool summary = line.size() > 3 && line[3] >= '0' && line[3] <= '9';
    const auto mark = line.rfind('#', line.find(" ("));
    const std::size_t room = find_room(marked_room(line.substr(std::min(mark, line.size()))));
    Place& place = place_for(room, line);
    if (!notices_) violate("notices", context() + "not asked for: " + std::string(line));
    if (summary || model_.fuzzy()) return;
    const std::string_view bare = line.substr(0, line.find(" ("));
    const RoomHistory& history = model_.room(room);
    const std::uint64_t next = model_.next_for(room, place.high, person_.number);
    for (std::uint64_t index = place.told; index < history.told.size(); ++index) {
        const Told& event = history.told[index];
        if (event.line != bare || event.author == person_.number) continue;
        if (event.after < place.low || event.after > next) continue;
        place.told = index + 1;
        return;
    }
    violate("notice_order",
            context() + std::string(line) + " is not due before line " + std::to_string(next));
}

void Reader::check_complete() const {
    if (stranger_) return;
    if (!person_.replies.empty()) {
        violate("all_answers", context() + "no answer: " + person_.replies.front().begins);
    }
    if (mode_ != Mode::frames && !buffer_.empty()) {
        violate("whole_lines", context() + "an unfinished line: " + buffer_);
    }
    for (const std::uint32_t index : person_.messages) {
        const PrivateMessage& message = model_.message(index);
        if (message.state == PrivateMessage::State::accepted && !message.arrived) {
            violate("private", context() + "never came: " + message.lines[0]);
        }
    }
    for (std::size_t room = 0; room < room_count_max; ++room) {
        const Place& place = places_[room];
        const std::vector<Said>& history = model_.room(room).said;
        const std::uint64_t owed = person_.until ? person_.until->said[room] : history.size();
        if (!place.open) continue;
        const std::uint64_t next = model_.next_for(room, place.high, person_.number);
        if (next < owed || place.line > 0) {
            violate("all_arrives", context() + "#" + std::string(room_names[room]) + " from line " +
                                       std::to_string(next) + " of " + std::to_string(owed) + ": " +
                                       history[next].lines[0]);
        }
    }
}

}  // namespace chatd::simulation
