#include "load/chatd_lines.hpp"

#include <fmt/format.h>

#include "load/lines.hpp"

namespace chatd::load {

namespace {

constexpr std::string_view lobby = "lobby";

/// A reply: `NOTE|WARN|FAIL COMMAND CODE ... :text`.
void take_reply(std::string_view line, std::string_view room, Heard& heard) {
    const std::string_view last_step = room == lobby ? " NICK " : " LEAVE ";
    const std::string_view after_kind = line.substr(4);
    // A nick that somebody has leaves us a guest with a name of its own, which does as well.
    if (after_kind.starts_with(last_step)) {
        heard.ready = true;
    } else if (after_kind.starts_with(" * GAP ")) {
        ++heard.gaps;
    } else if (line.starts_with("FAIL") && !after_kind.starts_with(" NICK ")) {
        heard.refusal = line;
    }
}

}  // namespace

std::string chatd_login(std::string_view nick, std::string_view room) {
    if (room == lobby) return fmt::format("/nick {}\n", nick);
    return fmt::format("/nick {}\n/join {}\n/leave {}\n", nick, room, lobby);
}

void take_chatd_line(std::string_view line, std::string_view room, Heard& heard) {
    if (line.starts_with('<') || line.starts_with('#')) {
        heard.bodies.push_back(said_in(line));
    } else if (line.starts_with("NOTE") || line.starts_with("FAIL") || line.starts_with("WARN")) {
        take_reply(line, room, heard);
    }
}

}  // namespace chatd::load
