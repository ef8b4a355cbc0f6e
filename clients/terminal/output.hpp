#pragma once
// Writing to our own standard output and standard error. Blocks until all is written: whoever reads
// us sets the pace, and with it the server's. One thread.

#include <string_view>

#include "chatd/client/exit_code.hpp"

namespace chatd::terminal {

/// Writes all of `text` to `fd`. ok, broken_pipe when nobody reads it any more, else io_error.
client::ExitCode write_all(int fd, std::string_view text) noexcept;

/// "chatcli: what" on standard error, with a newline; what a terminal would obey is shown instead,
/// but for the line ends.
void complain(std::string_view what);

}  // namespace chatd::terminal
