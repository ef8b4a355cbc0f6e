#include "store/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/event_row.hpp"

namespace chatd::store {

namespace {

using wire::EventKind;

std::int64_t flags_of(const wire::KeptEvent& event, bool removed) {
    return (event.off ? flag_off : 0) | (removed ? flag_removed : 0);
}

}  // namespace

Writer::Writer(Database& database, RoomTable& rooms, WordIndex& words)
    : database_(database),
      rooms_(rooms),
      words_(words),
      insert_event_(database, fmt::format("INSERT INTO events (room, session, {}) "
                                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                          event_columns)),
      find_target_(database,
                   "SELECT event, kind, flags, body FROM events "
                   "WHERE room = ? AND epoch = ? AND seq = ?"),
      change_body_(database, "UPDATE events SET body = ? WHERE event = ?"),
      remove_event_(database,
                    fmt::format("UPDATE events SET body = '', flags = flags | {} WHERE event = ?",
                                flag_removed)),
      edits_bytes_(database,
                   "SELECT total(length(CAST(body AS BLOB))) FROM events "
                   "WHERE room = ? AND target_epoch = ? AND target_seq = ? AND kind = 2"),
      remove_edits_(database,
                    fmt::format("UPDATE events SET body = '', flags = flags | {} WHERE room = ? "
                                "AND target_epoch = ? AND target_seq = ? AND kind = 2",
                                flag_removed)),
      keep_hole_(database,
                 "INSERT OR REPLACE INTO holes (room, epoch, first, last) VALUES (?, ?, ?, ?)"),
      end_epoch_(database, "INSERT OR REPLACE INTO epochs (room, epoch, last) VALUES (?, ?, ?)"),
      extend_epoch_(database, "UPDATE epochs SET last = max(last, ?) WHERE room = ? AND epoch = ?"),
      keep_session_(database,
                    "INSERT OR REPLACE INTO sessions (session, token, nick, seen_at) "
                    "VALUES (?, ?, ?, ?)"),
      drop_session_(database, "DELETE FROM sessions WHERE session = ?"),
      keep_private_(database,
                    "INSERT INTO privates (session, sender, body, at) VALUES (?, ?, ?, ?)"),
      drop_privates_(database, "DELETE FROM privates WHERE session = ?"),
      keep_schedule_(database,
                     "INSERT OR REPLACE INTO schedules (schedule, session, nick, room, body, "
                     "action, due, every_ms, zone_offset_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      drop_schedule_(database, "DELETE FROM schedules WHERE schedule = ?"),
      next_schedule_(database, "UPDATE schedules SET due = ? WHERE schedule = ?"),
      set_largest_(database,
                   "INSERT INTO meta (name, value) VALUES (?, ?) "
                   "ON CONFLICT (name) DO UPDATE SET value = excluded.value "
                   "WHERE excluded.value > value") {}

bool Writer::write(const chat::Persist& request) {
    return std::visit([this](const auto& write) { return keep(write); }, request);
}

Writer::Done Writer::take_done() noexcept {
    return std::exchange(done_, {});
}

bool Writer::refuse() {
    ++done_.refused;
    return true;
}

// -- events ----------------------------------------------------------------------------------

bool Writer::keep(const chat::KeepEvent& write) {
    const wire::KeptEvent& event = write.event;
    Room* const room = rooms_.find(event.room);
    if (room == nullptr) return !rooms_.failed() && refuse();
    if (event.at.epoch != room->epoch || event.at.seq == 0 || !is_numbered(event.kind))
        return refuse();

    const bool edits = event.kind == EventKind::edited;
    if (!edits && event.kind != EventKind::redacted)
        return insert(write, *room, event.removed) != Inserted::failed;
    const auto target = target_of(event, *room);
    if (!target) return false;
    // An edit that comes after the redaction of its message must not show its text either.
    const bool late = edits && target->event != 0 && !target->shown;
    const Inserted inserted = insert(write, *room, late);
    if (inserted != Inserted::yes || !target->shown) return inserted != Inserted::failed;
    return edits ? edit(*target, event, *room) : remove(*target, event, *room);
}

Writer::Inserted Writer::insert(const chat::KeepEvent& write, Room& room, bool removed) {
    const wire::KeptEvent& event = write.event;
    const std::string_view body = removed ? std::string_view() : event.body;
    Query query(insert_event_, room.room, write.author, event.at.epoch, event.at.seq,
                static_cast<std::int64_t>(event.kind), flags_of(event, removed), event.id,
                event.from, body, event.key, event.target.epoch, event.target.seq, event.voice);
    if (!query.run()) {
        if (!database_.refused()) return Inserted::failed;
        ++done_.refused;
        return Inserted::refused;
    }
    if (is_said(event.kind) && !removed && !words_.add(database_.last_row(), body))
        return Inserted::failed;

    const std::int64_t bytes = event_bytes(event.from, body, event.key);
    rooms_.change(room);
    room.last = std::max(room.last, event.at.seq);
    room.event_count += 1;
    room.event_bytes += bytes;
    if (event.kind == EventKind::topic) {
        room.topic = event.body;
        room.topic_from = event.from;
    }
    done_.events += 1;
    done_.event_bytes += static_cast<std::uint64_t>(bytes);
    return Inserted::yes;
}

// nullopt: reading failed.
std::optional<Writer::Target> Writer::target_of(const wire::KeptEvent& event, const Room& room) {
    Target target;
    Query query(find_target_, room.room, event.target.epoch, event.target.seq);
    if (query.next()) {
        target.event = query.integer(0);
        const auto kind = static_cast<EventKind>(query.integer(1));
        target.shown = is_said(kind) && (query.integer(2) & flag_removed) == 0;
        target.body = query.text(3);
    }
    if (query.failed()) return std::nullopt;
    return target;
}

bool Writer::edit(const Target& target, const wire::KeptEvent& event, Room& room) {
    room.event_bytes += static_cast<std::int64_t>(event.body.size()) -
                        static_cast<std::int64_t>(target.body.size());
    return words_.remove(target.event, target.body) &&
           Query(change_body_, event.body, target.event).run() &&
           words_.add(target.event, event.body);
}

// The edits of a message held its text too.
bool Writer::remove(const Target& target, const wire::KeptEvent& event, Room& room) {
    done_.removed = true;
    room.event_bytes -= static_cast<std::int64_t>(target.body.size());
    const Position at = event.target;
    {
        Query edits(edits_bytes_, room.room, at.epoch, at.seq);
        if (edits.next()) room.event_bytes -= edits.integer(0);
        if (edits.failed()) return false;
    }
    return words_.remove(target.event, target.body) && Query(remove_event_, target.event).run() &&
           Query(remove_edits_, room.room, at.epoch, at.seq).run() && remember_largest("scrub", 1);
}

// -- rooms -----------------------------------------------------------------------------------

bool Writer::keep(const chat::KeepRoom& write) {
    if (write.epoch == 0) return refuse();
    Room* const room = rooms_.find(write.room);
    if (room == nullptr) {
        if (rooms_.failed()) return false;
        return rooms_.add(write.room, write.epoch) != nullptr;
    }
    if (write.epoch == room->epoch) return true;
    if (write.epoch < room->epoch) return refuse();
    if (!Query(end_epoch_, room->room, room->epoch, room->last).run()) return false;
    rooms_.change(*room);
    room->epoch = write.epoch;
    room->last = 0;
    return true;
}

bool Writer::keep(const chat::KeepHole& write) {
    Room* const room = rooms_.find(write.room);
    if (room == nullptr) return !rooms_.failed() && refuse();
    if (write.epoch > room->epoch || write.from == 0 || write.to < write.from) return refuse();
    if (!Query(keep_hole_, room->room, write.epoch, write.from, write.to).run()) return false;
    if (write.epoch < room->epoch)
        return Query(extend_epoch_, write.to, room->room, write.epoch).run();
    rooms_.change(*room);
    room->last = std::max(room->last, write.to);
    return true;
}

// -- sessions and schedules ------------------------------------------------------------------

// A session's or schedule's number is never given again, also when the largest one is gone.
bool Writer::remember_largest(const char* name, std::uint64_t value) {
    return Query(set_largest_, name, value).run();
}

bool Writer::keep(const chat::KeepSession& write) {
    return Query(keep_session_, write.session, write.token, write.nick, write.seen_at).run() &&
           remember_largest("last_session", write.session);
}

bool Writer::keep(const chat::DropSession& write) {
    return Query(drop_session_, write.session).run() && Query(drop_privates_, write.session).run();
}

bool Writer::keep(const chat::KeepPrivate& write) {
    return Query(keep_private_, write.to, write.from, write.body, write.at).run();
}

bool Writer::keep(const chat::DropPrivates& write) {
    return Query(drop_privates_, write.session).run();
}

bool Writer::keep(const chat::KeepSchedule& write) {
    const wire::ScheduleEntry& entry = write.entry;
    return Query(keep_schedule_, entry.id, write.session, write.nick, entry.room, entry.body,
                 entry.action, entry.due, entry.every_ms, entry.zone_offset_s)
               .run() &&
           remember_largest("last_schedule", entry.id);
}

bool Writer::keep(const chat::DropSchedule& write) {
    return Query(drop_schedule_, write.id).run();
}

bool Writer::keep(const chat::FireSchedule& write) {
    if (!keep(write.line)) return false;
    if (write.next) return Query(next_schedule_, *write.next, write.id).run();
    return Query(drop_schedule_, write.id).run();
}

}  // namespace chatd::store
