#pragma once
// The scriptable subcommands. Each connects, does its errand, prints and returns what main()
// returns. Block; one thread; one of them in a process.

#include "command_options.hpp"

namespace chatd::terminal {

int run_command(const SayOptions& options);
int run_command(const TailOptions& options);
int run_command(const MsgOptions& options);
int run_command(const WhoOptions& options);
int run_command(const SearchOptions& options);
int run_command(const ExportOptions& options);
int run_command(const ForwardOptions& options);

}  // namespace chatd::terminal
