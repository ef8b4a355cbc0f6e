// Requests to effects and replies, in the text dialect's words.

#include <algorithm>
#include <string>
#include <vector>

#include "chatd/wire/shown.hpp"
#include "chatd/wire/text_request.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using wire::Errc;

std::string marked(std::string_view room) {
    return "#" + std::string(room);
}

// "nobody else", "1 other", "2 others": of a room, seen by one of its people.
std::string company(std::uint32_t others) {
    if (others == 0) return "nobody else";
    return std::to_string(others) + (others == 1 ? " other" : " others");
}

// The room a command names, or the current one; null after a FAIL.
Membership* named_or_current(Core& core, Connection& connection, std::string_view written,
                             std::string_view command) {
    if (written.empty()) {
        if (connection.current != chat::no_membership) {
            return core.memberships.at_index(connection.current);
        }
        fail(core, connection, command, Errc::no_room);
        return nullptr;
    }
    const auto found = core.rooms_by_fold.find(chat::fold(chat::bare_room(written)));
    Membership* membership =
        found == core.rooms_by_fold.end() ? nullptr : core.membership_in(connection, found->second);
    if (membership == nullptr) fail(core, connection, command, Errc::not_in_room);
    return membership;
}

void end_list(Core& core, Connection& connection, std::string_view command, std::size_t shown,
              std::size_t total) {
    std::string text = std::to_string(total) + " in all.";
    if (shown < total) text = "The first " + std::to_string(shown) + " of " + text;
    note(core, connection, command, "END", std::to_string(total), text);
}

struct Dispatcher {
    Core& core;
    Connection& connection;

    void operator()(const wire::Say& say) {
        if (connection.current == chat::no_membership)
            return fail(core, connection, say.action ? "ME" : "*", Errc::no_room);
        if (wire::count_lines(say.body, limits::body_lines_max + 1) > limits::body_lines_max) {
            return fail(core, connection, say.action ? "ME" : "*", Errc::too_many_lines);
        }
        const auto kind = say.action ? wire::EventKind::action : wire::EventKind::message;
        publish(core, connection, *core.memberships.at_index(connection.current),
                {.kind = kind, .from = connection.nick, .body = say.body});
    }

    void operator()(const wire::Nick& nick) {
        const Errc error = rename_connection(core, connection, nick.name);
        if (error != Errc::none) return fail(core, connection, "NICK", error);
        note_nick();
    }

    void note_nick() {
        const auto nick = connection.nick;
        note(core, connection, "NICK", "OK", nick, "You are " + std::string(nick) + ".");
    }

    void operator()(const wire::Join& join) {
        Errc error = Errc::none;
        Membership* membership = join_room(core, connection, chat::bare_room(join.room), error);
        if (membership == nullptr) return fail(core, connection, "JOIN", error);
        set_current(*membership);
        const std::string room = marked(core.room_of(*membership).name());
        note(core, connection, "JOIN", "OK", room,
             "You are in " + room + " with " +
                 company(others_in(core, connection, membership->room)) + "; your lines go there.");
    }

    void set_current(const Membership& wanted) {
        for (auto index = connection.memberships; index != chat::no_membership;) {
            const Membership& membership = *core.memberships.at_index(index);
            if (&membership == &wanted) connection.current = index;
            index = membership.next;
        }
    }

    // After the current room the lobby is current, or else the first by name of the rooms that one
    // is in: their list turns with every send, so its order would be chance.
    void choose_current() {
        const Membership* chosen = core.membership_in(connection, core.lobby);
        if (chosen != nullptr) return set_current(*chosen);
        for (auto index = connection.memberships; index != chat::no_membership;) {
            const Membership& membership = *core.memberships.at_index(index);
            index = membership.next;
            const bool first =
                chosen == nullptr || core.room_of(membership).name() < core.room_of(*chosen).name();
            if (first) chosen = &membership;
        }
        if (chosen != nullptr) set_current(*chosen);
    }

    void operator()(const wire::Leave& leave) {
        Membership* membership = named_or_current(core, connection, leave.room, "LEAVE");
        if (membership == nullptr) return;
        const std::string room = marked(core.room_of(*membership).name());
        leave_room(core, connection, *membership, word_of(Ending::none));
        if (connection.current == chat::no_membership) choose_current();
        const std::string now_in =
            connection.current == chat::no_membership
                ? "; /join ROOM to talk again."
                : "; your lines go to " +
                      marked(core.room_of(*core.memberships.at_index(connection.current)).name()) +
                      ".";
        note(core, connection, "LEAVE", "OK", room, "You left " + room + now_in);
    }

    void operator()(const wire::Rooms&) {
        std::size_t shown = 0;
        std::size_t total = 0;
        for (std::uint32_t index = 0; index < core.rooms.index_end(); ++index) {
            const chat::Room* room = core.rooms.at_index(index);
            if (room == nullptr ||
                (room->named_count == 0 && core.rooms.handle_at(index) != core.lobby)) {
                continue;
            }
            ++total;
            if (shown == limits::list_lines_max) continue;
            ++shown;
            reply_line(core, connection,
                       "-- " + marked(room->name()) + " " + std::to_string(room->named_count));
        }
        end_list(core, connection, "ROOMS", shown, total);
    }

    void operator()(const wire::Who& who) {
        Membership* membership = named_or_current(core, connection, who.room, "WHO");
        if (membership == nullptr) return;
        const chat::Room& room = core.room_of(*membership);
        std::size_t shown = 0;
        for (const std::uint32_t index : room.members) {
            const Membership& other = *core.memberships.at_index(index);
            if (!other.named || shown == limits::list_lines_max) continue;
            ++shown;
            reply_line(core, connection,
                       "-- " + std::string(core.connections[other.connection].nick));
        }
        end_list(core, connection, "WHO", shown, room.named_count);
    }

    void operator()(const wire::Msg& msg) {
        const auto owner = core.nicks.find(msg.nick);
        if (!owner) return fail(core, connection, "MSG", Errc::no_such_nick);
        Connection& target = core.connections[*owner];
        std::vector<std::string> lines;
        std::size_t bytes = 0;
        wire::for_each_line(msg.body, [&](std::string_view text) {
            std::string line = "@" + std::string(connection.nick) + " ";
            wire::append_shown(line, text);
            bytes += line.size() + wire::websocket_header_bytes_max;
            lines.push_back(std::move(line));
        });
        if (lines.size() > limits::body_lines_max) {
            return fail(core, connection, "MSG", Errc::too_many_lines);
        }
        if (!target.open() || !core.stream_takes(target, bytes)) {
            core.counters.drop(Drop::recipient_full);
            return fail(core, connection, "MSG", Errc::recipient_full);
        }
        for (const std::string& line : lines)
            reply_line(core, target, line);
        ++core.counters.private_messages;
        note(core, connection, "MSG", "OK", target.nick,
             "Sent to " + std::string(target.nick) + " alone.");
    }

    void operator()(const wire::Ping& ping) {
        std::string token;
        wire::append_shown(token, ping.token);
        note(core, connection, "PING", "PONG", {}, token);
    }

    void operator()(const wire::Notices& notices) {
        set_notices(core, connection, notices.on);
        note(core, connection, "NOTICES", "OK", notices.on ? "on" : "off",
             notices.on ? "You see who comes and goes." : "You no longer see who comes and goes.");
    }

    // Datagrams live in the lobby: who has left it neither sees nor posts any.
    bool in_lobby() const { return core.membership_in(connection, core.lobby) != nullptr; }

    void operator()(const wire::Datagrams& datagrams) {
        const bool on = datagrams.hz > 0;
        if (on && !in_lobby()) return fail(core, connection, "DGRAM", Errc::not_in_room, "#lobby");
        if (on) {
            read_datagrams(core, connection, datagrams.hz);
        } else {
            stop_reading_datagrams(core, connection);
        }
        note(core, connection, "DGRAM", "OK", on ? "on " + std::to_string(datagrams.hz) : "off",
             on ? "You see the newest datagrams of #lobby, at most " +
                      std::to_string(datagrams.hz) + " a second of each sender."
                : "You no longer see datagrams.");
    }

    void operator()(const wire::Datagram& datagram) {
        if (!in_lobby()) return fail(core, connection, "HEX", Errc::not_in_room, "#lobby");
        SourceRate* rate = nullptr;
        if (!connection.loopback) rate = &core.posting_rates[connection.id.index];
        switch (core.datagrams.post(datagram.payload, rate, core.now)) {
            case PostOutcome::posted:
                core.datagram_view.offer_posted(connection.id, connection.nick, datagram.payload,
                                                core.now);
                core.datagrams_offered = true;
                return;
            case PostOutcome::empty:
                return fail(core, connection, "HEX", Errc::empty);
            case PostOutcome::too_long:
                return fail(core, connection, "HEX", Errc::bad_hex, "the datagram is too long");
            case PostOutcome::busy:
                return fail(core, connection, "HEX", Errc::too_fast);
        }
    }

    void operator()(const wire::Help&) {
        for (const auto text : wire::help_lines())
            reply_line(core, connection, "-- " + std::string(text));
        note(core, connection, "HELP", "END", std::to_string(wire::help_lines().size()),
             "Anything else is said in the current room.");
    }

    void operator()(const wire::Quit&) {
        note(core, connection, "QUIT", "OK", {}, "Goodbye.");
        finish_now(core, connection, Ending::quit);
    }
};

}  // namespace

void dispatch(Core& core, Connection& connection, const wire::Request& request) {
    std::visit(Dispatcher{core, connection}, request);
}

void welcome(Core& core, Connection& connection) {
    const std::uint32_t others = others_in(core, connection, core.lobby);
    std::string text = "chatd, #lobby, ";
    text += others == 0 ? "nobody else here yet" : std::to_string(others) + " here";
    text += ". ";
    if (!connection.nick.empty()) text += "You are " + std::string(connection.nick) + ". ";
    text += "Type a line to talk; /help; /nick NAME.";
    note(core, connection, "*", "WELCOME", "#lobby", text);
}

void reply_line(Core& core, Connection& connection, std::string_view line) {
    CHATD_ASSERT(line.find('\n') == std::string_view::npos);
    wire::append_line(core.stream_of(connection).waiting, connection.framed(), line);
    core.mark_ready(connection);
}

void note(Core& core, Connection& connection, std::string_view command, std::string_view code,
          std::string_view context, std::string_view text) {
    std::string& line = core.line;
    line.assign("NOTE ");
    line += command;
    line += ' ';
    line += code;
    if (!context.empty()) {
        line += ' ';
        line += context;
    }
    line += " :";
    line += text;
    reply_line(core, connection, line);
}

void fail(Core& core, Connection& connection, std::string_view command, Errc error,
          std::string_view detail) {
    ++core.counters.lines_refused;
    std::string& line = core.line;
    line.assign("FAIL ");
    line += command;
    line += ' ';
    line += wire::code_of(error);
    line += " :";
    line += wire::text_of(error);
    if (!detail.empty()) {
        line += " (";
        line += detail;
        line += ')';
    }
    reply_line(core, connection, line);
}

}  // namespace chatd::engine
