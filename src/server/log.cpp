#include "chatd/server/log.hpp"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <memory>

namespace chatd::server {

namespace {

constexpr std::size_t queue_lines_max = 4096;
constexpr int writable_poll_ms = 100;
constexpr int writable_polls_stopping_max = 10;  // a reader that stopped reading holds the end 1 s

std::atomic<bool> stopping = false;

// Standard error, written to only when it takes something: a pipe that nobody reads, or a terminal
// that was stopped, must not keep the program from ending. Used by the log's thread alone.
class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        // A pipe that polls as writable takes PIPE_BUF bytes without waiting (pipe(7)).
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t bytes = std::min<std::size_t>(PIPE_BUF, line.size() - at);
            if (!wait_writable()) return;
            const ssize_t written = ::write(STDERR_FILENO, line.data() + at, bytes);
            if (written <= 0) return;
            at += static_cast<std::size_t>(written);
        }
    }
    void flush_() override {}

    bool wait_writable() {
        pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
        while (poll(&standard_error, 1, writable_poll_ms) == 0) {
            if (stopping && ++polls_stopping_ > writable_polls_stopping_max) return false;
        }
        return true;
    }

    int polls_stopping_ = 0;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

void log_start(const std::string& level) {
    spdlog::init_thread_pool(queue_lines_max, 1);
    auto sink = std::make_shared<StderrSink>();
    auto logger =
        std::make_shared<spdlog::async_logger>("chatd", std::move(sink), spdlog::thread_pool(),
                                               spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

void log_stop() {
    stopping = true;
    // Gone only when the log's thread, which may still be writing with it, has ended.
    const auto logger = spdlog::default_logger();
    spdlog::shutdown();
}

void log_line(LogLevel level, std::string_view line) {
    if (auto* logger = spdlog::default_logger_raw()) logger->log(spdlog_level(level), line);
}

std::uint64_t log_dropped_count() noexcept {
    const auto pool = spdlog::thread_pool();
    return pool ? pool->overrun_counter() : 0;
}

}  // namespace chatd::server
