#pragma once
// What a line of the server's text dialect says (PROTOCOL.md 2). One line in, one
// value out; the views borrow from the line. No state, any thread.
//
//   <ana> hello                     message       #dev <ana> hello       in another room
//   * ana waves                     action        #dev * ana waves
//   @ana hello                      private message
//   [udp:7 #12 4B] de ad |..|       datagram      #dev [ana 4B] ...
//   -- ana joined #dev              notice, and the lines of /help, /who and /rooms
//   FAIL NICK NICK_IN_USE :Taken.   reply: FAIL, WARN or NOTE, command, code, context, sentence

#include <cstdint>
#include <optional>
#include <string_view>

namespace chatd::client {

struct TextEvent {
    enum class Kind : std::uint8_t {
        message,
        action,
        private_message,
        datagram,
        notice,
        reply,
        other,  ///< none of these: another server, or a newer one
    };
    enum class Severity : std::uint8_t { none, fail, warn, note };

    Kind kind = Kind::other;
    std::string_view room;  ///< message, action, datagram: without '#'; "lobby" where unmarked
    std::string_view from;  ///< message, action, private message, datagram: a nick or "udp:7"
    std::string_view body;  ///< what was said; a datagram's bytes as shown; a notice without "-- ";
                            ///< a reply's sentence; the whole line for Kind::other

    std::uint32_t datagram_bytes = 0;              ///< its full length, also when shown cut
    std::optional<std::uint32_t> datagram_number;  ///< only where its sender numbers them
    std::string_view hex;                          ///< the part of `body` that is hex: "de ad"

    Severity severity = Severity::none;  ///< replies; none for every other kind
    std::string_view command;            ///< "NICK"; "*" when the reply belongs to no command
    std::string_view code;               ///< "NICK_IN_USE"
    std::string_view context;            ///< the words between code and sentence, may be empty
};

/// Never fails: a line that is nothing known is Kind::other. `line` is without its LF.
TextEvent parse_text_event(std::string_view line) noexcept;

/// The words of `context` one after the other: takes the first off and returns it, empty at the
/// end.
std::string_view next_word(std::string_view& words) noexcept;

}  // namespace chatd::client
