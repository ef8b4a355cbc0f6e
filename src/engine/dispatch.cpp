// Requests to outcomes, for a connection that is a member of rooms. What an outcome sounds like in
// each dialect is answer.cpp's business.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "chatd/wire/shown.hpp"
#include "engine/core.hpp"
#include "engine/shared_requests.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using wire::Done;
using wire::Errc;
using wire::Outcome;

struct Dispatcher : SharedRequests<Dispatcher> {
    using SharedRequests::operator();

    // The membership a request names, or the current one.
    Membership* membership(std::string_view written, Errc& error) {
        if (written.empty()) {
            if (connection.current != chat::no_membership) {
                return core.memberships.at_index(connection.current);
            }
            error = Errc::no_room;
            return nullptr;
        }
        RoomId room;
        Membership* found = find_room(core, written, room) == nullptr
                                ? nullptr
                                : core.membership_in(connection, room);
        if (found == nullptr) error = Errc::not_in_room;
        return found;
    }

    template <class Act>
    Answer as_member(std::string_view written, Act&& act) {
        Errc error = Errc::none;
        Membership* found = membership(written, error);
        if (found == nullptr) return failure(error);
        return act(*found);
    }
    template <class Act>
    Answer in_room(std::string_view written, Act&& act) {
        return as_member(written, [&](const Membership& in) { return act(in.room); });
    }

    // -- told to those who are there ----------------------------------------------------------

    Answer operator()(const wire::Typing& typing) {
        return as_member(typing.room, [&](const Membership& in) -> Answer {
            tell_typing(core, in.room, connection.nick(), typing.on);
            return Done{};
        });
    }
    Answer operator()(const wire::Read& read) {
        return as_member(read.room, [&](const Membership& in) -> Answer {
            Position at = read.at;
            const Position last = core.room_of(in).log.last();
            if (at.epoch == 0) at.epoch = last.epoch;
            if (at > last) return failure(Errc::bad_position);
            tell_read(core, in.room, connection.nick(), at);
            return Done{};
        });
    }

    // -- names and rooms ---------------------------------------------------------------------

    Answer operator()(const wire::Nick& nick) {
        const Errc error = rename_connection(core, connection, nick.name);
        if (error != Errc::none) return failure(error);
        return wire::NickReply{std::string(connection.nick())};
    }

    Answer operator()(const wire::Join& join) {
        Errc error = Errc::none;
        Membership* joined = join_at(core, connection, join.room, join.since, error);
        if (joined == nullptr) return failure(error);
        if (join.slow_reader) {
            joined->make_detour().slow_reader = static_cast<std::uint8_t>(*join.slow_reader);
        }
        set_current(core, connection, *joined);
        return wire::JoinReply{standing_after_join(core, connection, *joined, join.since)};
    }

    // After the current room the lobby is current, or else the first by name of the rooms that one
    // is in: their list turns with every send, so its order would be chance.
    void choose_current() {
        const Membership* chosen = core.membership_in(connection, core.lobby);
        if (chosen != nullptr) return set_current(core, connection, *chosen);
        for (auto index = connection.memberships; index != chat::no_membership;) {
            const Membership& other = *core.memberships.at_index(index);
            index = other.next;
            const bool first =
                chosen == nullptr || core.room_of(other).name() < core.room_of(*chosen).name();
            if (first) chosen = &other;
        }
        if (chosen != nullptr) set_current(core, connection, *chosen);
    }

    Answer operator()(const wire::Leave& leave) {
        return as_member(leave.room, [&](Membership& in) -> Answer {
            wire::LeaveReply reply{.room = core.room_of(in).name()};
            leave_room(core, connection, in, word_of(Ending::none));
            if (connection.current == chat::no_membership) choose_current();
            if (connection.current != chat::no_membership) {
                reply.current = core.room_of(*core.memberships.at_index(connection.current)).name();
            }
            return reply;
        });
    }

    Answer operator()(const wire::Who& who) {
        return as_member(
            who.room, [&](const Membership& in) -> Answer { return list_people(core, in.room); });
    }

    // -- history -----------------------------------------------------------------------------

    Answer operator()(const wire::History& history) {
        return as_member(history.room, [&](const Membership& in) {
            return read_history(core, connection, core.room_of(in).name(), &core.room_of(in),
                                history, ask);
        });
    }

    // -- the connection ----------------------------------------------------------------------

    Answer operator()(const wire::Notices& notices) {
        set_notices(core, connection, notices.on);
        return wire::NoticesReply{notices.on};
    }

    // Datagrams live in the lobby: who has left it neither sees nor posts any.
    bool in_lobby() const { return core.membership_in(connection, core.lobby) != nullptr; }

    Answer operator()(const wire::Datagrams& datagrams) {
        const bool on = datagrams.hz > 0;
        if (on && !in_lobby()) return failure(Errc::not_in_room, "#lobby");
        if (on) {
            read_datagrams(core, connection, datagrams.hz);
        } else {
            stop_reading_datagrams(core, connection);
        }
        return wire::DatagramsReply{datagrams.hz};
    }

    Answer operator()(const wire::Datagram& datagram) {
        if (!in_lobby()) return failure(Errc::not_in_room, "#lobby");
        return post_datagram(core, connection, connection.nick(), datagram);
    }

    Answer operator()(const wire::Hello& hello) {
        if (connection.session())
            return failure(Errc::bad_argument,
                           "a session is open already; open another connection");
        if (!hello.nick.empty()) {
            const Errc error = rename_connection(core, connection, hello.nick);
            if (error != Errc::none) return failure(error);
        }
        // A hello that fails leaves no session behind whose token nobody knows.
        std::vector<wire::RoomStanding> standings;
        if (const auto error = join_all(core, connection, hello.rooms, standings)) {
            return std::unexpected(*error);
        }
        if (!make_session_place(core))
            return failure(Errc::too_fast, "every session is in use; try again later");
        std::string token;
        open_session(core, connection, token);
        return greeting(std::move(standings), hello.notices, std::move(token), false);
    }
    Answer operator()(const wire::Resume& resume) {
        // The first request of a connection is looked at before it gets a nick (json_session).
        if (Session* session = find_session(core, resume.token);
            session == nullptr || session->id != connection.session()) {
            return failure(session == nullptr ? Errc::bad_token : Errc::bad_argument,
                           session == nullptr ? "" : "resume comes first; open another connection");
        }
        std::vector<wire::RoomStanding> standings;
        if (const auto error = join_all(core, connection, resume.rooms, standings)) {
            return std::unexpected(*error);
        }
        return greeting(std::move(standings), resume.notices, std::string(resume.token), true);
    }
    Answer greeting(std::vector<wire::RoomStanding> standings, std::optional<bool> notices,
                    std::string token, bool resumed) {
        const Session& session = *session_of(core, connection);
        if (notices) set_notices(core, connection, *notices);
        wire::HelloReply reply{.version = core.config.version,
                               .session = std::to_string(session.key),
                               .nick = session.nick,
                               .token = std::move(token),
                               .resumed = resumed};
        reply.rooms = std::move(standings);
        if (session.privates > 0) ask_privates(core, connection, session);
        return reply;
    }

    Answer operator()(const wire::Help&) { return wire::HelpReply{}; }

    Answer operator()(const wire::Quit&) {
        // The answer goes first; then carry_out() ends the connection.
        return wire::QuitReply{};
    }
};

}  // namespace

std::optional<Outcome> dispatch(Core& core, Connection& connection, const wire::Request& request,
                                Ask& ask) {
    return std::visit(Dispatcher{{core, connection, ask, speaker_of(core, connection)}}, request);
}

void carry_out(Core& core, Connection& connection, const wire::Request& request, Ask&& ask) {
    const auto outcome = dispatch(core, connection, request, ask);
    if (outcome) answer(core, connection, ask, *outcome);
    if (!std::holds_alternative<wire::Quit>(request)) return;
    // The rest of a batch is still carried out; its text ends the connection.
    connection.quitting = true;
    if (ask.carrier == Ask::Carrier::text) finish_now(core, connection, Ending::quit);
}

void set_current(Core& core, Connection& connection, const Membership& wanted) {
    for (auto index = connection.memberships; index != chat::no_membership;) {
        const Membership& membership = *core.memberships.at_index(index);
        if (&membership == &wanted) connection.current = index;
        index = membership.next;
    }
}

}  // namespace chatd::engine
