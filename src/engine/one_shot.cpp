// Requests that come alone, by HTTP: they act for the session of a resume token, or for a guest of
// one request, and are in no room.

#include <utility>

#include "chatd/wire/name.hpp"
#include "engine/core.hpp"
#include "engine/shared_requests.hpp"

namespace chatd::engine {

namespace {

using wire::Errc;

struct OneShot : SharedRequests<OneShot> {
    using SharedRequests::operator();

    // The room a request names, the lobby without a name; made if it is spoken in.
    template <class Act>
    Answer in_room(std::string_view written, Act&& act) {
        const std::string_view name = written.empty() ? wire::lobby_name : wire::bare_room(written);
        RoomId id;
        Errc error = Errc::none;
        if (find_or_make_room(core, name, id, error) == nullptr) return failure(error);
        Answer answer = act(id);
        forget_if_empty(core, id);
        return answer;
    }
    Answer operator()(const wire::Who& who) {
        const std::string_view name =
            who.room.empty() ? wire::lobby_name : wire::bare_room(who.room);
        if (const Errc error = chat::check_room(name); error != Errc::none) return failure(error);
        RoomId id;
        if (find_room(core, name, id) == nullptr) return wire::WhoReply{.room = std::string(name)};
        return list_people(core, id);
    }
    Answer operator()(const wire::History& history) {
        const std::string_view name =
            history.room.empty() ? wire::lobby_name : wire::bare_room(history.room);
        if (const Errc error = chat::check_room(name); error != Errc::none) return failure(error);
        RoomId id;
        const chat::Room* room = find_room(core, name, id);
        return read_history(core, connection, room == nullptr ? name : room->name(), room, history,
                            ask);
    }
    Answer operator()(const wire::Schedule& wanted) {
        if (speaker.session == nullptr) return failure(Errc::needs_session);
        return SharedRequests::operator()(wanted);
    }
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
    } else if (exchange.session != SessionId{}) {
        // It ended while the body was on its way.
        return answer(core, connection, ask, failure(Errc::bad_token));
    } else if (exchange.nick.empty()) {
        do {
            exchange.nick = chat::guest_nick(++core.guests);
        } while (!core.nicks.is_free(exchange.nick));
    }
    const auto outcome =
        std::visit(OneShot{{core, connection, ask, speaker_of(core, connection)}}, request);
    if (outcome) answer(core, connection, ask, *outcome);
}

}  // namespace chatd::engine
