// Numbers that are given and delivered, but not kept, since the store takes no more just now: told
// to it, and to every later reader, when it takes writes again.

#include <utility>

#include "chatd/base/planted.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

using chat::Room;

namespace {

// Numbers that go on from the last hole are part of it.
void remember_hole(Room& room) {
    std::vector<chat::Hole>& holes = room.kept.holes;
    const Epoch epoch = room.log.epoch();
    if (!holes.empty() && holes.back().epoch == epoch && holes.back().to + 1 == room.hole_from) {
        holes.back().to = room.hole_to;
        return;
    }
    holes.push_back({epoch, room.hole_from, room.hole_to});
    if (holes.size() > limits::holes_restored_max) holes.erase(holes.begin());
}

}  // namespace

void note_hole(Core& core, Room& room, RoomId id) {
    if (planted(Planted::hole_forgotten)) return;
    const Position at = room.log.last();
    if (room.hole_from == 0) room.hole_from = at.seq;
    if (!std::exchange(room.hole_listed, true)) core.holed_rooms.push_back(id);
    room.hole_to = at.seq;
    core.counters.drop(Drop::unkept);
}

void tell_hole(Core& core, Room& room) {
    if (room.hole_from == 0) return;
    keep_room(core, room);
    (void)keep(core, chat::KeepHole{.room = room.name(),
                                    .epoch = room.log.epoch(),
                                    .from = room.hole_from,
                                    .to = room.hole_to});
    remember_hole(room);
    room.hole_from = 0;
}

void tell_holes(Core& core, bool all) {
    constexpr std::size_t hole_bytes = 512;  // with its room
    while (!core.holed_rooms.empty() && (all || store_takes(core, hole_bytes))) {
        if (Room* room = core.rooms.find(core.holed_rooms.back())) {
            room->hole_listed = false;
            tell_hole(core, *room);
        }
        core.holed_rooms.pop_back();
    }
}

}  // namespace chatd::engine
