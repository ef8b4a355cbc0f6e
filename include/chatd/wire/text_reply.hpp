#pragma once
// The text dialect's side of the answers: a reply or a failure to the lines that tell it
// (PROTOCOL.md 3). Plain functions, any thread; `out` is the caller's and only grows, by whole
// lines that end with LF.
// Whatever bodies, topics, queries and tokens hold, each line stays of the kind, author and room
// that it is: names stand before what people wrote, and that is made safe (wire/shown.hpp).

#include <string>
#include <string_view>

#include "chatd/wire/reply.hpp"

namespace chatd::wire {

/// Appends the lines of `reply` to `command` (command_of() in wire/text_request.hpp). None for what
/// is said ("*", ME, REPLY) and for HEX, which are answered by failures alone.
void append_text_reply(std::string& out, std::string_view command, const Reply& reply);

/// Appends "FAIL COMMAND CODE :sentence (detail)", one line.
void append_text_failure(std::string& out, std::string_view command, const Failure& failure);

/// Calls visit(line) for each line of what was appended to an empty text, without its LF.
template <class Visit>
void for_each_reply_line(std::string_view lines, Visit&& visit) {
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        visit(lines.substr(0, end));
        lines.remove_prefix(end + 1);
    }
}

}  // namespace chatd::wire
