#include "store/schema.hpp"

#include <fmt/format.h>

#include "chatd/base/limits.hpp"

namespace chatd::store {

namespace {

// The i-th takes a file from version i to i + 1. Old ones never change.
// kind: wire::EventKind; flags: see event_row.hpp; target_epoch 0: no target.
constexpr std::array<const char*, schema_version> migrations{
    R"sql(
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE rooms (
    room INTEGER PRIMARY KEY,
    fold TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    last INTEGER NOT NULL,
    topic TEXT NOT NULL,
    topic_from TEXT NOT NULL,
    event_count INTEGER NOT NULL,
    event_bytes INTEGER NOT NULL
);
CREATE TABLE epochs (
    room INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (room, epoch)
) WITHOUT ROWID;

CREATE TABLE events (
    event INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    id BLOB NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    key TEXT NOT NULL,
    session INTEGER NOT NULL,
    target_epoch INTEGER NOT NULL,
    target_seq INTEGER NOT NULL,
    voice INTEGER NOT NULL
);
CREATE TABLE holes (
    room INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (room, epoch, first)
) WITHOUT ROWID;
CREATE UNIQUE INDEX events_at ON events (room, epoch, seq);
CREATE INDEX events_edits ON events (room, target_epoch, target_seq) WHERE kind = 2;
CREATE VIRTUAL TABLE words USING fts5 (
    body, content = 'events', content_rowid = 'event',
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE sessions (
    session INTEGER PRIMARY KEY,
    token BLOB NOT NULL,
    nick TEXT NOT NULL,
    seen_at INTEGER NOT NULL
);
CREATE TABLE privates (
    private INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX privates_session ON privates (session);
CREATE TABLE schedules (
    schedule INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    nick TEXT NOT NULL,
    room TEXT NOT NULL,
    body TEXT NOT NULL,
    action INTEGER NOT NULL,
    due INTEGER NOT NULL,
    every_ms INTEGER NOT NULL,
    zone_offset_s INTEGER NOT NULL
);
)sql",
};

// SQLite's own pages in memory. The kernel holds the others at hand: four times as much here made
// no insert cheaper, and a long history takes all that it is given.
constexpr int cache_kib = 4 * 1024;

constexpr const char* version_pragma = "PRAGMA user_version";

StoreError newer(std::int64_t found) {
    return {StoreError::Kind::newer_version,
            fmt::format("the history was written by a newer chatd (schema {}, this one knows {}); "
                        "start that one, or choose another directory with --state DIR",
                        found, schema_version)};
}

bool apply(Database& database, std::int64_t version) {
    const char* const sql = migrations[static_cast<std::size_t>(version)];
    return database.run("BEGIN IMMEDIATE") && database.run(sql) &&
           database.run(fmt::format("{} = {}", version_pragma, version + 1)) &&
           database.run("COMMIT");
}

}  // namespace

std::expected<void, StoreError> prepare_connection(Database& database) {
    // auto_vacuum has to precede the first table. FULL until the opening is done: what it commits
    // must outlive a loss of power, or numbers could be given twice.
    const std::string sql = fmt::format(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = {};"
        "PRAGMA journal_size_limit = {}; PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY;",
        limits::store_wal_pages_max, limits::store_queue_bytes_max, cache_kib);
    if (database.run(sql)) return {};
    return std::unexpected(database.error("prepare the database of the history"));
}

std::expected<void, StoreError> migrate(Database& database) {
    std::int64_t version = database.number(version_pragma);
    if (version < 0) return std::unexpected(database.error("read the version of the history"));
    if (version > schema_version) return std::unexpected(newer(version));
    for (; version < schema_version; ++version) {
        if (apply(database, version)) continue;
        // Closing the connection undoes what was begun.
        return std::unexpected(
            database.error(fmt::format("make the tables of schema {}", version + 1)));
    }
    return {};
}

std::expected<void, StoreError> check_version(Database& database) {
    const std::int64_t version = database.number(version_pragma);
    if (version < 0) return std::unexpected(database.error("read the version of the history"));
    if (version > schema_version) return std::unexpected(newer(version));
    if (version == schema_version) return {};
    return std::unexpected(
        StoreError{StoreError::Kind::failed,
                   fmt::format("the history is of an older chatd (schema {}, this one knows {}); "
                               "start chatd on it once",
                               version, schema_version)});
}

}  // namespace chatd::store
