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
            return "There is nothing to send.";
        case Errc::too_fast:
            return "That was too much at once; wait a second and send it again.";
    }
    return "Internal error.";
}

}  // namespace chatd::wire
