#pragma once
// chatcli udp: sends datagrams at their pace, prints what comes back, judges it. Blocks until the
// end; uses descriptors 0, 1 and 2 and, while it runs, SIGINT and SIGTERM. One thread.

#include "options.hpp"

namespace chatd::terminal {

/// Returns how the program ends: one of ExitCode, or 128+n after a signal.
int run_udp_command(const UdpOptions& options);

}  // namespace chatd::terminal
