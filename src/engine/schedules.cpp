// Lines that are said later. A fired line and the end of its schedule, or its next time, are one
// write; readers see the line when that is durable, so a crash neither loses nor doubles it.

#include <algorithm>

#include "chatd/wire/time_text.hpp"
#include "engine/core.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using chat::Room;
using wire::Errc;
using wire::Outcome;
using wire::When;

constexpr std::int64_t day_ms = 24 * 60 * 60 * std::int64_t{1000};
constexpr std::int64_t late_ms_min = 2'000;  // what nobody would call on time
constexpr std::int64_t room_retry_ms = 60'000;

bool owns(const ScheduledLine& line, const Speaker& speaker) noexcept {
    if (line.session != 0) {
        return speaker.session != nullptr && speaker.session->key == line.session;
    }
    return line.serial != 0 && line.serial == speaker.serial;
}

UnixMs due_of(const Core& core, const When& when) noexcept {
    switch (when.kind) {
        case When::Kind::after:
        case When::Kind::every:
            return core.unix_now + when.ms;
        case When::Kind::at:
            return when.ms;
        case When::Kind::time_of_day: {
            const UnixMs local = core.unix_now + core.zone_offset_s * std::int64_t{1000};
            UnixMs due = local - local % day_ms + when.ms;
            if (due <= local) due += day_ms;
            return due - core.zone_offset_s * std::int64_t{1000};
        }
    }
    return 0;
}

void take_out(Core& core, const ScheduledLine& line) {
    core.schedules.by_due.erase({line.fires_at(), line.entry.id});
}

void put_in(Core& core, ScheduledLine&& line) {
    core.schedules.by_due.insert({line.fires_at(), line.entry.id});
    const std::uint64_t id = line.entry.id;
    core.schedules.by_id.insert_or_assign(id, std::move(line));
}

std::string body_of(const Core& core, const ScheduledLine& line) {
    std::string body = line.entry.body;
    if (core.unix_now - line.entry.due < late_ms_min) return body;
    std::string late = " (late: due ";
    wire::append_local_time(late, line.entry.due, core.zone_offset_s);
    late += ')';
    if (body.size() + late.size() <= limits::body_bytes_max) body += late;
    return body;
}

void fire(Core& core, std::uint64_t id) {
    ScheduledLine line = core.schedules.by_id.at(id);
    take_out(core, line);
    const std::string body = body_of(core, line);
    std::optional<UnixMs> next;
    if (line.entry.every_ms > 0) {
        const std::int64_t missed = (core.unix_now - line.entry.due) / line.entry.every_ms;
        next = line.entry.due + (missed + 1) * line.entry.every_ms;
    }
    RoomId room_id;
    Errc error = Errc::none;
    Room* room = find_or_make_room(core, line.entry.room, room_id, error);
    const auto found = core.sessions_by_key.find(line.session);
    Session* session =
        found == core.sessions_by_key.end() ? nullptr : &core.sessions[found->second];
    if (room == nullptr) {
        // No place for it just now: nothing is lost, it is only later, and says so then.
        line.retry_at = core.unix_now + room_retry_ms;
        return put_in(core, std::move(line));
    }
    line.retry_at = 0;
    const Speaker speaker{line.nick, session, 0};
    const auto kind = line.entry.action ? wire::EventKind::action : wire::EventKind::message;
    publish_scheduled(core, room_id, speaker, {.kind = kind, .body = body}, id, next);
    forget_if_empty(core, room_id);
    core.schedules.by_id.erase(id);
    if (!next) {
        if (session != nullptr && session->schedules > 0) --session->schedules;
        return;
    }
    line.entry.due = *next;
    put_in(core, std::move(line));
}

}  // namespace

std::optional<Outcome> schedule(Core& core, Connection& connection, const Speaker& speaker,
                                std::string_view room, const wire::Schedule& wanted, Ask& ask) {
    if (core.config.keeps_history && !store_takes(core, wanted.body.size())) {
        return store_behind(core);
    }
    const When& when = wanted.when;
    const UnixMs due = due_of(core, when);
    if (due <= core.unix_now) return failure(Errc::bad_time);
    const std::int64_t ahead_max =
        std::chrono::duration_cast<std::chrono::milliseconds>(limits::schedule_ahead_max).count();
    if (due - core.unix_now > ahead_max) return failure(Errc::bad_time, "at most a year ahead");
    if (const Errc error = check_body(wanted.body); error != Errc::none) return failure(error);
    ScheduledLine line{.session = speaker.session == nullptr ? 0 : speaker.session->key,
                       .serial = speaker.session == nullptr ? speaker.serial : 0,
                       .nick = std::string(speaker.nick),
                       .entry = {.id = wanted.id,
                                 .room = std::string(room),
                                 .body = std::string(wanted.body),
                                 .action = wanted.action,
                                 .due = due,
                                 .every_ms = when.kind == When::Kind::every ? when.ms : 0,
                                 .zone_offset_s = core.zone_offset_s}};
    if (wanted.id != 0) {
        const auto known = core.schedules.by_id.find(wanted.id);
        if (known == core.schedules.by_id.end() || !owns(known->second, speaker)) {
            return failure(Errc::no_such_schedule);
        }
        take_out(core, known->second);
    } else {
        const auto owned =
            std::count_if(core.schedules.by_id.begin(), core.schedules.by_id.end(),
                          [&](const auto& entry) { return owns(entry.second, speaker); });
        if (owned >= static_cast<std::ptrdiff_t>(limits::schedules_per_session_max) ||
            core.schedules.by_id.size() >= limits::schedules_max) {
            return failure(Errc::too_many_schedules);
        }
        line.entry.id = ++core.schedules.last_id;
        if (speaker.session != nullptr) ++speaker.session->schedules;
    }
    wire::ScheduleReply reply{line.entry};
    const chat::Ticket ticket = keep(core, chat::KeepSchedule{line.session, line.nick, line.entry});
    if (line.session == 0 && line.entry.every_ms > 0) connection.make_uncommon().repeats = true;
    put_in(core, std::move(line));
    return when_durable(core, connection, std::move(reply), ticket, ask);
}

Outcome list_schedules(Core& core, const Speaker& speaker) {
    wire::SchedulesReply reply;
    for (const auto& [due, id] : core.schedules.by_due) {
        const ScheduledLine& line = core.schedules.by_id.at(id);
        if (!owns(line, speaker)) continue;
        reply.entries.push_back(line.entry);
        reply.entries.back().zone_offset_s = core.zone_offset_s;
    }
    return reply;
}

std::optional<Outcome> unschedule(Core& core, Connection& connection, const Speaker& speaker,
                                  std::uint64_t id, Ask& ask) {
    const auto found = core.schedules.by_id.find(id);
    if (found == core.schedules.by_id.end() || !owns(found->second, speaker)) {
        return failure(Errc::no_such_schedule);
    }
    take_out(core, found->second);
    core.schedules.by_id.erase(found);
    if (speaker.session != nullptr && speaker.session->schedules > 0) {
        --speaker.session->schedules;
    }
    const chat::Ticket ticket = keep(core, chat::DropSchedule{id});
    return when_durable(core, connection, wire::Done{}, ticket, ask);
}

void end_repeating(Core& core, ConnSerial serial) {
    std::erase_if(core.schedules.by_id, [&](const auto& entry) {
        const ScheduledLine& line = entry.second;
        if (line.session != 0 || line.serial != serial || line.entry.every_ms == 0) return false;
        take_out(core, line);
        (void)keep(core, chat::DropSchedule{line.entry.id});
        return true;
    });
}

void fire_schedules(Core& core) {
    // A store in trouble would hold the room's hand-out up: what is due waits for it instead.
    if (core.unix_now == 0 || !core.store.trouble.empty()) return;
    for (std::uint32_t count = 0; count < limits::schedules_per_turn_max; ++count) {
        if (core.schedules.by_due.empty()) return;
        const auto [due, id] = *core.schedules.by_due.begin();
        if (due > core.unix_now) return;
        fire(core, id);
    }
}

Time next_schedule(const Core& core) noexcept {
    if (core.schedules.by_due.empty()) return time_never;
    if (core.unix_now == 0 || !core.store.trouble.empty()) return time_never;
    const UnixMs due = core.schedules.by_due.begin()->first;
    return core.now + std::chrono::milliseconds{std::max<UnixMs>(due - core.unix_now, 0)};
}

}  // namespace chatd::engine
