#pragma once
// chatcli top: asks chatd for its connections again and again, and shows them. Blocks until the
// end; uses descriptors 0 and 1 and, while it paints, SIGINT, SIGTERM and SIGWINCH. One thread.

#include "top_options.hpp"

namespace chatd::terminal {

/// Returns how the program ends: one of ExitCode, or 128+n after a signal.
int run_top(const TopOptions& options);

}  // namespace chatd::terminal
