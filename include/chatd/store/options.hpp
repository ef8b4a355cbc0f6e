#pragma once
// How a store is to be opened. A plain value, any thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "chatd/base/limits.hpp"
#include "chatd/base/position.hpp"

namespace chatd::store {

/// What a room keeps; the oldest events go first. 0: no such bound.
struct Retention {
    std::chrono::milliseconds age{0};  ///< by the time in an event's id
    std::uint64_t room_count_max = 0;
    std::uint64_t room_bytes_max = 0;  ///< of texts, and about 100 for each event
};

/// How much of the newest history is handed over at the start.
struct RestoreBounds {
    std::uint32_t room_count_max = 1'000;
    std::size_t room_bytes_max = 1024 * 1024;        ///< in memory, one room
    std::size_t total_bytes_max = 64 * 1024 * 1024;  ///< all rooms, the last active ones first
};

struct StoreOptions {
    std::string directory;      ///< made if it is not there
    UnixMs (*now)() = nullptr;  ///< the wall clock; called by the store's thread too
    bool sync_full = false;     ///< each commit survives a loss of power too, not just kill -9
    Retention retention{};
    RestoreBounds restore{};
    std::size_t queue_max = limits::store_queue_max;
    std::size_t queue_bytes_max = limits::store_queue_bytes_max;
};

}  // namespace chatd::store
