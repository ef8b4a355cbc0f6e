#pragma once
// The requests that mean the same whoever asks: a member of rooms by a connection that stays
// (dispatch), or somebody by one HTTP request (one_shot). They differ in what a room's name stands
// for, which the asker says:
//   Answer in_room(std::string_view written, Act act)   act(RoomId), or why there is no such room
//
// Lives for one request; the references must outlive it.

#include <optional>

#include "engine/requests.hpp"

namespace chatd::engine {

/// An outcome, or none: then it comes later by the ask.
using Answer = std::optional<wire::Outcome>;

template <class Asker>
struct SharedRequests {
    Core& core;
    Connection& connection;
    Ask& ask;
    Speaker speaker;

    // -- what is said ------------------------------------------------------------------------

    Answer operator()(const wire::Say& wanted) {
        return in_room(wanted.room, [&](RoomId room) {
            return say(core, connection, room, speaker, wanted, ask);
        });
    }
    Answer operator()(const wire::Edit& edit) { return change_in(edit.room, event_of(edit)); }
    Answer operator()(const wire::Redact& redact) {
        return change_in(redact.room, event_of(redact));
    }
    Answer operator()(const wire::React& react) { return change_in(react.room, event_of(react)); }
    Answer operator()(const wire::Topic& topic) {
        if (topic.text) return change_in(topic.room, event_of(topic));
        return in_room(topic.room, [&](RoomId id) -> Answer {
            const chat::Room& room = core.rooms[id];
            return wire::TopicReply{room.name(), room.topic, room.topic_from};
        });
    }
    Answer operator()(const wire::Msg& msg) {
        return private_message(core, connection, speaker, msg, ask);
    }

    // -- later -------------------------------------------------------------------------------

    Answer operator()(const wire::Schedule& wanted) {
        return in_room(wanted.room, [&](RoomId room) -> Answer {
            return schedule(core, connection, speaker, core.rooms[room].name(), wanted, ask);
        });
    }
    Answer operator()(const wire::Schedules&) { return list_schedules(core, speaker); }
    Answer operator()(const wire::Unschedule& wanted) {
        return unschedule(core, connection, speaker, wanted.id, ask);
    }

    // -- what there is -----------------------------------------------------------------------

    Answer operator()(const wire::Rooms&) { return list_rooms(core); }
    Answer operator()(const wire::Search& search) {
        return read_search(core, connection, search, ask);
    }
    Answer operator()(const wire::Ping& ping) { return wire::PingReply{std::string(ping.token)}; }
    Answer operator()(const wire::Stats&) { return stats_reply(core); }
    Answer operator()(const wire::Connections& wanted) {
        return ask_connections(core, connection, wanted, ask);
    }

private:
    template <class Act>
    Answer in_room(std::string_view written, Act&& act) {
        return static_cast<Asker&>(*this).in_room(written, act);
    }
    Answer change_in(std::string_view written, const wire::Event& event) {
        return in_room(written, [&](RoomId room) {
            return change(core, connection, room, speaker, event, ask);
        });
    }
};

}  // namespace chatd::engine
