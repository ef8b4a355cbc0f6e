// Pages of history and search: what is asked of memory or of the store.

#include <algorithm>

#include "engine/requests.hpp"

namespace chatd::engine {

using wire::Errc;
using wire::Outcome;

std::optional<Outcome> read_history(Core& core, Connection& connection, std::string_view name,
                                    const chat::Room* room, const wire::History& history,
                                    Ask& ask) {
    const std::uint32_t limit =
        std::clamp(history.limit == 0 ? limits::history_page_default : history.limit, 1U,
                   limits::history_page_max);
    const auto whole = [&](Position position) {
        if (position.epoch == 0 && position.seq != 0 && room != nullptr) {
            position.epoch = room->log.epoch();
        }
        return position;
    };
    const Position after = whole(history.after);
    const Position before = whole(history.before);
    // A number alone means nothing in a room that is not here.
    if ((after != Position{} && !after) || (before != Position{} && !before)) {
        return failure(Errc::bad_position);
    }
    if (core.config.keeps_history) {
        ask_history(core, connection, name, after, before, limit, std::move(ask));
        return std::nullopt;
    }
    if (room == nullptr) return wire::HistoryReply{.room = std::string(name)};
    return history_in_memory(*room, after, before, limit);
}

std::optional<Outcome> read_search(Core& core, Connection& connection, const wire::Search& search,
                                   Ask& ask) {
    if (!core.config.keeps_history) return failure(Errc::no_history);
    if (search.query.empty()) return failure(Errc::bad_query);
    ask_search(core, connection, search, std::move(ask));
    return std::nullopt;
}

}  // namespace chatd::engine
