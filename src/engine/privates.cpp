// What is said to one person alone: told at once, or kept for a session that is away.

#include "chatd/wire/shown.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

using wire::Errc;
using wire::Outcome;

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

}  // namespace chatd::engine
