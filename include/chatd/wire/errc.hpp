#pragma once
// Why input was refused, as one enum for every codec, with the code and the sentence a client is
// told. The sentences say what was wrong and what to do. Plain values, any thread.

#include <cstdint>
#include <string_view>

namespace chatd::wire {

enum class Errc : std::uint8_t {
    none,
    bad_utf8,          ///< a line or text message that is not UTF-8 (RFC 3629)
    nul,               ///< a line that holds a NUL byte
    line_too_long,     ///< more than limits::line_bytes_max bytes before the newline
    newline,           ///< a WebSocket text message that holds a newline
    unknown_command,   ///< a slash and a word that is no command
    need_more_params,  ///< a command without what it needs
    bad_nick,          ///< a nick outside the rules of PROTOCOL.md
    nick_in_use,       ///< somebody has it, or one that looks like it
    bad_room,          ///< a room name outside the rules of PROTOCOL.md
    room_looks_alike,  ///< a new room that looks like one that is there
    no_room,           ///< a line said while in no room
    not_in_room,       ///< leaving or naming a room one has not joined
    no_such_nick,      ///< a private message to nobody
    too_many_rooms,    ///< the connection or the server holds as many rooms as it may
    too_many_lines,    ///< a body of more than limits::body_lines_max lines
    recipient_full,    ///< a private message whose reader has stopped reading
    bad_hex,           ///< a hex payload outside the grammar
    bad_argument,      ///< an argument outside its range
    empty,             ///< a body with nothing in it
    too_fast,          ///< past a rate
};

/// The upper-case code in a FAIL line, "BAD_UTF8".
std::string_view code_of(Errc error) noexcept;

/// One English sentence: what was wrong and what to do.
std::string_view text_of(Errc error) noexcept;

}  // namespace chatd::wire
