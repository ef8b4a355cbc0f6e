#pragma once
// What chatd does with a state directory without serving: looking it over, writing a room out. Both
// only read, also beside a running chatd, and print to standard output. They return the exit code.

#include "chatd/server/options.hpp"

namespace chatd::server {

/// "ok" and 0, or what is damaged and 1.
int print_check(const Options& options);

/// The history of Options::room, a JSON object a line.
int print_export(const Options& options);

}  // namespace chatd::server
