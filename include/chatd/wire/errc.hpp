#pragma once
// Why input was refused, as one enum for every codec, with the code and the sentence a client is
// told. The sentences say what was wrong and what to do. Plain values, any thread.

#include <cstdint>
#include <string_view>

namespace chatd::wire {

enum class Errc : std::uint8_t {
    none,
    bad_utf8,            ///< a line or text message that is not UTF-8 (RFC 3629)
    nul,                 ///< a line that holds a NUL byte
    line_too_long,       ///< more than limits::line_bytes_max bytes before the newline
    newline,             ///< a WebSocket text message that holds a newline
    unknown_command,     ///< a slash and a word that is no command
    need_more_params,    ///< a command without what it needs
    bad_nick,            ///< a nick outside the rules of PROTOCOL.md
    nick_in_use,         ///< somebody has it, or one that looks like it
    bad_room,            ///< a room name outside the rules of PROTOCOL.md
    room_looks_alike,    ///< a new room that looks like one that is there
    no_room,             ///< a line said while in no room
    not_in_room,         ///< leaving or naming a room one has not joined
    no_such_nick,        ///< a private message to nobody
    too_many_rooms,      ///< the connection or the server holds as many rooms as it may
    too_many_lines,      ///< a body of more than limits::body_lines_max lines
    recipient_full,      ///< a private message whose reader has stopped reading
    bad_hex,             ///< a hex payload outside the grammar
    bad_argument,        ///< an argument outside its range
    empty,               ///< a body with nothing in it
    too_fast,            ///< past a rate
    no_such_message,     ///< editing, redacting or reacting to what is not there
    not_yours,           ///< editing or redacting what somebody else said
    bad_key,             ///< a key that is empty or longer than limits::key_bytes_max
    key_reused,          ///< a key that was given with another body before
    bad_position,        ///< an epoch or number that no room has
    no_history,          ///< history is off here
    store_behind,        ///< the store takes nothing more just now
    store_failed,        ///< the store could not do it
    bad_query,           ///< a search outside its grammar
    bad_time,            ///< a time or duration outside its grammar, or in the past
    no_such_schedule,    ///< none of one's own has that id
    too_many_schedules,  ///< more than limits::schedules_per_session_max
    bad_token,           ///< a resume token that names no session
    needs_connection,    ///< a request that needs a connection that stays
    needs_session,       ///< a request that needs a session: hello first
    local_only,          ///< what is told on this machine alone
};

/// For walking all of them.
inline constexpr Errc errc_last = Errc::local_only;

/// The upper-case code in a FAIL line, "BAD_UTF8".
std::string_view code_of(Errc error) noexcept;

/// One English sentence: what was wrong and what to do.
std::string_view text_of(Errc error) noexcept;

/// The same for JSON-RPC and HTTP: where text_of() names a command, this names a method.
std::string_view method_text_of(Errc error) noexcept;

}  // namespace chatd::wire
