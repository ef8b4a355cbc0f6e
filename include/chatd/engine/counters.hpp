#pragma once
// What the engine counts, and what the I/O side reports to it, for /metrics and for tests.
// Plain values; counters only grow, gauges are read when asked for.

#include <array>
#include <cstdint>

#include "chatd/chat/store_counters.hpp"

namespace chatd::engine {

/// Why something was dropped or somebody was cut off.
enum class Drop : std::uint8_t {
    gap,             ///< records a slow reader lost to trimming; told by a gap notice
    slow_closed,     ///< readers closed by --slow-reader close
    cancel_closed,   ///< readers closed because a cancelled send did not come back
    input_full,      ///< connections closed because too much of their input had to be kept
    recipient_full,  ///< private messages refused: the reader takes nothing more
    busy,            ///< connections refused: no place left
    unkept,          ///< messages delivered but not kept: the store was too far behind
    store_behind,    ///< messages refused for the same reason
};
inline constexpr std::size_t drop_count = 8;

struct Counters {
    std::uint64_t connections_opened = 0;
    std::array<std::uint64_t, 8> connections_ended{};  ///< by Ending
    std::uint64_t messages = 0;                        ///< numbered records, all rooms
    std::uint64_t events = 0;                          ///< joined, left, renamed
    std::uint64_t private_messages = 0;
    std::uint64_t deliveries = 0;  ///< records handed to a reader
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t sends = 0;
    std::uint64_t sends_short = 0;
    std::uint64_t gaps = 0;           ///< gap notices
    std::uint64_t lines_refused = 0;  ///< FAIL answers
    std::uint64_t http_requests = 0;
    std::uint64_t rpc_texts = 0;         ///< JSON-RPC texts
    std::uint64_t requests_refused = 0;  ///< JSON-RPC and HTTP requests answered by an error
    std::uint64_t pings_sent = 0;
    std::uint64_t tls_refused = 0;
    std::uint64_t store_troubles = 0;  ///< times the store could not write, or could again
    std::array<std::uint64_t, drop_count> dropped{};
    /// Records per send: 1, 2-3, 4-7, ... 512 and more (a Prometheus histogram).
    std::array<std::uint64_t, 10> send_records{};
    std::uint64_t send_records_sum = 0;

    void drop(Drop reason, std::uint64_t count = 1) noexcept {
        dropped[static_cast<std::size_t>(reason)] += count;
    }
};

/// What the I/O side knows; the server sets it before a turn's flush.
struct IoReport {
    std::uint64_t ring_enters = 0;
    std::uint64_t ring_submissions = 0;
    std::uint64_t ring_completions = 0;
    std::uint64_t ring_overflows = 0;
    std::uint64_t ring_submission_full = 0;
    std::uint64_t buffers_exhausted = 0;  ///< receives that ended for want of a buffer (ENOBUFS)
    std::uint64_t datagram_buffers_exhausted = 0;
    std::uint64_t datagram_kernel_drops = 0;  ///< SO_RXQ_OVFL
    std::uint64_t accept_failures = 0;
    std::uint64_t log_lines_dropped = 0;
    chat::StoreCounters store{};
    std::int64_t unix_seconds = 0;  ///< the wall clock, for the Date of answers; 0: unknown
};

}  // namespace chatd::engine
