// What the store had when the server started.

#include <algorithm>
#include <utility>

#include "engine/core.hpp"

namespace chatd::engine {

namespace {

void restore_session(Core& core, chat::RestoredSession&& restored) {
    const Duration away = std::max<Duration>(
        std::chrono::milliseconds{core.unix_now - restored.seen_at}, Duration::zero());
    if (core.sessions.full() || away >= limits::session_idle_max) return;
    const SessionId id = core.sessions.emplace();
    Session& session = core.sessions[id];
    session.id = id;
    session.key = restored.session;
    session.token = restored.token;
    session.away_since = core.now - away;
    session.privates = restored.privates;
    // Two sessions may have had one nick, one after the other: the later one keeps it.
    const bool nick_fits = !restored.nick.empty() && restored.nick.size() <= limits::name_bytes_max;
    if (nick_fits && core.nicks.take(restored.nick, chat::NickHolder(id)) == wire::Errc::none) {
        session.nick = std::move(restored.nick);
    }
    core.sessions_by_token.emplace(
        std::string(reinterpret_cast<const char*>(session.token.data()), session.token.size()), id);
    core.sessions_by_key.emplace(session.key, id);
}

void restore_key(Core& core, chat::RestoredKey&& restored) {
    const auto found = core.sessions_by_key.find(restored.session);
    if (found == core.sessions_by_key.end()) return;
    Session& session = core.sessions[found->second];
    if (!session.keys) session.keys = std::make_unique<KeyMemory>();
    session.keys->remember(
        restored.key, {.room = restored.room,
                       .at = restored.at,
                       .id = restored.id,
                       .body_hash = hash_of_keyed(restored.room, restored.body, restored.action),
                       .ticket = 0,
                       .said_at = core.now});
}

void restore_room(Core& core, chat::RestoredRoom&& restored) {
    const std::string folded = chat::fold(restored.room);
    core.rooms_by_skeleton.emplace(chat::skeleton(restored.room), RoomId{});
    core.known_rooms.insert_or_assign(folded,
                                      KnownRoom{.name = std::move(restored.room),
                                                .last = {restored.epoch, restored.last},
                                                .topic = std::move(restored.topic),
                                                .topic_from = std::move(restored.topic_from),
                                                .ended = std::move(restored.ended),
                                                .kept = std::move(restored.kept),
                                                .newest = std::move(restored.newest)});
}

void restore_schedule(Core& core, chat::RestoredSchedule&& restored) {
    const auto found = core.sessions_by_key.find(restored.session);
    if (found != core.sessions_by_key.end()) ++core.sessions[found->second].schedules;
    if (restored.session == 0 && restored.entry.every_ms > 0) {
        // It ended with its connection, which is not here any more.
        (void)keep(core, chat::DropSchedule{restored.entry.id});
        return;
    }
    const std::uint64_t id = restored.entry.id;
    core.schedules.by_due.insert({restored.entry.due, id});
    core.schedules.by_id.insert_or_assign(id, ScheduledLine{.session = restored.session,
                                                            .serial = 0,
                                                            .nick = std::move(restored.nick),
                                                            .entry = std::move(restored.entry)});
}

}  // namespace

void restore(Core& core, chat::Restored&& restored) {
    const auto seconds = static_cast<Epoch>(std::max<UnixMs>(core.unix_now / 1000, 1));
    core.run_epoch = restored.epoch != 0 ? restored.epoch : seconds;
    core.last_session = restored.last_session;
    core.schedules.last_id = restored.last_schedule;
    // The one seen last comes first, so that it has its nick.
    std::sort(restored.sessions.begin(), restored.sessions.end(),
              [](const auto& left, const auto& right) { return left.seen_at > right.seen_at; });
    for (chat::RestoredSession& session : restored.sessions)
        restore_session(core, std::move(session));
    for (chat::RestoredKey& key : restored.keys)
        restore_key(core, std::move(key));
    for (chat::RestoredRoom& room : restored.rooms)
        restore_room(core, std::move(room));
    for (chat::RestoredSchedule& schedule : restored.schedules)
        restore_schedule(core, std::move(schedule));
}

bool ends_at_last(const KnownRoom& known) noexcept {
    Position given = known.last;
    for (auto ended = known.ended.rbegin(); given.seq == 0 && ended != known.ended.rend(); ++ended)
        given = {ended->epoch, ended->last};
    return !known.newest.empty() && known.newest.back().at == given;
}

void restore_log(chat::RoomLog& log, const std::vector<wire::KeptEvent>& newest, Position last) {
    // Only what follows on without a hole: a reader must not step over one unseen.
    std::size_t first = 0;
    for (std::size_t index = 1; index < newest.size(); ++index) {
        const Position before = newest[index - 1].at;
        const Position at = newest[index].at;
        const bool follows = at.epoch == before.epoch && at.seq == before.seq + 1;
        if (!follows) first = index;
    }
    for (std::size_t index = first; index < newest.size(); ++index) {
        const wire::KeptEvent& event = newest[index];
        if (event.at > last) break;
        if (index == first) log.continue_at({event.at.epoch, event.at.seq - 1});
        log.append(event.view(), chat::Author{});
    }
    log.continue_at(last);
}

}  // namespace chatd::engine
