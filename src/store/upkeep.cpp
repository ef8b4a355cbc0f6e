#include "store/upkeep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "chatd/base/limits.hpp"
#include "store/event_row.hpp"

namespace chatd::store {

namespace {

// An oldest event from a time when the clock was wrong must not put off what comes after it for
// longer, once it has gone otherwise.
constexpr std::chrono::milliseconds age_wait_max = std::chrono::minutes(1);

constexpr const char* row_columns = "event, room, kind, flags, sender, body, key, id, epoch, seq";

}  // namespace

Upkeep::Upkeep(Database& database, RoomTable& rooms, WordIndex& words, const StoreOptions& options)
    : database_(database),
      rooms_(rooms),
      words_(words),
      retention_(options.retention),
      now_(options.now),
      oldest_of_room_(
          database, fmt::format("SELECT {} FROM events WHERE room = ? ORDER BY epoch, seq LIMIT {}",
                                row_columns, limits::store_prune_rows_max)),
      oldest_(database, fmt::format("SELECT {} FROM events ORDER BY event LIMIT {}", row_columns,
                                    limits::store_prune_rows_max)),
      remove_(database, "DELETE FROM events WHERE event = ?"),
      merge_(database, "INSERT INTO words (words, rank) VALUES ('merge', ?)"),
      free_pages_(database, "PRAGMA freelist_count") {}

bool Upkeep::begin() {
    scrub_wanted_ = database_.number("SELECT value FROM meta WHERE name = 'scrub'") > 0;
    std::vector<std::int64_t> rows;
    Statement statement(database_, "SELECT room FROM rooms");
    Query query(statement);
    while (query.next())
        rows.push_back(query.integer(0));
    changed(rows);
    return !query.failed();
}

void Upkeep::changed(const std::vector<std::int64_t>& rooms) {
    if (retention_.room_count_max == 0 && retention_.room_bytes_max == 0) return;
    for (const std::int64_t row : rooms) {
        const Room* const room = rooms_.find(row);
        if (room != nullptr && is_over(*room)) over_.insert(row);
    }
}

bool Upkeep::step() {
    if (!over_.empty() && prune_room(*over_.begin())) return true;
    if (retention_.age.count() > 0 && prune_old()) return true;
    return scrub() || vacuum();
}

// -- retention -------------------------------------------------------------------------------

bool Upkeep::is_over(const Room& room) const noexcept {
    const auto count = static_cast<std::uint64_t>(room.event_count);
    const auto bytes = static_cast<std::uint64_t>(room.event_bytes);
    return (retention_.room_count_max > 0 && count > retention_.room_count_max) ||
           (retention_.room_bytes_max > 0 && bytes > retention_.room_bytes_max);
}

bool Upkeep::prune_room(std::int64_t row) {
    over_.erase(row);
    const Room* const room = rooms_.find(row);
    if (room == nullptr || !is_over(*room)) return false;
    Room left = *room;
    std::vector<Row> rows;
    {
        Query query(oldest_of_room_, row);
        while (is_over(left) && query.next()) {  // no row is read that stays
            rows.push_back(row_of(query));
            left.event_count -= 1;
            left.event_bytes -= rows.back().bytes;
        }
    }
    if (!prune(rows)) return false;
    if (is_over(left)) over_.insert(row);
    return true;
}

bool Upkeep::prune_old() {
    const UnixMs now = now_();
    // A mark that lies further ahead is from a clock that has been set back since.
    if (now < old_not_before_ && old_not_before_ - now <= age_wait_max.count()) return false;
    const UnixMs oldest = now - retention_.age.count();
    std::vector<Row> rows;
    {
        Query query(oldest_);
        while (query.next()) {
            Row row = row_of(query);
            if (time_of(row.id) >= oldest) {
                const UnixMs due = time_of(row.id) + retention_.age.count();
                old_not_before_ = std::min(due, now + age_wait_max.count());
                break;
            }
            rows.push_back(std::move(row));
        }
    }
    return !rows.empty() && prune(rows);
}

Upkeep::Row Upkeep::row_of(Query& query) {
    const auto kind = static_cast<wire::EventKind>(query.integer(2));
    Row row{};
    row.event = query.integer(0);
    row.room = query.integer(1);
    row.indexed = is_said(kind) && (query.integer(3) & flag_removed) == 0;
    row.bytes = event_bytes(query.text(4), query.text(5), query.text(6));
    query.blob(7, row.id.bytes);
    row.at = {query.natural(8), query.natural(9)};
    if (row.indexed) row.body = query.text(5);
    return row;
}

bool Upkeep::prune(const std::vector<Row>& rows) {
    if (!database_.run("BEGIN IMMEDIATE")) return undo();
    for (const Row& row : rows) {
        if (!remove(row)) return undo();
    }
    if (!rooms_.flush() || !database_.run("COMMIT")) return undo();
    rooms_.committed();
    pruned_ += rows.size();
    note_edges(rows);
    return true;
}

void Upkeep::note_edges(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const Room* const room = rooms_.find(row.room);
        if (room == nullptr) continue;
        const auto known =
            std::find_if(edges_.begin(), edges_.end(),
                         [&](const chat::Pruned& edge) { return edge.room == room->name; });
        if (known == edges_.end()) {
            edges_.push_back({room->name, row.at});
        } else {
            known->after = std::max(known->after, row.at);
        }
    }
}

bool Upkeep::remove(const Row& row) {
    Room* const room = rooms_.find(row.room);
    if (room == nullptr) return false;
    rooms_.change(*room);
    room->event_count -= 1;
    room->event_bytes -= row.bytes;
    return (!row.indexed || words_.remove(row.event, row.body)) && Query(remove_, row.event).run();
}

// Upkeep that fails is left for later: a write that fails too will tell of the trouble.
bool Upkeep::undo() {
    if (database_.in_transaction()) static_cast<void>(database_.run("ROLLBACK"));
    rooms_.undo();
    return false;
}

// -- scrub -----------------------------------------------------------------------------------

// A mark that lies further ahead is from a clock that has been set back since.
bool Upkeep::scrub_is_due() const {
    constexpr std::chrono::milliseconds interval = limits::store_scrub_interval;
    const UnixMs now = now_();
    return now >= scrub_not_before_ || scrub_not_before_ - now > interval.count();
}

bool Upkeep::scrub() {
    switch (scrub_) {
        case Scrub::none:
            if (!scrub_wanted_ || !scrub_is_due()) return false;
            scrub_wanted_ = false;
            scrub_ = Scrub::merge_begins;
            return true;
        case Scrub::merge_begins:
            // FTS5: a negative number of pages makes all segments one merge; the following
            // positive ones carry it on.
            scrub_ = Scrub::merging;
            return merge(-std::int64_t{limits::store_merge_pages_max});
        case Scrub::merging:
            return merge(limits::store_merge_pages_max);
        case Scrub::emptying_log:
            return empty_log();
    }
    return false;
}

bool Upkeep::merge(std::int64_t pages) {
    const std::int64_t changes = database_.changes_total();
    if (!Query(merge_, pages).run()) return undo();
    // FTS5: fewer than two changes mean that there was nothing left to merge.
    if (database_.changes_total() - changes < 2) scrub_ = Scrub::emptying_log;
    return true;
}

// A reader beside us (an export) may hold the log for a moment; then it is tried again later. The
// mark goes only when the log is empty, so a crash before that repeats the scrub.
bool Upkeep::empty_log() {
    using std::chrono::milliseconds;
    if (sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                  nullptr) != SQLITE_OK)
        return false;
    if (!scrub_wanted_ && !database_.run("UPDATE meta SET value = 0 WHERE name = 'scrub'"))
        return false;
    scrub_ = Scrub::none;
    scrub_not_before_ = now_() + milliseconds(limits::store_scrub_interval).count();
    return true;
}

// -- vacuum ----------------------------------------------------------------------------------

bool Upkeep::vacuum() {
    std::int64_t free_pages = 0;
    {
        Query query(free_pages_);
        if (query.next()) free_pages = query.integer(0);
    }
    if (free_pages <= std::int64_t{limits::store_free_pages_max}) return false;
    return database_.run(
        fmt::format("PRAGMA incremental_vacuum({})", limits::store_vacuum_pages_max));
}

}  // namespace chatd::store
