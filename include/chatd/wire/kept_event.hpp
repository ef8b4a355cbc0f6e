#pragma once
// An event that owns its texts: what the store keeps, what a page of history holds. Plain values,
// any thread.

#include <string>

#include "chatd/wire/event.hpp"

namespace chatd::wire {

struct KeptEvent {
    EventKind kind = EventKind::message;
    std::string room{};
    std::string from{};
    std::string body{};
    std::string key{};
    Uuid id{};
    Position at{};
    Position target{};
    bool off = false;
    bool removed = false;
    /// The connection that said it, by a number that no run of the server uses again; 0: none.
    std::uint64_t voice = 0;

    /// Borrows from this.
    Event view() const noexcept {
        return {.kind = kind,
                .room = room,
                .from = from,
                .body = body,
                .key = key,
                .id = id,
                .at = at,
                .target = target,
                .off = off,
                .removed = removed};
    }
    static KeptEvent of(const Event& event) {
        return {.kind = event.kind,
                .room = std::string(event.room),
                .from = std::string(event.from),
                .body = std::string(event.body),
                .key = std::string(event.key),
                .id = event.id,
                .at = event.at,
                .target = event.target,
                .off = event.off,
                .removed = event.removed};
    }
};

}  // namespace chatd::wire
