// Sessions: opened by hello, found again by a resume token alone, ended when they were away too
// long. A session's nick stays its own for a while after its last connection.

#include <algorithm>
#include <utility>

#include "chatd/wire/token.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

constexpr Duration sweep_interval = std::chrono::seconds{60};
constexpr std::uint32_t sweep_sessions_max = 1'000;  // looked at in one turn

std::string index_key(const chat::TokenHash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Tokens are the hashes of a secret and a counter: nobody can guess one from another.
std::string make_token(Core& core) {
    const std::string seed = core.config.token_seed + std::to_string(++core.tokens_made);
    return wire::print_token(wire::hash_token(seed));
}

void release_nick(Core& core, Session& session) {
    if (session.nick.empty()) return;
    core.nicks.release(session.nick);
    session.nick.clear();
}

void end_session(Core& core, SessionId id) {
    Session& session = core.sessions[id];
    release_nick(core, session);
    core.sessions_by_token.erase(index_key(session.token));
    core.sessions_by_key.erase(session.key);
    (void)keep(core, chat::DropSession{session.key});
    core.sessions.erase(id);
}

}  // namespace

bool make_session_place(Core& core) {
    if (!core.sessions.full()) return true;
    Session* longest = nullptr;
    for (std::uint32_t index = 0; index < core.sessions.index_end(); ++index) {
        Session* session = core.sessions.at_index(index);
        if (session == nullptr || !session->away()) continue;
        if (longest == nullptr || session->away_since < longest->away_since) longest = session;
    }
    if (longest == nullptr) return false;
    end_session(core, longest->id);
    return true;
}

const KeyedMessage* KeyMemory::find(std::string_view key, Time now) {
    forget_older(now);
    const auto found = messages_.find(std::string(key));
    return found == messages_.end() ? nullptr : &found->second;
}

void KeyMemory::remember(std::string_view key, KeyedMessage message) {
    forget_older(message.said_at);
    while (oldest_first_.size() >= limits::keys_per_session_max) {
        messages_.erase(oldest_first_.front());
        oldest_first_.pop_front();
    }
    oldest_first_.emplace_back(key);
    messages_.insert_or_assign(std::string(key), std::move(message));
}

void KeyMemory::forget_older(Time now) {
    while (!oldest_first_.empty()) {
        const auto oldest = messages_.find(oldest_first_.front());
        if (oldest != messages_.end()) {
            if (now - oldest->second.said_at <= limits::key_age_max) return;
            messages_.erase(oldest);
        }
        oldest_first_.pop_front();
    }
}

Session& open_session(Core& core, Connection& connection, std::string& token) {
    CHATD_ASSERT(!connection.nick().empty());
    CHATD_ASSERT(!connection.session());
    CHATD_ASSERT(!core.sessions.full());
    const SessionId id = core.sessions.emplace();
    Session& session = core.sessions[id];
    session.id = id;
    session.key = ++core.last_session;
    token = make_token(core);
    session.token = wire::hash_token(token);
    session.nick = connection.nick();
    session.connections.push_back(connection.id);
    connection.make_uncommon().session = id;
    core.nicks.hand_over(session.nick, chat::NickHolder(id));
    core.sessions_by_token.emplace(index_key(session.token), id);
    core.sessions_by_key.emplace(session.key, id);
    keep_session(core, session);
    return session;
}

Session* find_session(Core& core, std::string_view token) {
    const auto found = core.sessions_by_token.find(index_key(wire::hash_token(token)));
    return found == core.sessions_by_token.end() ? nullptr : &core.sessions[found->second];
}

Session* session_of(Core& core, const Connection& connection) noexcept {
    return core.sessions.find(connection.session());
}

void name_session(Core& core, Session& session) {
    if (!session.nick.empty()) return;
    do {
        session.nick = chat::guest_nick(++core.guests);
    } while (core.nicks.take(session.nick, chat::NickHolder(session.id)) != wire::Errc::none);
}

void attach(Core& core, Connection& connection, Session& session) {
    CHATD_ASSERT(connection.nick().empty());
    name_session(core, session);
    connection.make_uncommon().session = session.id;
    session.connections.push_back(connection.id);
    adopt_nick(core, connection, core.nicks.held(session.nick));
    keep_session(core, session);
}

void detach(Core& core, Connection& connection) {
    if (connection.uncommon && std::exchange(connection.uncommon->repeats, false)) {
        end_repeating(core, connection.serial);
    }
    if (Session* session = session_of(core, connection)) {
        std::erase(session->connections, connection.id);
        if (session->away() && connection.quitting && session->schedules == 0) {
            // Who says goodbye does not come back: the nick is somebody else's to take.
            end_session(core, session->id);
        } else if (session->away()) {
            session->away_since = core.now;
            keep_session(core, *session);
        }
    } else if (!connection.nick().empty()) {
        core.nicks.release(connection.nick());
    }
    connection.make_uncommon().session = {};
    connection.set_nick({});
}

void keep_session(Core& core, const Session& session) {
    (void)keep(core, chat::KeepSession{.session = session.key,
                                       .token = session.token,
                                       .nick = session.nick,
                                       .seen_at = core.unix_now});
}

void sweep_sessions(Core& core) {
    if (core.now < next_sweep(core)) return;
    for (std::uint32_t count = 0; count < sweep_sessions_max; ++count) {
        if (core.sessions_looked_at >= core.sessions.index_end()) {
            core.sessions_looked_at = 0;
            core.sessions_swept = core.now;
            return;
        }
        Session* session = core.sessions.at_index(core.sessions_looked_at++);
        if (session == nullptr || !session->away()) continue;
        const Duration away = core.now - session->away_since;
        if (session->keys) {
            session->keys->forget_older(core.now);
            if (session->keys->size() == 0) session->keys.reset();
        }
        if (away >= limits::session_idle_max && session->schedules == 0) {
            end_session(core, session->id);
        } else if (away >= limits::nick_reserved_max && !session->nick.empty()) {
            release_nick(core, *session);
        }
    }
}

Time next_sweep(const Core& core) noexcept {
    if (core.sessions.size() == 0) return time_never;
    return core.sessions_looked_at != 0 ? core.now : core.sessions_swept + sweep_interval;
}

}  // namespace chatd::engine
