// Requests to outcomes, for a connection that is a member of rooms. What an outcome sounds like in
// each dialect is answer.cpp's business.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "chatd/wire/shown.hpp"
#include "engine/core.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using wire::Done;
using wire::Errc;
using wire::Event;
using wire::Outcome;

using Answer = std::optional<Outcome>;

struct Dispatcher {
    Core& core;
    Connection& connection;
    Ask& ask;

    Speaker speaker() const { return speaker_of(core, connection); }

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
    Answer in_room(std::string_view written, Act&& act) {
        Errc error = Errc::none;
        Membership* found = membership(written, error);
        if (found == nullptr) return failure(error);
        return act(*found);
    }

    // -- what is said ------------------------------------------------------------------------

    Answer operator()(const wire::Say& say_request) {
        return in_room(say_request.room, [&](const Membership& in) {
            return say(core, connection, in.room, speaker(), say_request, ask);
        });
    }
    Answer operator()(const wire::Edit& edit) { return change_in(edit.room, event_of(edit)); }
    Answer operator()(const wire::Redact& redact) {
        return change_in(redact.room, event_of(redact));
    }
    Answer operator()(const wire::React& react) { return change_in(react.room, event_of(react)); }
    Answer operator()(const wire::Topic& topic) {
        if (!topic.text) {
            return in_room(topic.room, [&](const Membership& in) -> Answer {
                const chat::Room& room = core.room_of(in);
                return wire::TopicReply{room.name(), room.topic, room.topic_from};
            });
        }
        return change_in(topic.room, event_of(topic));
    }
    Answer change_in(std::string_view written, const Event& event) {
        return in_room(written, [&](const Membership& in) {
            return change(core, connection, in.room, speaker(), event, ask);
        });
    }

    Answer operator()(const wire::Typing& typing) {
        return in_room(typing.room, [&](const Membership& in) -> Answer {
            tell_typing(core, in.room, connection.nick(), typing.on);
            return Done{};
        });
    }
    Answer operator()(const wire::Read& read) {
        return in_room(read.room, [&](const Membership& in) -> Answer {
            Position at = read.at;
            const Position last = core.room_of(in).log.last();
            if (at.epoch == 0) at.epoch = last.epoch;
            if (at > last) return failure(Errc::bad_position);
            tell_read(core, in.room, connection.nick(), at);
            return Done{};
        });
    }

    Answer operator()(const wire::Msg& msg) {
        return private_message(core, connection, speaker(), msg, ask);
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
        return in_room(leave.room, [&](Membership& in) -> Answer {
            wire::LeaveReply reply{.room = core.room_of(in).name()};
            leave_room(core, connection, in, word_of(Ending::none));
            if (connection.current == chat::no_membership) choose_current();
            if (connection.current != chat::no_membership) {
                reply.current = core.room_of(*core.memberships.at_index(connection.current)).name();
            }
            return reply;
        });
    }

    Answer operator()(const wire::Rooms&) { return list_rooms(core); }

    Answer operator()(const wire::Who& who) {
        return in_room(who.room,
                       [&](const Membership& in) -> Answer { return list_people(core, in.room); });
    }

    // -- history -----------------------------------------------------------------------------

    Answer operator()(const wire::History& history) {
        return in_room(history.room, [&](const Membership& in) {
            return read_history(core, connection, core.room_of(in).name(), &core.room_of(in),
                                history, ask);
        });
    }
    Answer operator()(const wire::Search& search) {
        return read_search(core, connection, search, ask);
    }

    // -- later -------------------------------------------------------------------------------

    Answer operator()(const wire::Schedule& wanted) {
        return in_room(wanted.room, [&](const Membership& in) -> Answer {
            return schedule(core, connection, speaker(), core.room_of(in).name(), wanted, ask);
        });
    }
    Answer operator()(const wire::Schedules&) { return list_schedules(core, speaker()); }
    Answer operator()(const wire::Unschedule& wanted) {
        return unschedule(core, connection, speaker(), wanted.id, ask);
    }

    // -- the connection ----------------------------------------------------------------------

    Answer operator()(const wire::Ping& ping) { return wire::PingReply{std::string(ping.token)}; }

    Answer operator()(const wire::Notices& notices) {
        set_notices(core, connection, notices.on);
        return wire::NoticesReply{notices.on};
    }

    Answer operator()(const wire::Stats&) { return stats_reply(core); }

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
    return std::visit(Dispatcher{core, connection, ask}, request);
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
