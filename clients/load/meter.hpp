#pragma once
// What a process costs: its CPU clock to the nanosecond and its resident memory, read from outside
// before and after a part. Also the generator's own CPU, by which one sees who is the bottleneck.
// Reads the kernel's files; one thread.

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <expected>
#include <string>

namespace chatd::load {

/// Readings at one moment. Server fields are 0 when no server is measured.
struct Reading {
    std::uint64_t time_ns = 0;
    std::uint64_t own_cpu_ns = 0;
    std::uint64_t server_cpu_ns = 0;  ///< user and system, all threads, dead ones included
    /// Of the thread whose id is the process's: chatd's ring thread. As of when it last slept, or
    /// of the last tick; 0 where the kernel keeps no schedstat.
    std::uint64_t first_thread_cpu_ns = 0;
    std::uint64_t server_rss_bytes = 0;
};

class Meter {
public:
    /// Measures no server.
    Meter() noexcept = default;
    /// Measures the process `pid`; the error says why it can't.
    static std::expected<Meter, std::string> of(pid_t pid);

    bool has_server() const noexcept { return pid_ != 0; }
    Reading read() const;

private:
    pid_t pid_ = 0;
    clockid_t server_clock_ = 0;
};

}  // namespace chatd::load
