#pragma once
// chatcli at a terminal: lines are edited while others arrive above them. Ctrl-D half-closes and
// waits for what still comes, Ctrl-C clears the line and, twice, quits. Blocks until the end; uses
// descriptors 0, 1 and 2, and takes over the signals of the terminal.

#include <optional>

#include "chatd/client/exit_code.hpp"
#include "chatd/client/socket.hpp"
#include "options.hpp"

namespace chatd::terminal {

/// Runs on `socket` and returns how the program ends: 128+n after a signal, hence an int. Nothing,
/// and the socket untouched, where this terminal cannot be edited on.
std::optional<int> run_interactive_chat(client::Socket& socket, const ChatOptions& options,
                                        bool colours);

}  // namespace chatd::terminal
