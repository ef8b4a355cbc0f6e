#pragma once
// Short spellings of the values that a store takes, and a clock that a test sets. Plain values.

#include <atomic>
#include <string>
#include <utility>

#include "chatd/chat/persistence.hpp"
#include "chatd/store/options.hpp"

namespace chatd::test {

inline constexpr UnixMs start_of_time = 1'795'000'000'000;  // in November 2026
inline std::atomic<UnixMs> store_time{start_of_time};
inline UnixMs store_clock() {
    return store_time.load();
}

inline store::StoreOptions store_options(const std::string& directory) {
    store::StoreOptions options;
    options.directory = directory;
    options.now = &store_clock;
    return options;
}

/// An event whose id bears the present time of store_clock() and its position.
inline wire::KeptEvent event_of(wire::EventKind kind, std::string room, Position at,
                                std::string body) {
    wire::KeptEvent event;
    event.kind = kind;
    event.room = std::move(room);
    event.from = "ana";
    event.body = std::move(body);
    event.at = at;
    event.id = make_uuid7(store_clock(), at.epoch, at.seq);
    return event;
}

inline chat::KeepEvent said(std::string room, Position at, std::string body) {
    return {event_of(wire::EventKind::message, std::move(room), at, std::move(body)), 7};
}

inline chat::KeepEvent about(wire::EventKind kind, std::string room, Position at, Position target,
                             std::string body = {}) {
    chat::KeepEvent write{event_of(kind, std::move(room), at, std::move(body)), 7};
    write.event.target = target;
    return write;
}

}  // namespace chatd::test
