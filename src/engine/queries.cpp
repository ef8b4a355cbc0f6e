// What the store is asked and told, and what becomes of its answers.

#include <algorithm>
#include <utility>

#include "chatd/wire/name.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using wire::Errc;
using wire::Failure;
using wire::Outcome;

// Bytes that a write holds of the store's queue, near enough for its bound.
std::size_t bytes_of(const chat::Persist& write) {
    constexpr std::size_t usual = 256;
    if (const auto* kept = std::get_if<chat::KeepEvent>(&write)) {
        return sizeof *kept + kept->event.from.size() + kept->event.body.size() +
               kept->event.key.size();
    }
    if (const auto* kept = std::get_if<chat::KeepPrivate>(&write)) {
        return sizeof *kept + kept->body.size();
    }
    return usual;
}

// Registers a question of a connection; it takes no more input until the answer is there.
chat::QueryId ask_store(Core& core, Connection& connection, PendingQuery&& pending) {
    begin_waiting(connection);
    pending.connection = connection.id;
    core.queries.emplace(++core.last_query, std::move(pending));
    return core.last_query;
}

// The question of an answer, and its connection if that is still there to hear it.
struct Answered {
    PendingQuery query;
    Connection* connection = nullptr;
};
Answered take_query(Core& core, chat::QueryId id) {
    Answered answered;
    const auto found = core.queries.find(id);
    if (found == core.queries.end()) return answered;
    answered.query = std::move(found->second);
    core.queries.erase(found);
    Connection* connection = core.connections.find(answered.query.connection);
    if (connection != nullptr && connection->phase < Phase::lingering) {
        answered.connection = connection;
    }
    return answered;
}

Outcome store_failed(std::string text) {
    return std::unexpected(Failure{.error = Errc::store_failed, .detail = std::move(text)});
}

struct Hearing {
    Core& core;

    void operator()(const chat::Committed& committed) { commit(core, committed.ticket); }

    void operator()(chat::StoreTrouble& trouble) {
        core.store.trouble = std::move(trouble.text);
        ++core.counters.store_troubles;
        tell_store_trouble(core, !core.store.trouble.empty());
        if (!core.store.trouble.empty()) show_fired(core);
    }

    void operator()(chat::HistoryPage& page) {
        Answered answered = take_query(core, page.query);
        if (answered.query.kind == PendingQuery::Kind::catch_up) {
            if (answered.connection != nullptr) {
                --answered.connection->uncommon->owed;
                core.mark_ready(*answered.connection);
                resume_if_possible(core, *answered.connection);
            }
            return catch_up_arrived(core, std::move(page), answered.query.catch_up);
        }
        if (answered.connection == nullptr) return;
        Outcome outcome;
        if (page.error.empty()) {
            RoomId id;
            const chat::Room* room = find_room(core, answered.query.room, id);
            outcome = wire::HistoryReply{.room = std::move(answered.query.room),
                                         .events = std::move(page.events),
                                         .more = page.more,
                                         .epoch = room == nullptr ? 0 : room->log.epoch()};
        } else {
            outcome = store_failed(std::move(page.error));
        }
        conclude(core, *answered.connection, answered.query.ask, outcome);
    }

    void operator()(chat::SearchPage& page) {
        Answered answered = take_query(core, page.query);
        if (answered.connection == nullptr) return;
        Outcome outcome;
        if (page.error.empty()) {
            outcome = wire::SearchReply{std::move(page.hits), page.more};
        } else if (page.bad_query) {
            outcome =
                std::unexpected(Failure{.error = Errc::bad_query, .detail = std::move(page.error)});
        } else {
            outcome = store_failed(std::move(page.error));
        }
        conclude(core, *answered.connection, answered.query.ask, outcome);
    }

    void operator()(const chat::PrivatesPage& page) {
        Answered answered = take_query(core, page.query);
        Session* session = core.sessions.find(answered.query.session);
        if (session == nullptr || answered.connection == nullptr) return;
        for (const chat::KeptPrivate& kept : page.messages)
            tell_private(core, *answered.connection, kept.from, kept.body, kept.at);
        session->privates = 0;
        (void)keep(core, chat::DropPrivates{session->key});
        conclude(core, *answered.connection, answered.query.ask, std::nullopt);
    }

    void operator()(const chat::Pruned& pruned) {
        RoomId id;
        const std::string folded = chat::fold(pruned.room);
        chat::Kept* kept = nullptr;
        if (chat::Room* room = find_room(core, folded, id)) {
            kept = &room->kept;
        } else if (const auto known = core.known_rooms.find(folded);
                   known != core.known_rooms.end()) {
            kept = &known->second.kept;
        }
        if (kept == nullptr) return;
        kept->after = std::max(kept->after, pruned.after);
        std::erase_if(kept->holes, [&](const chat::Hole& hole) {
            return Position{hole.epoch, hole.to} <= kept->after;
        });
    }

    void operator()(const chat::EventFound& found) {
        Answered answered = take_query(core, found.query);
        if (answered.connection == nullptr) return;
        PendingQuery& query = answered.query;
        Connection& connection = *answered.connection;
        RoomId room;
        std::optional<Outcome> outcome;
        if (find_room(core, query.room, room) == nullptr) {
            outcome = std::unexpected(Failure{.error = Errc::no_such_message});
        } else {
            const Speaker speaker{query.nick, core.sessions.find(query.session), query.serial};
            outcome =
                change_found(core, connection, room, speaker, query.event.view(), found, query.ask);
        }
        conclude(core, connection, query.ask, outcome);
    }
};

}  // namespace

void begin_waiting(Connection& connection) {
    ++connection.asked;
    ++connection.make_uncommon().owed;
}

void conclude(Core& core, Connection& connection, Ask& ask, const std::optional<Outcome>& outcome) {
    CHATD_ASSERT(connection.asked > 0);
    --connection.asked;
    --connection.uncommon->owed;
    if (outcome) answer(core, connection, ask, *outcome);
    core.mark_ready(connection);
    resume_if_possible(core, connection);
}

bool store_takes(const Core& core, std::size_t bytes) noexcept {
    return core.store.bytes.size() < core.config.store_queue_max &&
           core.store.bytes_sum + bytes <= core.config.store_queue_bytes_max;
}

std::unexpected<Failure> store_behind(Core& core) {
    core.counters.drop(Drop::store_behind);
    return std::unexpected(
        Failure{.error = Errc::store_behind, .retry_after_ms = limits::store_retry_ms});
}

chat::Ticket keep(Core& core, chat::Persist&& write) {
    if (!core.config.keeps_history) return 0;
    const std::size_t bytes = bytes_of(write);
    core.store.bytes.push_back(static_cast<std::uint32_t>(bytes));
    core.store.bytes_sum += bytes;
    core.persists.push_back(std::move(write));
    return ++core.store.last_ticket;
}

void ask_history(Core& core, Connection& connection, std::string_view room, Position after,
                 Position before, std::uint32_t limit, Ask&& ask) {
    const chat::QueryId query = ask_store(
        core, connection,
        {.kind = PendingQuery::Kind::history, .ask = std::move(ask), .room = std::string(room)});
    core.persists.push_back(chat::ReadHistory{.query = query,
                                              .room = std::string(room),
                                              .after = after,
                                              .before = before,
                                              .limit = limit,
                                              .bytes_max = limits::history_page_bytes_max});
}

void ask_search(Core& core, Connection& connection, const wire::Search& search, Ask&& ask) {
    const chat::QueryId query =
        ask_store(core, connection, {.kind = PendingQuery::Kind::search, .ask = std::move(ask)});
    core.persists.push_back(chat::ReadSearch{
        .query = query,
        .text = std::string(search.query),
        .room = std::string(wire::bare_room(search.room)),
        .limit = std::clamp(search.limit == 0 ? limits::search_hits_default : search.limit, 1U,
                            limits::search_hits_max),
        .skip = std::min(search.skip, limits::search_skip_max)});
}

void ask_target(Core& core, Connection& connection, std::string_view room, const Speaker& speaker,
                const wire::Event& event, Ask&& ask) {
    const chat::QueryId query =
        ask_store(core, connection,
                  {.kind = PendingQuery::Kind::target,
                   .ask = std::move(ask),
                   .room = std::string(room),
                   .session = speaker.session == nullptr ? SessionId{} : speaker.session->id,
                   .nick = std::string(speaker.nick),
                   .serial = speaker.serial,
                   .event = wire::KeptEvent::of(event)});
    core.persists.push_back(
        chat::ReadEvent{.query = query, .room = std::string(room), .at = event.target});
}

void ask_privates(Core& core, Connection& connection, const Session& session) {
    const chat::QueryId query =
        ask_store(core, connection, {.kind = PendingQuery::Kind::privates, .session = session.id});
    core.persists.push_back(chat::ReadPrivates{.query = query, .session = session.key});
}

void store_answered(Core& core, chat::StoreAnswer&& answer) {
    std::visit(Hearing{core}, answer);
}

wire::HistoryReply history_in_memory(const chat::Room& room, Position after, Position before,
                                     std::uint32_t limit) {
    const chat::RoomLog& log = room.log;
    wire::HistoryReply reply{
        .room = room.name(), .events = {}, .more = false, .epoch = log.epoch()};
    if (after) {
        LogIndex index = log.holds_after(after) ? log.index_after(after) : log.first();
        for (; index < log.end(); ++index) {
            const wire::Event event = log.event_at(index);
            if (!wire::is_numbered(event.kind) || event.at <= after) continue;
            if (reply.events.size() == limit) {
                reply.more = true;
                break;
            }
            reply.events.push_back(wire::KeptEvent::of(event));
        }
        return reply;
    }
    for (LogIndex index = log.end(); index > log.first(); --index) {
        const wire::Event event = log.event_at(index - 1);
        if (!wire::is_numbered(event.kind) || (before && event.at >= before)) continue;
        if (reply.events.size() == limit) {
            reply.more = true;
            break;
        }
        reply.events.push_back(wire::KeptEvent::of(event));
    }
    std::reverse(reply.events.begin(), reply.events.end());
    return reply;
}

}  // namespace chatd::engine
