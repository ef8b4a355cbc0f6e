#pragma once
// The wire forms of a room's records. A form depends on the room and the record alone, never on
// the reader, so one encoding serves everyone who reads that form.
// Plain functions, any thread; `out` is the caller's and only grows.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/wire/event.hpp"

namespace chatd::wire {

enum class Form : std::uint8_t {
    text,                    ///< lines of the text dialect, LF-ended
    text_notices,            ///< the same with joined, left and renamed
    websocket_text,          ///< each line as one unmasked text frame, without the LF
    websocket_text_notices,  ///< the same with joined, left and renamed
    json_line,               ///< JSON-RPC notifications, LF-ended
    json_line_notices,       ///< the same with joined, left and renamed
    json_frame,              ///< each notification as one unmasked text frame, without the LF
    json_frame_notices,      ///< the same with joined, left and renamed
    sse,                     ///< Server-Sent Events of what is numbered, the params as data
};
inline constexpr std::size_t form_count = 9;

constexpr bool shows_notices(Form form) noexcept {
    return form == Form::text_notices || form == Form::websocket_text_notices ||
           form == Form::json_line_notices || form == Form::json_frame_notices;
}
constexpr bool is_websocket(Form form) noexcept {
    return form == Form::websocket_text || form == Form::websocket_text_notices ||
           form == Form::json_frame || form == Form::json_frame_notices;
}
constexpr bool is_json(Form form) noexcept {
    return form >= Form::json_line;
}
/// The form for a connection: framed for WebSocket or not, with or without notices.
constexpr Form text_form(bool websocket, bool notices) noexcept {
    if (websocket) return notices ? Form::websocket_text_notices : Form::websocket_text;
    return notices ? Form::text_notices : Form::text;
}

/// The same for a connection that speaks JSON-RPC: framed for WebSocket or as lines.
constexpr Form json_form(bool framed, bool notices) noexcept {
    if (framed) return notices ? Form::json_frame_notices : Form::json_frame;
    return notices ? Form::json_line_notices : Form::json_line;
}

/// The room that everyone starts in; its lines carry no room mark in the text dialect.
inline constexpr std::string_view lobby_name = "lobby";

/// What stands for the body of a message that was taken back.
inline constexpr std::string_view removed_text = "(removed)";

/// Appends `event` in `form`: nothing when the form does not show that kind. A body of several
/// text lines gives as many lines, each with the author (no body can forge a line).
void append_event(std::string& out, Form form, const Event& event);

/// Appends to `line` what the text dialect shows of somebody's typing, and of how far somebody has
/// read in a room that stands in epoch `present`: notices, without their LF.
void append_typing_text(std::string& line, std::string_view room, std::string_view from, bool on);
void append_read_text(std::string& line, std::string_view room, std::string_view from,
                      const Position& at, Epoch present);

/// Appends one line of the text dialect for one connection: `line` with LF, or as one text frame.
/// `line` must hold no newline.
void append_line(std::string& out, bool websocket, std::string_view line);

}  // namespace chatd::wire
