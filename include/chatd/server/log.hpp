#pragma once
// The process's log: one line of `event key=value ...` to stderr, written by a thread of its own.
// A ring thread never waits for it: when the bounded queue is full the oldest line is dropped and
// counted.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace chatd::server {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Starts the log; `level` is one of debug, info, warning, error. Once, before any thread logs.
void log_start(const std::string& level);
/// Writes what is queued and ends the log's thread; lines that standard error does not take within
/// a second are lost.
void log_stop();

void log_line(LogLevel level, std::string_view line);
std::uint64_t log_dropped_count() noexcept;

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
    log_line(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace chatd::server
