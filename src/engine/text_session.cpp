// The text dialect: bytes to lines, lines to requests.

#include "chatd/wire/text_request.hpp"
#include "engine/core.hpp"
#include "engine/lines.hpp"

namespace chatd::engine {

namespace {

using wire::Errc;

// A CR before the LF belongs to the line end.
std::string_view without_line_end(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool too_long(std::string_view unfinished) {
    return without_line_end(unfinished).size() > limits::line_bytes_max;
}

// Keeps the beginning of a line; one that is already too long is answered at once and skipped.
void keep_unfinished(Core& core, Connection& connection, Bytes bytes) {
    keep(core, connection, bytes);
    if (!connection.input || !too_long(*connection.input)) return;
    (void)take_kept(core, connection);
    connection.skipping_line = true;
    fail(core, connection, "*", Errc::line_too_long);
}

// The first line gives a nick: the one it asks for, or a guest's. False after a FAIL.
bool name_first(Core& core, Connection& connection, const wire::Request& request) {
    if (const auto* nick = std::get_if<wire::Nick>(&request)) {
        const Errc error = name_connection(core, connection, nick->name);
        if (error != Errc::none) fail(core, connection, "NICK", error);
        return error == Errc::none;
    }
    (void)name_connection(core, connection, {});
    if (connection.greeted) {
        const std::string guest(connection.nick());
        note(core, connection, "NICK", "GUEST", guest,
             "You are " + guest + "; /nick NAME changes it.");
    }
    return true;
}

}  // namespace

void take_line(Core& core, Connection& connection, std::string_view line) {
    line = without_line_end(line);
    if (line.empty()) return;
    if (line.size() > limits::line_bytes_max) {
        return fail(core, connection, "*", Errc::line_too_long);
    }
    const auto request =
        wire::decode_text_request(line, core.datagrams.config().datagram_bytes_max);
    if (!request) {
        const wire::TextRefusal& refusal = request.error();
        return fail(core, connection, refusal.command, refusal.error, refusal.detail);
    }
    if (connection.nick().empty() && !name_first(core, connection, *request)) return;
    carry_out(core, connection, *request, {.command = wire::command_of(*request)});
}

std::size_t take_text(Core& core, Connection& connection, Bytes bytes) {
    return take_lines(
        core, connection, bytes, [&](std::string_view line) { take_line(core, connection, line); },
        [&](Bytes rest) { keep_unfinished(core, connection, rest); });
}

}  // namespace chatd::engine
