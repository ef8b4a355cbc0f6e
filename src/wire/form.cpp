#include "chatd/wire/form.hpp"

#include "chatd/wire/crowd.hpp"
#include "chatd/wire/position_text.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/websocket.hpp"
#include "wire/json_form.hpp"

namespace chatd::wire {

namespace {

// "#dev " before every line of a room other than the lobby.
void append_room_mark(std::string& out, std::string_view room) {
    if (room == lobby_name) return;
    out += '#';
    out += room;
    out += ' ';
}

// Ends the line that began at `line_start`: an LF, or a frame header put before it.
void end_line(std::string& out, Form form, std::size_t line_start) {
    if (!is_websocket(form)) {
        out += '\n';
        return;
    }
    std::string header;  // at most 10 bytes: within the small-string buffer
    append_frame_header(header, WebSocketOpcode::text, out.size() - line_start);
    out.insert(line_start, header);
}

// One line of what was said: "#dev <ana> hello".
void append_said_line(std::string& out, Form form, const Event& event, std::string_view text) {
    const std::size_t line_start = out.size();
    append_room_mark(out, event.room);
    if (event.kind == EventKind::action) {
        out += "* ";
        out += event.from;
        out += ' ';
    } else {
        out += '<';
        out += event.from;
        out += "> ";
    }
    append_shown(out, text);
    end_line(out, form, line_start);
}

void append_said(std::string& out, Form form, const Event& event) {
    if (event.removed) return append_said_line(out, form, event, removed_text);
    for_each_line(event.body,
                  [&](std::string_view text) { append_said_line(out, form, event, text); });
}

std::string_view change_code(const Event& event) noexcept {
    if (event.kind == EventKind::edited) return "EDITED";
    if (event.kind == EventKind::redacted) return "REDACTED";
    if (event.kind == EventKind::topic) return "TOPIC";
    return event.off ? "UNREACTED" : "REACTED";
}

// One line of a change: "NOTE * EDITED #dev 41 ana :text". The room stands in it always, so that
// no line depends on which room is the lobby.
void append_change_line(std::string& out, Form form, const Event& event, std::string_view text) {
    const std::size_t line_start = out.size();
    out += "NOTE * ";
    out += change_code(event);
    out += " #";
    out += event.room;
    if (event.kind != EventKind::topic) {
        out += ' ';
        append_position(out, event.target, event.at.epoch);
    }
    out += ' ';
    out += event.from;
    out += " :";
    append_shown(out, text);
    end_line(out, form, line_start);
}

void append_change(std::string& out, Form form, const Event& event) {
    if (event.kind == EventKind::redacted) {
        std::string text(event.from);
        text += " took message ";
        append_position(text, event.target, event.at.epoch);
        text += " back.";
        return append_change_line(out, form, event, text);
    }
    // A topic that is cleared is told all the same.
    if (event.body.empty()) return append_change_line(out, form, event, {});
    for_each_line(event.body,
                  [&](std::string_view text) { append_change_line(out, form, event, text); });
}

void append_notice(std::string& out, Form form, const Event& event) {
    const std::size_t line_start = out.size();
    out += "-- ";
    const bool many = event.kind == EventKind::joined_many || event.kind == EventKind::left_many;
    const Crowd crowd = many ? crowd_of(event.body) : Crowd{};
    out += many ? std::to_string(crowd.count) : event.from;
    const bool joined = event.kind == EventKind::joined || event.kind == EventKind::joined_many;
    if (event.kind == EventKind::renamed) {
        out += " is now ";
        out += event.body;
        out += " in #";
    } else {
        out += joined ? " joined #" : " left #";
    }
    out += event.room;
    if (event.kind == EventKind::left && !event.body.empty()) {
        out += " (";
        append_shown(out, event.body);
        out += ')';
    }
    if (many) out += " (" + std::to_string(crowd.people) + " here)";
    end_line(out, form, line_start);
}

}  // namespace

void append_event(std::string& out, Form form, const Event& event) {
    if (is_json(form)) {
        if (is_numbered(event.kind) || shows_notices(form)) append_json_event(out, form, event);
    } else if (is_said(event.kind)) {
        append_said(out, form, event);
    } else if (is_numbered(event.kind)) {
        append_change(out, form, event);
    } else if (shows_notices(form)) {
        append_notice(out, form, event);
    }
}

void append_typing_text(std::string& line, std::string_view room, std::string_view from, bool on) {
    line.append("-- ").append(from).append(on ? " is typing in #" : " stopped typing in #");
    line += room;
}

void append_read_text(std::string& line, std::string_view room, std::string_view from,
                      const Position& at, Epoch present) {
    line.append("-- ").append(from).append(" has read #").append(room).append(" up to ");
    append_position(line, at, present);
}

void append_line(std::string& out, bool websocket, std::string_view line) {
    const std::size_t line_start = out.size();
    out += line;
    end_line(out, text_form(websocket, false), line_start);
}

}  // namespace chatd::wire
