#pragma once
// What a run found, and how it is shown: a table for people, one JSON object for programs, a line
// while it runs. Plain values; one thread.

#include <cstdint>
#include <string>

#include "load/histogram.hpp"
#include "load/meter.hpp"
#include "load/options.hpp"
#include "load/sequence_check.hpp"

namespace chatd::load {

struct Report {
    std::uint64_t published = 0;  ///< messages of the measured part
    std::uint64_t expected = 0;   ///< deliveries they should have made
    std::uint64_t gap_notices = 0;
    std::uint64_t answers = 0;         ///< JSON-RPC results
    std::uint64_t received_bytes = 0;  ///< on all connections, headers of frames included
    Tally tally;
    Histogram latency;
    Reading before_open;  ///< before the first connection
    Reading begin;        ///< of the measured part
    Reading end;
    bool stalled = false;  ///< ended because nothing came any more
    std::string failure;   ///< what ended it early; empty when nothing did

    double seconds() const noexcept;
    double deliveries_per_second() const noexcept;
    double bytes_per_delivery() const noexcept;
    double server_us_per_delivery() const noexcept;
    double server_us_per_message() const noexcept;
    /// Of its first thread alone, which is chatd's ring thread.
    double first_thread_us_per_delivery() const noexcept;
    double server_cpu_percent() const noexcept;
    double own_cpu_percent() const noexcept;
    /// The generator had no time left while the server had: throughput says nothing about the
    /// server then. CPU per delivery still does.
    bool generator_limited() const noexcept;
    /// Memory grown since before the first connection.
    std::int64_t rss_growth_bytes() const noexcept;
    bool passed() const noexcept { return failure.empty() && !stalled && tally.clean(); }
};

std::string table_of(const Report& report, const Options& options);
std::string json_of(const Report& report, const Options& options);

}  // namespace chatd::load
