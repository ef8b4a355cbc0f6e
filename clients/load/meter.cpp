#include "load/meter.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <fstream>

#include "load/clock.hpp"

namespace chatd::load {

namespace {

std::uint64_t cpu_ns(clockid_t clock) noexcept {
    timespec time{};
    if (clock_gettime(clock, &time) != 0) return 0;
    return static_cast<std::uint64_t>(time.tv_sec) * second_ns +
           static_cast<std::uint64_t>(time.tv_nsec);
}

/// The kB behind `key` in a file of "Key:   123 kB" lines, in bytes.
std::uint64_t kilobytes_of(const std::string& path, std::string_view key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(key)) continue;
        const std::size_t digits = line.find_first_of("0123456789");
        if (digits == std::string::npos) return 0;
        std::uint64_t value = 0;
        std::from_chars(line.data() + digits, line.data() + line.size(), value);
        return value * 1024;
    }
    return 0;
}

/// smaps_rollup walks the page tables and is exact; VmRSS sums per-CPU counters and may be off by
/// half a mebibyte, which is much against 10,000 idle connections.
std::uint64_t rss_bytes(pid_t pid) {
    const std::uint64_t exact = kilobytes_of(fmt::format("/proc/{}/smaps_rollup", pid), "Rss:");
    return exact != 0 ? exact : kilobytes_of(fmt::format("/proc/{}/status", pid), "VmRSS:");
}

/// The first number of a thread's schedstat: nanoseconds on a core. Its `stat` counts ticks.
std::uint64_t first_thread_cpu_ns(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{0}/task/{0}/schedstat", pid));
    std::uint64_t nanoseconds = 0;
    file >> nanoseconds;
    return nanoseconds;
}

}  // namespace

std::expected<Meter, std::string> Meter::of(pid_t pid) {
    Meter meter;
    meter.pid_ = pid;
    if (const int error = clock_getcpuclockid(pid, &meter.server_clock_); error != 0) {
        return std::unexpected(fmt::format("--server-pid {}: {}", pid, std::strerror(error)));
    }
    return meter;
}

Reading Meter::read() const {
    Reading reading;
    if (has_server()) {
        reading.server_rss_bytes = rss_bytes(pid_);
        reading.first_thread_cpu_ns = first_thread_cpu_ns(pid_);
        reading.server_cpu_ns = cpu_ns(server_clock_);
    }
    reading.own_cpu_ns = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
    reading.time_ns = now_ns();
    return reading;
}

}  // namespace chatd::load
