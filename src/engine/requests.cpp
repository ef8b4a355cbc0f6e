#include "engine/requests.hpp"

#include <algorithm>

#include "chatd/wire/shown.hpp"

namespace chatd::engine {

using wire::Errc;
using wire::Outcome;

Outcome list_rooms(const Core& core) {
    wire::RoomsReply reply;
    auto& rooms = const_cast<Core&>(core).rooms;
    for (std::uint32_t index = 0; index < rooms.index_end(); ++index) {
        const chat::Room* room = rooms.at_index(index);
        if (room == nullptr || (room->named_count == 0 && rooms.handle_at(index) != core.lobby)) {
            continue;
        }
        ++reply.total;
        if (reply.rooms.size() == limits::list_lines_max) continue;
        reply.rooms.push_back({room->name(), room->named_count});
    }
    return reply;
}

Outcome list_people(Core& core, RoomId id) {
    const chat::Room& room = core.rooms[id];
    wire::WhoReply reply{.room = room.name(), .nicks = {}, .total = room.named_count};
    for (const std::uint32_t index : room.members) {
        const chat::Membership& member = *core.memberships.at_index(index);
        if (!member.named || reply.nicks.size() == limits::list_lines_max) continue;
        reply.nicks.emplace_back(core.connections[member.connection].nick());
    }
    return reply;
}

namespace {

// As many bytes as a private message may take in the reader's words.
std::size_t private_bytes(const Connection& reader, std::string_view body) {
    constexpr std::size_t json_growth_max = 6;  // a control character
    constexpr std::size_t json_extra = 256;
    constexpr std::size_t line_extra =
        limits::name_bytes_max + 3 + wire::websocket_header_bytes_max;
    if (reader.json) return json_growth_max * body.size() + json_extra;
    return wire::shown_bytes(body) +
           line_extra * wire::count_lines(body, limits::body_lines_max + 1);
}

std::optional<Outcome> to_session(Core& core, Connection& connection, Session& session,
                                  const Speaker& speaker, const wire::Msg& msg, Ask& ask) {
    if (session.away()) {
        if (!core.config.keeps_history || session.privates >= limits::privates_kept_max) {
            core.counters.drop(Drop::recipient_full);
            return failure(Errc::recipient_full);
        }
        if (!store_takes(core, msg.body.size())) return store_behind(core);
        ++session.privates;
        const chat::Ticket ticket = keep(core, chat::KeepPrivate{.to = session.key,
                                                                 .from = std::string(speaker.nick),
                                                                 .body = std::string(msg.body),
                                                                 .at = core.unix_now});
        return when_durable(core, connection, wire::MsgReply{session.nick, true}, ticket, ask);
    }
    bool told = false;
    for (const ConnId id : session.connections) {
        Connection& reader = core.connections[id];
        if (!reader.open() || !core.stream_takes(reader, private_bytes(reader, msg.body))) continue;
        tell_private(core, reader, speaker.nick, msg.body, core.unix_now);
        told = true;
    }
    if (told) return wire::MsgReply{session.nick, false};
    core.counters.drop(Drop::recipient_full);
    return failure(Errc::recipient_full);
}

}  // namespace

std::optional<Outcome> private_message(Core& core, Connection& connection, const Speaker& speaker,
                                       const wire::Msg& msg, Ask& ask) {
    const auto holder = core.nicks.find(msg.nick);
    if (!holder) return failure(Errc::no_such_nick);
    if (const Errc error = check_body(msg.body); error != Errc::none) return failure(error);
    ++core.counters.private_messages;
    if (Session* session = core.sessions.find(holder->session())) {
        return to_session(core, connection, *session, speaker, msg, ask);
    }
    Connection& reader = core.connections[holder->connection()];
    if (!reader.open() || !core.stream_takes(reader, private_bytes(reader, msg.body))) {
        core.counters.drop(Drop::recipient_full);
        return failure(Errc::recipient_full);
    }
    tell_private(core, reader, speaker.nick, msg.body, core.unix_now);
    return wire::MsgReply{std::string(reader.nick()), false};
}

Outcome post_datagram(Core& core, const Connection& connection, std::string_view nick,
                      const wire::Datagram& datagram) {
    SourceRate* rate = nullptr;
    if (!connection.loopback) rate = &core.posting_rates[connection.id.index];
    switch (core.datagrams.post(datagram.payload, rate, core.now)) {
        case PostOutcome::posted:
            core.datagram_view.offer_posted(connection.id, nick, datagram.payload, core.now);
            core.datagrams_offered = true;
            return wire::Done{};
        case PostOutcome::empty:
            return failure(Errc::empty);
        case PostOutcome::too_long:
            return failure(Errc::bad_hex, "the datagram is too long");
        case PostOutcome::busy:
            return failure(Errc::too_fast);
    }
    return failure(Errc::too_fast);
}

Outcome stats_reply(const Core& core) {
    const Counters& counters = core.counters;
    return wire::StatsReply{{
        {"connections", core.connections.size()},
        {"rooms", core.rooms.size()},
        {"nicks", core.nicks.size()},
        {"sessions", core.sessions.size()},
        {"udp_peers", core.datagrams.peer_count()},
        {"messages_total", counters.messages},
        {"private_messages_total", counters.private_messages},
        {"deliveries_total", counters.deliveries},
        {"gap_notices_total", counters.gaps},
        {"store_queue", core.store.bytes.size()},
    }};
}

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
