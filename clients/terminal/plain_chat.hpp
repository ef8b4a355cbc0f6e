#pragma once
// chatcli without a screen: for pipes, scripts and dumb terminals. Lines from standard input
// go to the server as they are, its lines to standard output, safe to show. At the end of input:
// half-close, print what still comes, end. Blocks until then; uses descriptors 0, 1 and 2.

#include "chatd/client/exit_code.hpp"
#include "chatd/client/socket.hpp"
#include "options.hpp"

namespace chatd::terminal {

client::ExitCode run_plain_chat(client::Socket socket, const ChatOptions& options, bool colours);

}  // namespace chatd::terminal
