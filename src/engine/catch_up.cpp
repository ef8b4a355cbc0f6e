// Records older than the log's: a reader that was away, or fell behind what memory holds, gets them
// from the store page by page, in order, and then goes on in the log.

#include <algorithm>
#include <utility>

#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using chat::Room;

constexpr std::size_t page_bytes_max = 64 * 1024;

void ask_page(Core& core, CatchUp& catch_up, std::uint32_t index, const Room& room) {
    catch_up.asked = true;
    catch_up.edge = room.log.before(room.log.first());
    ++core.connections[catch_up.connection].make_uncommon().owed;
    catch_up.query = ++core.last_query;
    core.queries.emplace(catch_up.query, PendingQuery{.kind = PendingQuery::Kind::catch_up,
                                                      .connection = catch_up.connection,
                                                      .catch_up = index});
    core.persists.push_back(chat::ReadHistory{.query = catch_up.query,
                                              .room = room.name(),
                                              .after = catch_up.after,
                                              .limit = limits::history_page_max,
                                              .bytes_max = page_bytes_max});
}

// The page is used up: the log goes on from here, or the store has more, or neither has it.
void go_on(Core& core, Connection& connection, Membership& membership, std::string& out) {
    const std::uint32_t index = membership.catch_up();
    CatchUp& catch_up = *core.catch_ups.at_index(index);
    Room& room = core.room_of(membership);
    if (!room.log.holds_after(catch_up.after)) {
        if (catch_up.more) return ask_page(core, catch_up, index, room);
        // An empty page says nothing about what was said and trimmed after it was asked for.
        const Position edge = catch_up.edge ? catch_up.edge : room.log.before(room.log.first());
        const Position end = membership.until_at();
        append_gaps(core, connection, out, room, catch_up.after, end ? std::min(edge, end) : edge);
        catch_up.after = std::max(catch_up.after, edge);
        if (!room.log.holds_after(catch_up.after)) return ask_page(core, catch_up, index, room);
    }
    membership.cursor = room.log.index_after(catch_up.after);
    end_catch_up(core, membership);
}

}  // namespace

void begin_catch_up(Core& core, Connection& connection, Membership& membership, Position after) {
    CHATD_ASSERT(!membership.catches_up());
    Room& room = core.room_of(membership);
    const auto id = core.catch_ups.emplace();
    CatchUp& catch_up = core.catch_ups[id];
    catch_up.connection = connection.id;
    catch_up.after = after;
    membership.make_detour().catch_up = id.index;
    ask_page(core, catch_up, id.index, room);
}

void catch_up_arrived(Core& core, chat::HistoryPage&& page, std::uint32_t index) {
    CatchUp* catch_up = core.catch_ups.at_index(index);
    if (catch_up == nullptr || catch_up->query != page.query) return;
    catch_up->asked = false;
    if (!page.error.empty()) catch_up->edge = {};
    // Only an empty page says that there is nothing more: what was said meanwhile may be kept too.
    catch_up->more = page.error.empty() && (!page.events.empty() || page.missing_to);
    catch_up->waiting.assign(std::make_move_iterator(page.events.begin()),
                             std::make_move_iterator(page.events.end()));
    catch_up->missing_from = page.missing_from;
    catch_up->missing_to = page.missing_to;
    core.mark_ready(core.connections[catch_up->connection]);
}

bool catch_up_waits(const Core& core, const Membership& membership) noexcept {
    return const_cast<Core&>(core).catch_ups.at_index(membership.catch_up())->asked;
}

void append_catch_up(Core& core, Connection& connection, Membership& membership, std::string& out,
                     std::size_t bytes_max) {
    CatchUp& catch_up = *core.catch_ups.at_index(membership.catch_up());
    if (catch_up.asked) return;
    const Room& room = core.room_of(membership);
    if (catch_up.missing_to) {
        const Position before{catch_up.missing_from.epoch, catch_up.missing_from.seq - 1};
        const Position end = membership.until_at();
        append_gaps(core, connection, out, room, before,
                    end ? std::min(end, catch_up.missing_to) : catch_up.missing_to);
        catch_up.after = std::max(catch_up.after, catch_up.missing_to);
        catch_up.missing_to = {};
    }
    while (!catch_up.waiting.empty() && out.size() < bytes_max) {
        const wire::KeptEvent& event = catch_up.waiting.front();
        if (membership.until_at() && event.at > membership.until_at()) {
            catch_up.waiting.clear();
            catch_up.more = false;
            catch_up.edge = {};
            break;
        }
        const bool own =
            !connection.json && event.voice != 0 && event.voice == core.voice_of(connection.serial);
        if (!own) {
            wire::append_event(out, connection.form(), event.view());
            ++core.counters.deliveries;
        }
        catch_up.after = event.at;
        catch_up.waiting.pop_front();
    }
    if (catch_up.waiting.empty()) go_on(core, connection, membership, out);
}

void end_catch_up(Core& core, Membership& membership) noexcept {
    core.catch_ups.erase(core.catch_ups.handle_at(membership.catch_up()));
    membership.detour->catch_up = chat::no_catch_up;
}

}  // namespace chatd::engine
