#pragma once
// How long to wait before the next attempt: exponential back-off with full jitter. Everybody who
// was cut off together comes back spread over the whole delay, not in step. (Marc Brooker,
// "Exponential Backoff And Jitter", AWS 2015.) Values; chance is a seeded generator and time an
// argument. One thread.

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/prng.hpp"
#include "chatd/base/time.hpp"

namespace chatd::client {

struct RetryPolicy {
    std::uint32_t attempts_max = 200;  ///< in a row that came to nothing, after the first; 0: none
    Duration base = std::chrono::milliseconds(250);  ///< the longest first wait
    Duration cap = std::chrono::seconds(36);         ///< the longest wait of all

    /// "max=200,base=250ms,cap=36s": parse_retry() gives the same policy back.
    std::string text() const;

    friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// Reads any of max=N, base=TIME and cap=TIME between commas, each at most once; what is not named
/// stays as in a RetryPolicy{}. TIME is a whole number of ms, s, m or h, at most a day. A cap
/// below the base, where only one of them is named, becomes the base, or the base the cap. The
/// error is one sentence for the user.
std::expected<RetryPolicy, std::string> parse_retry(std::string_view text);

class Backoff {
public:
    Backoff(const RetryPolicy& policy, std::uint64_t seed) noexcept
        : policy_(policy), chance_(seed) {}

    /// The longest wait before attempt `attempt` (0: the first after a failure):
    /// min(cap, base * 2^attempt).
    Duration delay_max(std::uint32_t attempt) const noexcept;

    /// An attempt failed, or a connection ended: how long to wait before the next one, anything
    /// from 0 to delay_max(), all equally likely. None: attempts_max are used up.
    std::optional<Duration> next_delay() noexcept;

    /// A connection is there. It counts as an attempt that came to nothing unless it lives.
    void connected(Time now) noexcept { connected_at_ = now; }
    /// It ended. One that lived at least as long as the last longest wait, and a second, begins
    /// the count anew: a server that accepts and hangs up is no reason to hurry.
    void disconnected(Time now) noexcept;

    std::uint32_t attempts() const noexcept { return attempts_; }  ///< in a row so far

private:
    RetryPolicy policy_;
    Prng chance_;
    std::uint32_t attempts_ = 0;
    std::optional<Time> connected_at_;
};

}  // namespace chatd::client
