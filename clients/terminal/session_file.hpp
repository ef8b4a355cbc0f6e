#pragma once
// Who one was the last time, kept in a file of the user's: the session's token, the nick, how far
// every room was read, and the lines that were not said yet. So the same --nick is the same person
// again, although the server keeps the nick for them. One file for each server and nick in
// $XDG_STATE_HOME/chatcli (default ~/.local/state/chatcli); the directory is 0700, the file 0600,
// since whoever has the token is that person. Plain functions; one thread.

#include <string>
#include <string_view>

#include "chatd/client/session_state.hpp"

namespace chatd::terminal {

/// Where that file is; empty where there is no home, or `nick` is no word that a file can be named
/// by. `server` is as the user wrote it.
std::string session_file_path(std::string_view server, std::string_view nick);

/// Reads it; somebody new if it is not there or holds something else.
client::SessionState load_session(const std::string& path);

/// Writes it anew, all or nothing, with the directories it needs. False where that fails: then the
/// next run is somebody new, which is no reason to trouble this one.
bool save_session(const std::string& path, const client::SessionState& state);

/// Removes it: the session is over.
void forget_session(const std::string& path);

}  // namespace chatd::terminal
