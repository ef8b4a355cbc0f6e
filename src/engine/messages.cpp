// What is said in rooms, numbered and kept. Under a key it is said at most once, however often it
// is sent.

#include <algorithm>
#include <functional>
#include <utility>

#include "chatd/base/planted.hpp"
#include "chatd/wire/shown.hpp"
#include "engine/core.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using chat::Room;
using wire::Errc;
using wire::Event;
using wire::EventKind;
using wire::Failure;
using wire::Outcome;
using wire::SaidReply;

std::optional<Outcome> said(Core& core, Connection& connection, SaidReply reply,
                            chat::Ticket ticket, Ask& ask) {
    if (!ask.wants_said()) return wire::Done{};
    return when_durable(core, connection, std::move(reply), ticket, ask);
}
chat::SessionKey session_key(const Speaker& speaker) noexcept {
    return speaker.session == nullptr ? 0 : speaker.session->key;
}

// What a write to the store will hold of its queue.
std::size_t kept_bytes(const Event& event) {
    return sizeof(chat::KeepEvent) + event.from.size() + event.body.size() + event.key.size();
}

// Numbers the event and puts it into the log, from where it is handed on.
Event append_numbered(Core& core, RoomId id, const Speaker& speaker, const Event& event) {
    Room& room = core.rooms[id];
    Event numbered = event;
    numbered.room = room.name();
    numbered.from = speaker.nick;
    numbered.id = make_uuid7(core.unix_now, core.ids.next(), core.ids.next());
    room.log.append(numbered, {speaker.serial, session_key(speaker)});
    room.appended_turn = core.turn;
    ++core.counters.messages;
    mark_dirty(core, room, id);
    numbered.at = room.log.last();
    return numbered;
}

chat::KeepEvent kept(const Core& core, const Speaker& speaker, const Event& numbered) {
    chat::KeepEvent write{.event = wire::KeptEvent::of(numbered), .author = session_key(speaker)};
    write.event.voice = core.voice_of(speaker.serial);
    return write;
}

}  // namespace

void keep_room(Core& core, Room& room) {
    if (std::exchange(room.stored, true)) return;
    (void)keep(core, chat::KeepRoom{.room = room.name(), .epoch = room.log.epoch()});
}

Errc check_body(std::string_view body) noexcept {
    if (body.empty()) return Errc::empty;
    if (body.size() > limits::body_bytes_max) return Errc::line_too_long;
    const std::size_t lines = wire::count_lines(body, limits::body_lines_max + 1);
    if (lines > limits::body_lines_max) return Errc::too_many_lines;
    return lines == 0 ? Errc::empty : Errc::none;
}

std::uint64_t hash_of_keyed(std::string_view room, std::string_view body, bool action) noexcept {
    const std::hash<std::string_view> hash;
    return hash(body) * 31 + hash(room) + (action ? 1 : 0);
}

namespace {

// Readers get the line at `index`, and what follows it, with the commit of its ticket.
void hold_back(Core& core, RoomId id, LogIndex index, chat::Ticket ticket) {
    Room& room = core.rooms[id];
    room.visible_end = std::min(room.visible_end, index);
    room.fired.push_back(index);
    core.awaited_commits.push_back({.ticket = ticket, .room = id, .fired = index});
}

}  // namespace

Published publish(Core& core, RoomId id, const Speaker& speaker, const Event& event) {
    Room& room = core.rooms[id];
    const LogIndex index = room.log.end();
    const Event numbered = append_numbered(core, id, speaker, event);
    if (event.kind == EventKind::redacted) (void)room.log.remove(event.target);
    if (event.kind == EventKind::topic) {
        room.topic = event.body;
        room.topic_from = speaker.nick;
    }
    Published published{.at = numbered.at, .id = numbered.id};
    if (!core.config.keeps_history) return published;
    if (!store_takes(core, kept_bytes(event))) {
        note_hole(core, room, id);
        return published;
    }
    keep_room(core, room);
    tell_hole(core, room);
    published.ticket = keep(core, kept(core, speaker, numbered));
    if (planted(Planted::delivery_awaits_commit)) hold_back(core, id, index, published.ticket);
    return published;
}

void publish_scheduled(Core& core, RoomId id, const Speaker& speaker, const Event& event,
                       std::uint64_t schedule, std::optional<UnixMs> next) {
    Room& room = core.rooms[id];
    const LogIndex index = room.log.end();
    const Event numbered = append_numbered(core, id, speaker, event);
    if (!core.config.keeps_history) return;
    keep_room(core, room);
    tell_hole(core, room);
    const chat::Ticket ticket = keep(
        core,
        chat::FireSchedule{.id = schedule, .line = kept(core, speaker, numbered), .next = next});
    hold_back(core, id, index, ticket);
}

namespace {

// Text readers do not get what they said themselves; JSON readers do: the echo has the number.
void step_over_own(Core& core, const Connection& connection, RoomId id) noexcept {
    if (connection.json) return;
    chat::Membership* membership = core.membership_in(connection, id);
    if (membership != nullptr) membership->own_until = core.rooms[id].log.end();
}

std::optional<Outcome> publish_and_tell(Core& core, Connection& connection, RoomId id,
                                        const Speaker& speaker, const Event& event, Ask& ask) {
    // What is acknowledged must be kept, and so must what changes other messages; only a line that
    // nobody answers for may be delivered without.
    const bool must_be_kept = ask.wants_said() || !wire::is_said(event.kind);
    if (must_be_kept && core.config.keeps_history && !store_takes(core, kept_bytes(event))) {
        return store_behind(core);
    }
    const Published published = publish(core, id, speaker, event);
    step_over_own(core, connection, id);
    if (!ask.wants_said()) return wire::Done{};
    return said(core, connection, {core.rooms[id].name(), published.at, published.id},
                published.ticket, ask);
}

std::optional<Outcome> say_keyed(Core& core, Connection& connection, RoomId id,
                                 const Speaker& speaker, const Event& event, Ask& ask) {
    if (event.key.size() > limits::key_bytes_max) return failure(Errc::bad_key);
    if (speaker.session == nullptr) return failure(Errc::needs_session);
    Session& session = *speaker.session;
    if (!session.keys) session.keys = std::make_unique<KeyMemory>();
    const std::string room = core.rooms[id].name();
    const std::uint64_t hash = hash_of_keyed(room, event.body, event.kind == EventKind::action);
    if (const KeyedMessage* known = session.keys->find(event.key, core.now)) {
        if (known->body_hash != hash) return failure(Errc::key_reused);
        return said(core, connection, {known->room, known->at, known->id, true}, known->ticket,
                    ask);
    }
    if (core.config.keeps_history && !store_takes(core, kept_bytes(event))) {
        return store_behind(core);
    }
    const Published published = publish(core, id, speaker, event);
    step_over_own(core, connection, id);
    session.keys->remember(event.key, {.room = room,
                                       .at = published.at,
                                       .id = published.id,
                                       .body_hash = hash,
                                       .ticket = published.ticket,
                                       .said_at = core.now});
    return said(core, connection, {room, published.at, published.id}, published.ticket, ask);
}

Errc may_change(const Event& target, const chat::Author& author, const Speaker& speaker,
                EventKind kind) {
    if (!wire::is_said(target.kind) || target.removed) return Errc::no_such_message;
    if (kind == EventKind::reacted) return Errc::none;
    const bool same_session = speaker.session != nullptr && author.session == speaker.session->key;
    const bool same_voice = author.serial != 0 && author.serial == speaker.serial;
    return same_session || same_voice ? Errc::none : Errc::not_yours;
}

// What is wrong with the text of a change; Errc::none if nothing.
Failure check_change(const Event& event) {
    static_assert(limits::reaction_bytes_max == 32);
    static_assert(limits::topic_bytes_max == 400);
    switch (event.kind) {
        case EventKind::edited:
            return {.error = check_body(event.body)};
        case EventKind::reacted:
            if (!event.body.empty() && event.body.size() <= limits::reaction_bytes_max) break;
            return {.error = Errc::bad_argument, .detail = "a reaction has 1 to 32 bytes"};
        case EventKind::topic:
            if (event.body.size() <= limits::topic_bytes_max) break;
            return {.error = Errc::bad_argument, .detail = "a topic has at most 400 bytes"};
        default:
            break;
    }
    return {};
}

}  // namespace

std::optional<Outcome> say(Core& core, Connection& connection, RoomId id, const Speaker& speaker,
                           const wire::Say& say, Ask& ask) {
    if (const Errc error = check_body(say.body); error != Errc::none) return failure(error);
    const Event event{.kind = say.action ? EventKind::action : EventKind::message,
                      .body = say.body,
                      .key = say.key,
                      .target = in_epoch(say.reply_to, core.rooms[id])};
    if (!say.key.empty()) return say_keyed(core, connection, id, speaker, event, ask);
    return publish_and_tell(core, connection, id, speaker, event, ask);
}

std::optional<Outcome> change(Core& core, Connection& connection, RoomId id, const Speaker& speaker,
                              const Event& wanted, Ask& ask) {
    if (Failure fault = check_change(wanted); fault.error != Errc::none) {
        return std::unexpected(std::move(fault));
    }
    const Room& room = core.rooms[id];
    Event event = wanted;
    if (event.kind != EventKind::topic) {
        event.target = in_epoch(event.target, room);
        auto found = room.log.find(event.target);
        // Of what was restored only the store knows the author.
        if (found && found->author.serial == 0 && found->author.session == 0) found.reset();
        if (!found && core.config.keeps_history && event.target <= room.log.last()) {
            ask_target(core, connection, room.name(), speaker, event, std::move(ask));
            return std::nullopt;
        }
        const Errc error = found ? may_change(found->event, found->author, speaker, event.kind)
                                 : Errc::no_such_message;
        if (error != Errc::none) return failure(error);
    }
    return publish_and_tell(core, connection, id, speaker, event, ask);
}

std::optional<Outcome> change_found(Core& core, Connection& connection, RoomId id,
                                    const Speaker& speaker, const Event& event,
                                    const chat::EventFound& found, Ask& ask) {
    if (!found.event) return failure(Errc::no_such_message);
    const Errc error = may_change(found.event->view(), {0, found.author}, speaker, event.kind);
    if (error != Errc::none) return failure(error);
    return publish_and_tell(core, connection, id, speaker, event, ask);
}

}  // namespace chatd::engine
