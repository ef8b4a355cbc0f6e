#pragma once
// What a store counts, and the engine shows in /metrics. A plain value, any thread; all but the
// queue's are as of the store's last group.

#include <cstdint>

namespace chatd::chat {

struct StoreCounters {
    std::uint64_t queue_count = 0;  ///< requests pushed and not carried out yet
    std::uint64_t queue_bytes = 0;
    std::uint64_t queue_refused = 0;   ///< push() said no
    std::uint64_t commits = 0;         ///< transactions, upkeep aside
    std::uint64_t writes = 0;          ///< requests in them
    std::uint64_t writes_refused = 0;  ///< of these, such as contradict what is kept
    std::uint64_t events_kept = 0;
    std::uint64_t event_bytes_kept = 0;
    std::uint64_t events_pruned = 0;   ///< by retention
    std::uint64_t errors = 0;          ///< failed transactions, each try
    std::uint64_t commit_ms_last = 0;  ///< from a group's start to its commit
    std::uint64_t commit_ms_max = 0;
    std::uint64_t database_bytes = 0;
    bool troubled = false;  ///< the last try failed
};

}  // namespace chatd::chat
