#pragma once
// The tables of the store and how an older file becomes a newer one. Plain functions on a
// Database; its thread.
//
//   rooms ──< epochs          ended ones: the last number that each committed
//     └────< events ── words  numbered events by arrival; `events_at` orders a room by position;
//                             `words` is the search index over the bodies that events shows
//   sessions ──< privates     messages to who is away
//   schedules, meta           lines to be said later; single values by name
//
// A hole needs no table: it is what is not there, numbers up to an epoch's last without an event.

#include <expected>

#include "store/database.hpp"

namespace chatd::store {

/// What this chatd writes: PRAGMA user_version.
inline constexpr std::int64_t schema_version = 1;

/// Sets what must be set on each connection that writes: WAL, secure removal, small steps.
std::expected<void, StoreError> prepare_connection(Database& database);

/// Brings the file to schema_version, one version a transaction. `newer_version` if it is beyond.
std::expected<void, StoreError> migrate(Database& database);

/// For who only reads: the file must be of schema_version.
std::expected<void, StoreError> check_version(Database& database);

}  // namespace chatd::store
