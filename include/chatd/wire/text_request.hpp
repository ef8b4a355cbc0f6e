#pragma once
// The text dialect's side of the vocabulary: one line to one request.
// Plain functions, any thread.

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "chatd/wire/errc.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::wire {

/// A line that is no request: the command it began with, in upper case ("*" when it has none that
/// can be shown), why, and what the sentence of `error` can't know (a column), if anything.
struct TextRefusal {
    std::string command;
    Errc error = Errc::none;
    std::string detail;
};

/// Decodes one line without its line end: text, or a command behind one slash. The line must be at
/// most limits::line_bytes_max bytes and not empty; UTF-8 and NUL are checked here.
/// `datagram_bytes_max` bounds /hex.
std::expected<Request, TextRefusal> decode_text_request(std::string_view line,
                                                        std::size_t datagram_bytes_max);

/// The command that a request is written with, in upper case, as its replies name it; "*" for a
/// line said. Static.
std::string_view command_of(const Request& request) noexcept;

/// One line of /help per command.
std::span<const std::string_view> help_lines() noexcept;

}  // namespace chatd::wire
