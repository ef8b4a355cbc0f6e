#include "chatd/wire/form.hpp"

#include "chatd/wire/shown.hpp"
#include "chatd/wire/websocket.hpp"

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

void append_said(std::string& out, Form form, const Event& event) {
    for_each_line(event.body, [&](std::string_view text) {
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
    });
}

void append_notice(std::string& out, Form form, const Event& event) {
    const std::size_t line_start = out.size();
    out += "-- ";
    const bool many = event.kind == EventKind::joined_many || event.kind == EventKind::left_many;
    out += many ? event.body : event.from;
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
    end_line(out, form, line_start);
}

}  // namespace

void append_event(std::string& out, Form form, const Event& event) {
    if (is_numbered(event.kind)) {
        append_said(out, form, event);
    } else if (shows_notices(form)) {
        append_notice(out, form, event);
    }
}

void append_line(std::string& out, bool websocket, std::string_view line) {
    const std::size_t line_start = out.size();
    out += line;
    end_line(out, text_form(websocket, false), line_start);
}

}  // namespace chatd::wire
