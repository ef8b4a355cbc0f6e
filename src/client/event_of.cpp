#include "client/event_of.hpp"

#include <utility>

#include "chatd/wire/crowd.hpp"

namespace chatd::client {

using wire::EventKind;
using wire::KeptEvent;

Event event_of(KeptEvent&& event, bool own) {
    const UnixMs ts = time_of(event.id);
    switch (event.kind) {
        case EventKind::message:
        case EventKind::action:
            return Message{.room = std::move(event.room),
                           .at = event.at,
                           .id = event.id,
                           .ts = ts,
                           .from = std::move(event.from),
                           .body = std::move(event.body),
                           .key = std::move(event.key),
                           .reply_to = event.target,
                           .action = event.kind == EventKind::action,
                           .removed = event.removed,
                           .own = own};
        case EventKind::edited:
            return Edited{std::move(event.room), event.at,     ts,
                          std::move(event.from), event.target, std::move(event.body)};
        case EventKind::redacted:
            return Redacted{std::move(event.room), event.at, ts, std::move(event.from),
                            event.target};
        case EventKind::reacted:
            return Reacted{std::move(event.room), event.at, ts, std::move(event.from), event.target,
                           std::move(event.body), event.off};
        case EventKind::topic:
            return TopicSet{std::move(event.room), event.at, ts, std::move(event.from),
                            std::move(event.body)};
        case EventKind::joined:
            return Joined{.room = std::move(event.room), .from = std::move(event.from)};
        case EventKind::left:
            return Left{.room = std::move(event.room),
                        .from = std::move(event.from),
                        .reason = std::move(event.body)};
        case EventKind::renamed:
            return Renamed{std::move(event.room), std::move(event.from), std::move(event.body),
                           own};
        case EventKind::joined_many: {
            const wire::Crowd crowd = wire::crowd_of(event.body);
            return Joined{
                .room = std::move(event.room), .count = crowd.count, .people = crowd.people};
        }
        case EventKind::left_many: {
            const wire::Crowd crowd = wire::crowd_of(event.body);
            return Left{
                .room = std::move(event.room), .count = crowd.count, .people = crowd.people};
        }
    }
    return Notice{};
}

}  // namespace chatd::client
