#pragma once
// How every program of this project ends, so that a script can tell why. The numbers from 64 up
// are those of sysexits.h where it has the same meaning.

namespace chatd {

enum class ExitCode : int {
    ok = 0,
    failed = 1,           ///< an expectation not met, a refusal, or a failure at run time
    usage = 64,           ///< the command line or an input the user gave is wrong
    cannot_connect = 69,  ///< no address could be resolved, reached or bound
    state_in_use = 73,    ///< another process has the state directory
    io_error = 74,        ///< reading or writing failed on the way
    timed_out = 75,       ///< what was waited for did not come in time
    not_permitted = 77,
    bad_config = 78,
    interrupted = 130,  ///< 128 + SIGINT
    broken_pipe = 141,  ///< 128 + SIGPIPE: whoever read our output is gone
};

/// The number that main() returns.
constexpr int status_of(ExitCode code) noexcept {
    return static_cast<int>(code);
}

/// The number for a process that a signal ended before it was done.
constexpr int status_of_signal(int signal) noexcept {
    return 128 + signal;
}

}  // namespace chatd
