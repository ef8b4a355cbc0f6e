#pragma once
// The full-screen chat: a Session's connection, the screen's model, and the terminal, in one loop
// that waits for all of them at once. Nothing typed ever waits for the network.

#include <optional>

#include "options.hpp"

namespace chatd::terminal {

/// Chats until the user ends it; returns the program's status. None where the terminal is of no
/// use for a full screen; nothing has been done then.
std::optional<int> run_screen_chat(const ChatOptions& options, bool colours);

}  // namespace chatd::terminal
