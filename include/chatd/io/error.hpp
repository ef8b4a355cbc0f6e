#pragma once
// What a system call refused: its errno and the name of what was tried. A plain value; `what`
// points at a string that lives as long as the process. Any thread.

#include <string>

namespace chatd::io {

struct Error {
    int number = 0;         ///< errno; never 0 in an error that was returned
    const char* what = "";  ///< the step that failed, in a word or two: "bind", "SO_RCVBUF"

    /// "bind: Address already in use", for a log line or a start-up message.
    std::string text() const;
};

}  // namespace chatd::io
