#pragma once
// A run of the store, from its begin to its end: epochs, the mark of a clean stop, and what is
// handed over at the start. Plain functions on a Database; its thread.

#include <expected>

#include "chatd/chat/persistence.hpp"
#include "chatd/store/options.hpp"
#include "store/database.hpp"
#include "store/reader.hpp"
#include "store/room_table.hpp"

namespace chatd::store {

/// Unless the last run stopped cleanly, in this very file, every room begins a new epoch: nobody
/// knows which numbers were given after the last commit. A new one is the time in seconds, or one
/// more than the old one if that is larger: so an old copy that was put back never gives an epoch
/// that the lost file had given. Then the stop is marked as not clean.
std::expected<void, StoreError> begin_run(Database& database, const StoreOptions& options);

/// Reads all that the engine is told at the start, within its bounds.
std::expected<chat::Restored, StoreError> restore(Database& database, RoomTable& rooms,
                                                  Reader& reader, const StoreOptions& options);

/// Marks the stop as clean, on disk.
std::expected<void, StoreError> end_run(Database& database, const StoreOptions& options);

}  // namespace chatd::store
