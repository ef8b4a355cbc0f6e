#pragma once
// Lines that are said later, by when they are due.

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "chatd/chat/persistence.hpp"

namespace chatd::engine {

struct ScheduledLine {
    chat::SessionKey session = 0;
    ConnSerial serial = 0;  ///< whose it is without a session: this connection's
    std::string nick{};
    wire::ScheduleEntry entry{};
    UnixMs retry_at = 0;  ///< when there was no room for it: the next try

    UnixMs fires_at() const noexcept { return std::max(entry.due, retry_at); }
};

struct Schedules {
    std::map<std::uint64_t, ScheduledLine> by_id;
    std::set<std::pair<UnixMs, std::uint64_t>> by_due;
    std::uint64_t last_id = 0;
};

}  // namespace chatd::engine
