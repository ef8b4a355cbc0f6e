// Requests that come alone, by HTTP: they act for the session of a resume token, or for a guest of
// one request, and are in no room.

#include <utility>

#include "engine/core.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using wire::Errc;
using wire::Outcome;

using Answer = std::optional<Outcome>;

struct OneShot {
    Core& core;
    Connection& connection;
    Speaker speaker;
    Ask& ask;

    // The room a request names, the lobby without a name; made if it is spoken in.
    template <class Act>
    Answer in_room(std::string_view written, Act&& act) {
        const std::string_view name = written.empty() ? wire::lobby_name : chat::bare_room(written);
        RoomId id;
        Errc error = Errc::none;
        if (find_or_make_room(core, name, id, error) == nullptr) return failure(error);
        Answer answer = act(id);
        forget_if_empty(core, id);
        return answer;
    }
    Answer change_in(std::string_view written, const wire::Event& event) {
        return in_room(written, [&](RoomId room) {
            return change(core, connection, room, speaker, event, ask);
        });
    }

    Answer operator()(const wire::Say& say_request) {
        return in_room(say_request.room, [&](RoomId room) {
            return say(core, connection, room, speaker, say_request, ask);
        });
    }
    Answer operator()(const wire::Edit& edit) { return change_in(edit.room, event_of(edit)); }
    Answer operator()(const wire::Redact& redact) {
        return change_in(redact.room, event_of(redact));
    }
    Answer operator()(const wire::React& react) { return change_in(react.room, event_of(react)); }
    Answer operator()(const wire::Topic& topic) {
        if (topic.text) {
            return change_in(topic.room, event_of(topic));
        }
        return in_room(topic.room, [&](RoomId id) -> Answer {
            const chat::Room& room = core.rooms[id];
            return wire::TopicReply{room.name(), room.topic, room.topic_from};
        });
    }
    Answer operator()(const wire::Msg& msg) {
        return private_message(core, connection, speaker, msg, ask);
    }
    Answer operator()(const wire::Rooms&) { return list_rooms(core); }
    Answer operator()(const wire::Who& who) {
        RoomId id;
        if (find_room(core, who.room.empty() ? wire::lobby_name : who.room, id) == nullptr) {
            return wire::WhoReply{.room = std::string(chat::bare_room(who.room))};
        }
        return list_people(core, id);
    }
    Answer operator()(const wire::History& history) {
        const std::string_view name =
            history.room.empty() ? wire::lobby_name : chat::bare_room(history.room);
        if (const Errc error = chat::check_room(name); error != Errc::none) return failure(error);
        RoomId id;
        const chat::Room* room = find_room(core, name, id);
        return read_history(core, connection, room == nullptr ? name : room->name(), room, history,
                            ask);
    }
    Answer operator()(const wire::Search& search) {
        return read_search(core, connection, search, ask);
    }
    Answer operator()(const wire::Schedule& wanted) {
        if (speaker.session == nullptr) return failure(Errc::needs_session);
        return in_room(wanted.room, [&](RoomId room) -> Answer {
            return schedule(core, connection, speaker, core.rooms[room].name(), wanted, ask);
        });
    }
    Answer operator()(const wire::Schedules&) { return list_schedules(core, speaker); }
    Answer operator()(const wire::Unschedule& wanted) {
        return unschedule(core, connection, speaker, wanted.id, ask);
    }
    Answer operator()(const wire::Ping& ping) { return wire::PingReply{std::string(ping.token)}; }
    Answer operator()(const wire::Stats&) { return stats_reply(core); }
    Answer operator()(const wire::Datagram& datagram) {
        return post_datagram(core, connection, speaker.nick, datagram);
    }

    // What needs a connection that stays.
    Answer operator()(const wire::Typing&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Read&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Nick&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Join&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Leave&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Notices&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Datagrams&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Hello&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Resume&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Help&) { return failure(Errc::needs_connection); }
    Answer operator()(const wire::Quit&) { return failure(Errc::needs_connection); }
};

}  // namespace

void carry_out_once(Core& core, Connection& connection, const wire::Request& request, Ask&& ask) {
    HttpExchange& exchange = *connection.exchange();
    Session* session = core.sessions.find(exchange.session);
    if (session != nullptr) {
        // Who speaks is not away, though no connection stays.
        name_session(core, *session);
        session->away_since = core.now;
    } else if (exchange.nick.empty()) {
        do {
            exchange.nick = chat::guest_nick(++core.guests);
        } while (!core.nicks.is_free(exchange.nick));
    }
    const auto outcome =
        std::visit(OneShot{core, connection, speaker_of(core, connection), ask}, request);
    if (outcome) answer(core, connection, ask, *outcome);
}

}  // namespace chatd::engine
