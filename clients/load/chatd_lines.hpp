#pragma once
// chatd's text dialect as chatload reads it, shared by its TCP and its WebSocket form. Plain
// values, any thread.

#include <string>
#include <string_view>

#include "load/adapter.hpp"

namespace chatd::load {

/// The lines by which a member takes its nick and, if `room` is not the lobby, joins it and leaves
/// the lobby. Each ends with a newline.
std::string chatd_login(std::string_view nick, std::string_view room);

/// Takes one line without its newline. `room` tells which reply ends the login.
void take_chatd_line(std::string_view line, std::string_view room, Heard& heard);

}  // namespace chatd::load
