// Rooms: made by whoever comes first, kept for a while when everybody has left, and then known by
// name and position alone if there is a store.

#include <algorithm>

#include "chatd/wire/name.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Room;
using wire::Errc;

// A room that the store does not know begins a new epoch, larger than any that was given before, by
// this process or an earlier one. With a store that is the run's: whatever gets a number in it is
// known from then on. Without one the wall clock has to do.
Epoch new_epoch(Core& core) {
    if (core.config.keeps_history) return core.run_epoch;
    const auto seconds = static_cast<Epoch>(std::max<UnixMs>(core.unix_now / 1000, 1));
    core.last_epoch = std::max(core.last_epoch + 1, seconds);
    return core.last_epoch;
}

Room& make_room(Core& core, std::string_view name, const std::string& folded, RoomId& id) {
    const auto known = core.known_rooms.find(folded);
    const bool is_known = known != core.known_rooms.end();
    const std::string spelled = is_known ? known->second.name : std::string(name);
    Epoch epoch = is_known ? known->second.last.epoch : new_epoch(core);
    if (is_known && !ends_at_last(known->second)) known->second.newest.clear();
    if (is_known && !known->second.newest.empty()) epoch = known->second.newest.front().at.epoch;
    id = core.rooms.emplace(spelled, core.config.log, core.log_totals, epoch);
    Room& room = core.rooms[id];
    if (is_known) {
        restore_log(room.log, known->second.newest, known->second.last);
        room.topic = std::move(known->second.topic);
        room.topic_from = std::move(known->second.topic_from);
        room.ended_epochs = std::move(known->second.ended);
        room.kept = std::move(known->second.kept);
        room.stored = true;
        core.known_rooms.erase(known);
    }
    core.rooms_by_fold.emplace(folded, id);
    core.rooms_by_skeleton[chat::skeleton(spelled)] = id;
    return room;
}

void forget_room(Core& core, RoomId id) {
    Room& room = core.rooms[id];
    const std::string folded = chat::fold(room.name());
    const std::string skeleton = chat::skeleton(room.name());
    tell_hole(core, room);
    if (room.stored) {
        core.rooms_by_skeleton[skeleton] = {};
        core.known_rooms[folded] = {.name = room.name(),
                                    .last = room.log.last(),
                                    .topic = std::move(room.topic),
                                    .topic_from = std::move(room.topic_from),
                                    .ended = std::move(room.ended_epochs),
                                    .kept = std::move(room.kept),
                                    .newest = {}};
    }
    if (!core.known_rooms.contains(folded)) core.rooms_by_skeleton.erase(skeleton);
    core.rooms_by_fold.erase(folded);
    core.rooms.erase(id);
}

bool can_be_forgotten(const Core& core, RoomId id, const Room& room) noexcept {
    return id != core.lobby && room.members.empty() && !room.log.pinned() &&
           room.visible_end == chat::log_index_unbounded;
}

// With no place left, the room that has been empty the longest makes room.
bool make_place(Core& core) {
    while (core.rooms.full() && !core.empty_rooms.empty()) {
        const RoomId id = core.empty_rooms.front();
        core.empty_rooms.pop_front();
        Room* room = core.rooms.find(id);
        if (room == nullptr) continue;
        room->listed_empty = false;
        if (can_be_forgotten(core, id, *room)) forget_room(core, id);
    }
    return !core.rooms.full();
}

}  // namespace

Room* find_room(Core& core, std::string_view written, RoomId& id) noexcept {
    const auto found = core.rooms_by_fold.find(chat::fold(wire::bare_room(written)));
    if (found == core.rooms_by_fold.end()) return nullptr;
    id = found->second;
    return &core.rooms[id];
}

Room* find_or_make_room(Core& core, std::string_view name, RoomId& id, Errc& error) {
    if (Room* found = find_room(core, name, id)) return found;
    error = chat::check_room(name);
    if (error != Errc::none) return nullptr;
    const std::string folded = chat::fold(name);
    const bool known = core.known_rooms.contains(folded);
    if (!known && core.rooms_by_skeleton.contains(chat::skeleton(name))) {
        error = Errc::room_looks_alike;
        return nullptr;
    }
    if (!make_place(core) || (!known && core.known_rooms.size() >= limits::known_rooms_max)) {
        error = Errc::too_many_rooms;
        return nullptr;
    }
    return &make_room(core, name, folded, id);
}

void forget_if_empty(Core& core, RoomId id) {
    Room* room = core.rooms.find(id);
    if (room == nullptr || !can_be_forgotten(core, id, *room)) return;
    const bool unused = !room->stored && room->log.last_seq() == 0;
    if (unused || core.config.room_kept == Duration::zero()) {
        return forget_room(core, id);
    }
    room->empty_since = core.now;
    if (std::exchange(room->listed_empty, true)) return;
    core.empty_rooms.push_back(id);
}

void forget_old_rooms(Core& core) {
    while (!core.empty_rooms.empty()) {
        const RoomId id = core.empty_rooms.front();
        Room* room = core.rooms.find(id);
        if (room != nullptr && can_be_forgotten(core, id, *room)) {
            if (core.now < room->empty_since + core.config.room_kept) return;
            core.empty_rooms.pop_front();
            forget_room(core, id);
            continue;
        }
        core.empty_rooms.pop_front();
        if (room != nullptr) room->listed_empty = false;
    }
}

Time next_forgetting(const Core& core) noexcept {
    if (core.empty_rooms.empty()) return time_never;
    const Room* room = core.rooms.find(core.empty_rooms.front());
    return room == nullptr ? core.now : room->empty_since + core.config.room_kept;
}

}  // namespace chatd::engine
