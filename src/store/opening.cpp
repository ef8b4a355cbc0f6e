#include "store/opening.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "chatd/base/limits.hpp"
#include "chatd/store/state_directory.hpp"
#include "store/event_row.hpp"
#include "store/number_line.hpp"

namespace chatd::store {

namespace {

// Names the file: a copy that is put in its place has another number.
std::int64_t file_number(const std::string& directory) {
    struct stat found{};
    if (stat(database_path(directory).c_str(), &found) != 0) return 0;
    return static_cast<std::int64_t>(found.st_ino);
}

bool set_clean(Database& database, std::int64_t file) {
    return database.run(
        fmt::format("INSERT OR REPLACE INTO meta (name, value) VALUES ('clean', {})", file));
}

// Only the last few epochs of a room are asked for: by clients that were away for so many crashes.
bool begin_epochs(Database& database, UnixMs now) {
    return database.run(fmt::format(
        "INSERT OR REPLACE INTO epochs (room, epoch, last) SELECT room, epoch, last FROM rooms;"
        "UPDATE rooms SET epoch = max(epoch + 1, {}), last = 0;"
        "DELETE FROM epochs WHERE epoch <= (SELECT epoch FROM epochs AS newer WHERE newer.room = "
        "epochs.room ORDER BY epoch DESC LIMIT 1 OFFSET {});",
        now / 1'000, limits::epochs_kept_max));
}

// Rooms that a run makes may be lost with a crash, numbers and all: the next run's are later.
bool begin_run_epoch(Database& database, UnixMs now) {
    return database.run(
        fmt::format("INSERT OR REPLACE INTO meta (name, value) SELECT 'run_epoch', max({}, 1 + "
                    "coalesce((SELECT value FROM meta WHERE name = 'run_epoch'), 0));",
                    std::max<UnixMs>(now / 1'000, 1)));
}

std::expected<std::vector<chat::RestoredSession>, StoreError> sessions_of(Database& database) {
    std::vector<chat::RestoredSession> sessions;
    Statement statement(database,
                        "SELECT session, token, nick, seen_at, (SELECT count(*) FROM privates "
                        "WHERE privates.session = sessions.session) FROM sessions");
    Query query(statement);
    while (query.next()) {
        chat::RestoredSession& session = sessions.emplace_back();
        session.session = query.natural(0);
        query.blob(1, session.token);
        session.nick = query.text(2);
        session.seen_at = query.integer(3);
        session.privates = static_cast<std::uint32_t>(query.integer(4));
    }
    if (query.failed()) return std::unexpected(database.error("read the sessions"));
    return sessions;
}

std::expected<std::vector<chat::RestoredSchedule>, StoreError> schedules_of(Database& database) {
    std::vector<chat::RestoredSchedule> schedules;
    Statement statement(database,
                        "SELECT schedule, session, nick, room, body, action, due, every_ms, "
                        "zone_offset_s FROM schedules ORDER BY schedule");
    Query query(statement);
    while (query.next()) {
        schedules.push_back(
            {.session = query.natural(1),
             .nick = std::string(query.text(2)),
             .entry = {.id = query.natural(0),
                       .room = std::string(query.text(3)),
                       .body = std::string(query.text(4)),
                       .action = query.integer(5) != 0,
                       .due = query.integer(6),
                       .every_ms = query.integer(7),
                       .zone_offset_s = static_cast<std::int32_t>(query.integer(8))}});
    }
    if (query.failed()) return std::unexpected(database.error("read the schedules"));
    return schedules;
}

// Events stand in the order of their arrival, so the last minutes are its end.
std::expected<std::vector<chat::RestoredKey>, StoreError> keys_of(Database& database, UnixMs now) {
    using std::chrono::milliseconds;
    const UnixMs oldest = now - milliseconds(limits::key_age_max).count();
    std::vector<chat::RestoredKey> keys;
    Statement statement(database,
                        fmt::format("SELECT session, name, {} FROM events CROSS JOIN rooms "
                                    "USING (room) ORDER BY event DESC LIMIT {}",
                                    "events.epoch, seq, kind, flags, id, sender, body, key, "
                                    "target_epoch, target_seq, voice",
                                    limits::keys_restored_max));
    Query query(statement);
    while (query.next()) {
        // Most have no key, and are not worth more than a look at their time.
        Uuid id;
        query.blob(6, id.bytes);
        if (time_of(id) < oldest) break;
        const chat::SessionKey session = query.natural(0);
        if (session == 0 || query.text(9).empty()) continue;
        wire::KeptEvent event = read_event(query, 2, query.text(1));
        keys.push_back({.session = session,
                        .key = std::move(event.key),
                        .room = std::move(event.room),
                        .at = event.at,
                        .id = event.id,
                        .body = std::move(event.body),
                        .action = event.kind == wire::EventKind::action});
    }
    if (query.failed()) return std::unexpected(database.error("read the last events"));
    std::reverse(keys.begin(), keys.end());
    return keys;
}

// What of a room's numbers is not there any more, or never was.
bool read_kept(Database& database, const Room& room, const NumberLine& numbers, chat::Kept& kept) {
    kept.after = numbers.last();
    Statement oldest(database,
                     "SELECT epoch, seq FROM events WHERE room = ? ORDER BY epoch, seq LIMIT 1");
    Query first(oldest, room.room);
    if (first.next()) kept.after = numbers.previous({first.natural(0), first.natural(1)});
    if (first.failed()) return false;
    Statement statement(database,
                        "SELECT epoch, first, last FROM holes WHERE room = ? AND (epoch, last) > "
                        "(?, ?) ORDER BY epoch DESC, first DESC LIMIT ?");
    Query query(statement, room.room, kept.after.epoch, kept.after.seq, limits::holes_restored_max);
    while (query.next())
        kept.holes.push_back({query.natural(0), query.natural(1), query.natural(2)});
    std::reverse(kept.holes.begin(), kept.holes.end());
    return !query.failed();
}

// Rows of `rooms`, the last active ones first.
std::expected<std::vector<std::int64_t>, StoreError> rooms_by_activity(Database& database) {
    std::vector<std::int64_t> rows;
    Statement statement(database,
                        "SELECT room, (SELECT event FROM events WHERE events.room = rooms.room "
                        "ORDER BY epoch DESC, seq DESC LIMIT 1) AS newest FROM rooms "
                        "ORDER BY newest DESC");
    Query query(statement);
    while (query.next())
        rows.push_back(query.integer(0));
    if (query.failed()) return std::unexpected(database.error("read the rooms"));
    return rows;
}

std::expected<std::vector<chat::RestoredRoom>, StoreError> rooms_of(Database& database,
                                                                    RoomTable& rooms,
                                                                    Reader& reader,
                                                                    const RestoreBounds& bounds) {
    const auto rows = rooms_by_activity(database);
    if (!rows) return std::unexpected(rows.error());
    std::vector<chat::RestoredRoom> restored;
    restored.reserve(rows->size());
    std::size_t bytes_left = bounds.total_bytes_max;
    for (const std::int64_t row : *rows) {
        const Room* const room = rooms.find(row);
        if (room == nullptr) return std::unexpected(database.error("read the rooms"));
        const NumberLine numbers = reader.numbers(*room);
        std::vector<chat::EpochEnd> epochs = numbers.epochs();
        chat::Kept kept;
        bool good = !reader.failed() && read_kept(database, *room, numbers, kept);
        epochs.pop_back();
        auto newest = reader.newest(*room, bounds.room_count_max,
                                    std::min(bounds.room_bytes_max, bytes_left));
        good &= !reader.failed();
        if (!good) return std::unexpected(database.error("read the rooms"));
        for (const auto& event : newest)
            bytes_left -= memory_bytes(event);
        restored.push_back({.room = room->name,
                            .epoch = room->epoch,
                            .last = room->last,
                            .topic = room->topic,
                            .topic_from = room->topic_from,
                            .ended = std::move(epochs),
                            .kept = std::move(kept),
                            .newest = std::move(newest)});
    }
    return restored;
}

std::uint64_t meta_value(Database& database, const char* name) {
    const std::int64_t value =
        database.number(fmt::format("SELECT value FROM meta WHERE name = '{}'", name));
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

}  // namespace

std::expected<void, StoreError> begin_run(Database& database, const StoreOptions& options) {
    const std::int64_t stopped = database.number("SELECT value FROM meta WHERE name = 'clean'");
    const bool clean = stopped > 0 && stopped == file_number(options.directory);
    const bool begun = database.run("BEGIN IMMEDIATE") &&
                       (clean || begin_epochs(database, options.now())) &&
                       begin_run_epoch(database, options.now()) && set_clean(database, 0) &&
                       database.run("COMMIT");
    if (begun) return {};
    return std::unexpected(database.error("begin new epochs in the history"));
}

std::expected<chat::Restored, StoreError> restore(Database& database, RoomTable& rooms,
                                                  Reader& reader, const StoreOptions& options) {
    auto restored_rooms = rooms_of(database, rooms, reader, options.restore);
    if (!restored_rooms) return std::unexpected(restored_rooms.error());
    auto sessions = sessions_of(database);
    if (!sessions) return std::unexpected(sessions.error());
    auto keys = keys_of(database, options.now());
    if (!keys) return std::unexpected(keys.error());
    auto schedules = schedules_of(database);
    if (!schedules) return std::unexpected(schedules.error());
    return chat::Restored{.rooms = std::move(*restored_rooms),
                          .sessions = std::move(*sessions),
                          .keys = std::move(*keys),
                          .schedules = std::move(*schedules),
                          .last_session = meta_value(database, "last_session"),
                          .last_schedule = meta_value(database, "last_schedule"),
                          .epoch = meta_value(database, "run_epoch")};
}

std::expected<void, StoreError> end_run(Database& database, const StoreOptions& options) {
    const bool ended = database.run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE") &&
                       set_clean(database, file_number(options.directory)) &&
                       database.run("COMMIT");
    if (ended) return {};
    return std::unexpected(database.error("mark the end of the history"));
}

}  // namespace chatd::store
