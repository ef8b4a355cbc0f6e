#include "chatd/wire/errc.hpp"

namespace chatd::wire {

std::string_view code_of(Errc error) noexcept {
    switch (error) {
        case Errc::none:
            return "OK";
        case Errc::bad_utf8:
            return "BAD_UTF8";
        case Errc::nul:
            return "NUL";
        case Errc::line_too_long:
            return "LINE_TOO_LONG";
        case Errc::newline:
            return "NEWLINE";
        case Errc::unknown_command:
            return "UNKNOWN_COMMAND";
        case Errc::need_more_params:
            return "NEED_MORE_PARAMS";
        case Errc::bad_nick:
            return "BAD_NICK";
        case Errc::nick_in_use:
            return "NICK_IN_USE";
        case Errc::bad_room:
            return "BAD_ROOM";
        case Errc::room_looks_alike:
            return "ROOM_LOOKS_ALIKE";
        case Errc::no_room:
            return "NO_ROOM";
        case Errc::not_in_room:
            return "NOT_IN_ROOM";
        case Errc::no_such_nick:
            return "NO_SUCH_NICK";
        case Errc::too_many_rooms:
            return "TOO_MANY_ROOMS";
        case Errc::too_many_lines:
            return "TOO_MANY_LINES";
        case Errc::recipient_full:
            return "RECIPIENT_FULL";
        case Errc::bad_hex:
            return "BAD_HEX";
        case Errc::bad_argument:
            return "BAD_ARGUMENT";
        case Errc::empty:
            return "EMPTY";
        case Errc::too_fast:
            return "TOO_FAST";
        case Errc::no_such_message:
            return "NO_SUCH_MESSAGE";
        case Errc::not_yours:
            return "NOT_YOURS";
        case Errc::bad_key:
            return "BAD_KEY";
        case Errc::key_reused:
            return "KEY_REUSED";
        case Errc::bad_position:
            return "BAD_POSITION";
        case Errc::no_history:
            return "NO_HISTORY";
        case Errc::store_behind:
            return "STORE_BEHIND";
        case Errc::store_failed:
            return "STORE_FAILED";
        case Errc::bad_query:
            return "BAD_QUERY";
        case Errc::bad_time:
            return "BAD_TIME";
        case Errc::no_such_schedule:
            return "NO_SUCH_SCHEDULE";
        case Errc::too_many_schedules:
            return "TOO_MANY_SCHEDULES";
        case Errc::bad_token:
            return "BAD_TOKEN";
        case Errc::needs_connection:
            return "NEEDS_CONNECTION";
        case Errc::needs_session:
            return "NEEDS_SESSION";
        case Errc::local_only:
            return "LOCAL_ONLY";
    }
    return "INTERNAL";
}

std::string_view text_of(Errc error) noexcept {
    switch (error) {
        case Errc::none:
            return "Fine.";
        case Errc::bad_utf8:
            return "That line is not valid UTF-8 and was not said; send UTF-8.";
        case Errc::nul:
            return "That line holds a NUL byte and was not said; send text.";
        case Errc::line_too_long:
            return "A line has at most 4096 bytes; this one was not said. Send shorter lines.";
        case Errc::newline:
            return "One message is one line; send each line as its own message.";
        case Errc::unknown_command:
            return "No such command; /help lists them, // begins a line with a slash.";
        case Errc::need_more_params:
            return "Something is missing; /help shows how it is written.";
        case Errc::bad_nick:
            return "A nick has 1 to 32 letters, digits, '-', '_' or '.', begins with a letter, and "
                   "is "
                   "not a reserved word.";
        case Errc::nick_in_use:
            return "That nick, or one that looks like it, is taken; choose another.";
        case Errc::bad_room:
            return "A room name has 1 to 32 letters, digits, '-', '_' or '.' and begins with a "
                   "letter "
                   "or digit.";
        case Errc::room_looks_alike:
            return "A room that looks like it is there already; join that one, or choose another "
                   "name.";
        case Errc::no_room:
            return "You are in no room; /join ROOM first.";
        case Errc::not_in_room:
            return "You are not in that room; /join it first.";
        case Errc::no_such_nick:
            return "Nobody here has that nick; /who lists the room.";
        case Errc::too_many_rooms:
            return "No more rooms can be held here; /leave one first.";
        case Errc::too_many_lines:
            return "A message has at most 64 lines; send it in parts.";
        case Errc::recipient_full:
            return "Their connection takes nothing more just now; try again later.";
        case Errc::bad_hex:
            return "That is not hex; write bytes like de ad be ef.";
        case Errc::bad_argument:
            return "That argument does not fit; /help shows how it is written.";
        case Errc::empty:
            return "There is nothing to send; write something.";
        case Errc::too_fast:
            return "That was too much at once; wait a second and send it again.";
        case Errc::no_such_message:
            return "That room has no such message; /history shows their numbers.";
        case Errc::not_yours:
            return "That is not yours to change; only who said it may.";
        case Errc::bad_key:
            return "A key has 1 to 64 bytes.";
        case Errc::key_reused:
            return "That key was used for another message; choose a new one for each.";
        case Errc::bad_position:
            return "That room has no such position; /history shows those it has.";
        case Errc::no_history:
            return "This server keeps no history; ask whoever runs it to turn it on.";
        case Errc::store_behind:
            return "Too much waits to be stored just now; send it again in a moment.";
        case Errc::store_failed:
            return "The store could not do that; the server's log says why.";
        case Errc::bad_query:
            return "That is no search; write words, quoted phrases, from:NICK, in:ROOM, "
                   "before:DATE or after:DATE.";
        case Errc::bad_time:
            return "That is no time to come; write 10m, PT10M, 18:00 or 2027-01-31T18:00:00Z.";
        case Errc::no_such_schedule:
            return "You have no such schedule; /schedules lists them.";
        case Errc::too_many_schedules:
            return "You have 100 schedules; /unschedule one first.";
        case Errc::bad_token:
            return "That token names no session; say hello for a new one.";
        case Errc::needs_connection:
            return "That needs a connection that stays open; use TCP or WebSocket.";
        case Errc::needs_session:
            return "That needs a session; say hello first.";
        case Errc::local_only:
            return "That is told on the server's own machine alone; connect from there.";
    }
    return "Internal error.";
}

std::string_view method_text_of(Errc error) noexcept {
    switch (error) {
        case Errc::no_room:
            return "You are in no room; join one first.";
        case Errc::not_in_room:
            return "You are not in that room; join it first.";
        case Errc::no_such_nick:
            return "Nobody here has that nick; who lists a room's people.";
        case Errc::too_many_rooms:
            return "No more rooms can be held here; leave one first.";
        case Errc::bad_argument:
            return "That argument does not fit; /rpc/openrpc.json describes each.";
        case Errc::no_such_message:
            return "That room has no such message; history shows their numbers.";
        case Errc::bad_position:
            return "That room has no such position; history shows those it has.";
        case Errc::no_such_schedule:
            return "You have no such schedule; schedules lists them.";
        case Errc::too_many_schedules:
            return "You have 100 schedules; unschedule one first.";
        default:
            return text_of(error);
    }
}

}  // namespace chatd::wire
