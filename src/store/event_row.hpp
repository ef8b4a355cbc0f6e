#pragma once
// A row of the table `events` as a KeptEvent and back. The columns stand in one order everywhere.
// Plain functions.

#include <cstdint>

#include "chatd/wire/kept_event.hpp"
#include "store/database.hpp"

namespace chatd::store {

inline constexpr const char* event_columns =
    "epoch, seq, kind, flags, id, sender, body, key, target_epoch, target_seq, voice";
inline constexpr int event_column_count = 11;

// Of the column `flags`.
inline constexpr std::int64_t flag_off = 1;
inline constexpr std::int64_t flag_removed = 2;

/// Reads the row from its column `first` on; its room's name is the caller's to say.
wire::KeptEvent read_event(const Query& query, int first, std::string_view room);

/// What an event counts for in a room's bytes: its texts, and about what its row takes beside
/// them.
inline constexpr std::int64_t event_row_bytes = 96;
inline std::int64_t event_bytes(std::string_view sender, std::string_view body,
                                std::string_view key) noexcept {
    return event_row_bytes + static_cast<std::int64_t>(sender.size() + body.size() + key.size());
}

/// All that an event takes in memory.
std::size_t memory_bytes(const wire::KeptEvent& event) noexcept;

}  // namespace chatd::store
