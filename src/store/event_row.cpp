#include "store/event_row.hpp"

namespace chatd::store {

wire::KeptEvent read_event(const Query& query, int first, std::string_view room) {
    wire::KeptEvent event;
    event.room = room;
    event.at = {query.natural(first), query.natural(first + 1)};
    event.kind = static_cast<wire::EventKind>(query.integer(first + 2));
    const std::int64_t flags = query.integer(first + 3);
    event.off = (flags & flag_off) != 0;
    event.removed = (flags & flag_removed) != 0;
    query.blob(first + 4, event.id.bytes);
    event.from = query.text(first + 5);
    event.body = query.text(first + 6);
    event.key = query.text(first + 7);
    event.target = {query.natural(first + 8), query.natural(first + 9)};
    event.voice = query.natural(first + 10);
    return event;
}

std::size_t memory_bytes(const wire::KeptEvent& event) noexcept {
    return sizeof event + event.room.size() + event.from.size() + event.body.size() +
           event.key.size();
}

}  // namespace chatd::store
