#include "chatd/wire/text_reply.hpp"

#include <initializer_list>
#include <utility>
#include <variant>

#include "chatd/wire/form.hpp"
#include "chatd/wire/position_text.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/text_request.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::wire {

namespace {

std::string marked(std::string_view room) {
    return "#" + std::string(room);
}

std::string position_text(const Position& at, Epoch present = 0) {
    std::string text;
    append_position(text, at, present);
    return text;
}

std::string duration_text(std::int64_t ms) {
    std::string text;
    append_duration(text, ms);
    return text;
}

std::string due_text(const ScheduleEntry& entry) {
    std::string text;
    append_local_time(text, entry.due, entry.zone_offset_s);
    return text;
}

// "nobody else", "1 other", "2 others": of a room, seen by one of its people.
std::string company(std::uint32_t others) {
    if (others == 0) return "nobody else";
    return std::to_string(others) + (others == 1 ? " other" : " others");
}

// Each line of a text; one empty line for an empty one, so that it is told all the same.
template <class Visit>
void for_each_line_or_one(std::string_view text, Visit&& visit) {
    if (text.empty()) return visit(text);
    for_each_line(text, visit);
}

// An excerpt as one line: private-use marks become '*', line ends blanks.
std::string excerpt_text(std::string_view excerpt) {
    std::string text;
    for_each_line(excerpt, [&text](std::string_view line) {
        if (!text.empty()) text += ' ';
        text += line;
    });
    for (const std::string_view mark : {"\xee\x80\x80", "\xee\x80\x81"})
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
            text.replace(at, mark.size(), "*");
    return text;
}

// What an event says, behind its number and time: "<ana> hello", "ana edited 41: hello". Only what
// is said begins with '<' or '*'.
struct Entry {
    std::string head;
    std::string_view text;  ///< in lines; made safe when shown
};

Entry entry_of(const KeptEvent& event, Epoch present) {
    const std::string target = position_text(event.target, present);
    switch (event.kind) {
        case EventKind::message:
        case EventKind::action: {
            std::string head = event.target == Position{} ? "" : "re " + target + " ";
            const bool action = event.kind == EventKind::action;
            head += action ? "* " + event.from + " " : "<" + event.from + "> ";
            return {std::move(head), event.removed ? removed_text : std::string_view(event.body)};
        }
        case EventKind::edited:
            return {event.from + " edited " + target + ": ", event.body};
        case EventKind::redacted:
            return {event.from + " took " + target + " back", {}};
        case EventKind::reacted:
            return {event.from + (event.off ? " unreacted to " : " reacted to ") + target + ": ",
                    event.body};
        case EventKind::topic:
            if (event.body.empty()) return {event.from + " cleared the topic", {}};
            return {event.from + " set the topic: ", event.body};
        case EventKind::joined:
        case EventKind::left:
        case EventKind::renamed:
        case EventKind::joined_many:
        case EventKind::left_many:
            break;  // neither numbered nor kept
    }
    return {event.from + " ", event.body};
}

std::string utc_text(UnixMs time) {
    std::string text;
    append_time(text, time);
    return text;
}

// "ESTAB in 120 out 4000 rtt_us 45 rttvar_us 12 cwnd 10 ...": as `ss -ti` has them.
std::string tcp_text(const TcpInfo& tcp) {
    std::string text(word_of(tcp.state));
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"in", tcp.received_bytes},
             {"out", tcp.sent_bytes},
             {"recvq", tcp.receive_queue_bytes},
             {"sendq", tcp.send_queue_bytes},
             {"notsent", tcp.notsent_bytes},
             {"rtt_us", tcp.rtt_us},
             {"rttvar_us", tcp.rttvar_us},
             {"rto_us", tcp.rto_us},
             {"mss", tcp.mss_bytes},
             {"cwnd", tcp.cwnd},
             {"unacked", tcp.unacked},
             {"lost", tcp.lost},
             {"retrans", tcp.retrans},
             {"retrans_total", tcp.retrans_total}}) {
        text += ' ';
        text += name;
        text += ' ';
        text += std::to_string(value);
    }
    return text;
}

// "7 text 127.0.0.1:52114 ana #dev,#lobby since 2026-11-26T10:00:00.000Z held 0 behind 0 ..."
std::string connection_text(const ConnectionEntry& entry) {
    std::string text = std::to_string(entry.id) + " " + std::string(entry.dialect) + " " +
                       entry.transport.peer.text() + " " + (entry.nick.empty() ? "-" : entry.nick);
    const char* separator = " ";
    for (const std::string& room : entry.rooms) {
        text += separator + marked(room);
        separator = ",";
    }
    if (entry.rooms.empty()) text += " -";
    text += " since " + utc_text(entry.since) + " held " + std::to_string(entry.held_bytes) +
            " behind " + std::to_string(entry.behind);
    if (entry.transport.tcp) text += " " + tcp_text(*entry.transport.tcp);
    return text;
}

std::string peer_text(const DatagramPeerEntry& entry) {
    return "udp:" + std::to_string(entry.slot) + " udp " + entry.peer.text() + " heard " +
           utc_text(entry.heard) + " received " + std::to_string(entry.received) + " in " +
           std::to_string(entry.received_bytes) + " sent " + std::to_string(entry.sent) + " out " +
           std::to_string(entry.sent_bytes);
}

struct Writer {
    std::string& out;
    std::string_view command;

    // Nothing is answered to what is said.
    bool is_silent() const {
        return command == "*" || command == "ME" || command == "REPLY" || command == "HEX";
    }

    // `context` and `code` are words of ours and names; `text` may hold anything.
    void note(std::string_view code, std::string_view context, std::string_view text) const {
        out += "NOTE ";
        out += command;
        out += ' ';
        out += code;
        if (!context.empty()) {
            out += ' ';
            out += context;
        }
        out += " :";
        append_shown(out, text);
        out += '\n';
    }

    void entry(std::string_view head, std::string_view text) const {
        out += "-- ";
        out += head;
        append_shown(out, text);
        out += '\n';
    }

    void end_list(std::size_t shown, std::size_t total) const {
        std::string text = std::to_string(total) + " in all.";
        if (shown < total) text = "The first " + std::to_string(shown) + " of " + text;
        note("END", std::to_string(total), text);
    }

    // The end of a page of which there may be more.
    void end_page(std::size_t shown, bool more) const {
        const std::string count = std::to_string(shown);
        if (more) return note("END", count + " more", count + " shown; there are more.");
        note("END", count, shown == 0 ? "None." : count + " shown.");
    }

    // "-- #dev 41 2026-11-26T10:00:00.123Z " and what was said.
    void event(const KeptEvent& kept, Epoch present, std::string_view text) const {
        std::string head = marked(kept.room) + " " + position_text(kept.at, present) + " ";
        append_time(head, time_of(kept.id));
        head += ' ';
        const Entry shown = entry_of(kept, present);
        head += shown.head;
        for_each_line_or_one(text.empty() || shown.text.empty() ? shown.text : text,
                             [&](std::string_view line) { entry(head, line); });
    }

    void operator()(const Done&) const {
        if (is_silent()) return;
        if (command == "UNSCHEDULE") return note("OK", {}, "It will not be said.");
        note("OK", {}, "Done.");
    }

    void operator()(const SaidReply& said) const {
        if (is_silent()) return;
        const std::string at = position_text(said.at, said.at.epoch);
        note("OK", marked(said.room) + " " + at, "Done; it is number " + at + ".");
    }

    void operator()(const TopicReply& topic) const {
        const std::string room = marked(topic.room);
        if (topic.topic.empty()) return note("NONE", room, room + " has no topic.");
        for_each_line(topic.topic, [&](std::string_view line) {
            note("IS", topic.from.empty() ? room : room + " " + topic.from, line);
        });
    }

    void operator()(const NickReply& nick) const {
        note("OK", nick.nick, "You are " + nick.nick + ".");
    }

    void operator()(const JoinReply& join) const {
        const RoomStanding& standing = join.standing;
        const std::string room = marked(standing.room);
        std::string context = room;
        if (standing.recovered) context += recovery(standing);
        note("OK", context,
             "You are in " + room + " with " + company(standing.others) + "; your lines go there.");
    }

    // " 3:41 recovered", " 3:41 lost 3:7-3:20": where the room stands, and what of it never comes.
    static std::string recovery(const RoomStanding& standing) {
        std::string words = " " + position_text(standing.at);
        if (standing.recovered.value_or(false)) return words + " recovered";
        words += " lost";
        if (standing.missing_from != Position{}) {
            words += " " + position_text(standing.missing_from) + "-" +
                     position_text(standing.missing_to);
        }
        return words;
    }

    void operator()(const LeaveReply& leave) const {
        const std::string room = marked(leave.room);
        const std::string now_in = leave.current.empty()
                                       ? "; /join ROOM to talk again."
                                       : "; your lines go to " + marked(leave.current) + ".";
        note("OK", room, "You left " + room + now_in);
    }

    void operator()(const RoomsReply& rooms) const {
        for (const auto& [room, people] : rooms.rooms)
            entry(marked(room) + " " + std::to_string(people), {});
        end_list(rooms.rooms.size(), rooms.total);
    }

    void operator()(const WhoReply& who) const {
        for (const std::string& nick : who.nicks)
            entry(nick, {});
        end_list(who.nicks.size(), who.total);
    }

    void operator()(const HistoryReply& history) const {
        for (const KeptEvent& kept : history.events)
            event(kept, history.epoch, {});
        end_page(history.events.size(), history.more);
    }

    // Hits are of many rooms, whose present epochs are not told: their numbers bear their own.
    void operator()(const SearchReply& search) const {
        for (const SearchHit& hit : search.hits)
            event(hit.event, 0, hit.event.removed ? std::string() : excerpt_text(hit.excerpt));
        end_page(search.hits.size(), search.more);
    }

    void operator()(const MsgReply& msg) const {
        if (msg.kept)
            return note("KEPT", msg.nick, msg.nick + " is away; it is kept until they return.");
        note("OK", msg.nick, "Sent to " + msg.nick + " alone.");
    }

    void operator()(const PingReply& ping) const { note("PONG", {}, ping.token); }

    void operator()(const NoticesReply& notices) const {
        note("OK", notices.on ? "on" : "off",
             notices.on ? "You see who comes, goes, types and reads."
                        : "You no longer see who comes, goes, types and reads.");
    }

    void operator()(const DatagramsReply& datagrams) const {
        if (datagrams.hz == 0) return note("OK", "off", "You no longer see datagrams.");
        const std::string hz = std::to_string(datagrams.hz);
        note("OK", "on " + hz,
             "You see the newest datagrams of #lobby, at most " + hz + " a second of each sender.");
    }

    // What both a schedule's reply and its entry begin with: "7 2026-11-26T18:00:00.000+02:00 ".
    // All of ours stands before the room and the text, so that no text can pose as a part of it.
    static std::string head_of(const ScheduleEntry& kept) {
        std::string head = std::to_string(kept.id) + " " + due_text(kept) + " ";
        if (kept.every_ms > 0) head += "every " + duration_text(kept.every_ms) + " ";
        if (kept.action) head += "me ";
        return head + marked(kept.room);
    }

    void operator()(const ScheduleReply& reply) const {
        const ScheduleEntry& kept = reply.entry;
        std::string text = "It will be said in " + marked(kept.room) + " at " + due_text(kept);
        if (kept.every_ms > 0)
            text += ", and every " + duration_text(kept.every_ms) + " from then on";
        note("OK", head_of(kept), text + ".");
    }

    void operator()(const SchedulesReply& schedules) const {
        for (const ScheduleEntry& kept : schedules.entries) {
            const std::string head = head_of(kept) + " ";
            for_each_line_or_one(kept.body, [&](std::string_view line) { entry(head, line); });
        }
        end_list(schedules.entries.size(), schedules.entries.size());
    }

    void operator()(const StatsReply& stats) const {
        for (const auto& [name, value] : stats.values) {
            out += "-- ";
            append_shown(out, name);
            out += ' ';
            out += std::to_string(value);
            out += '\n';
        }
        end_list(stats.values.size(), stats.values.size());
    }

    void operator()(const ConnectionsReply& page) const {
        for (const ConnectionEntry& each : page.connections)
            entry(connection_text(each), {});
        for (const DatagramPeerEntry& each : page.peers)
            entry(peer_text(each), {});
        const std::size_t shown = page.connections.size() + page.peers.size();
        const std::size_t total = page.total + page.peers_total;
        if (page.next == 0)
            return note("END", std::to_string(shown), std::to_string(total) + " in all.");
        const std::string next = std::to_string(page.next);
        note("END", std::to_string(shown) + " more " + next,
             std::to_string(shown) + " shown; /connections " + next + " goes on.");
    }

    // Sessions are opened in other dialects; the token is for whoever asked there.
    void operator()(const HelloReply& hello) const {
        note("OK", hello.nick, "You are " + hello.nick + ".");
    }

    void operator()(const HelpReply&) const {
        for (const auto line : help_lines())
            entry(line, {});
        note("END", std::to_string(help_lines().size()),
             "Anything else is said in the current room.");
    }

    void operator()(const QuitReply&) const { note("OK", {}, "Goodbye."); }
};

}  // namespace

void append_text_reply(std::string& out, std::string_view command, const Reply& reply) {
    std::visit(Writer{out, command}, reply);
}

void append_text_failure(std::string& out, std::string_view command, const Failure& failure) {
    out += "FAIL ";
    out += command;
    out += ' ';
    out += code_of(failure.error);
    out += " :";
    out += text_of(failure.error);
    if (!failure.detail.empty()) {
        out += " (";
        append_shown(out, failure.detail);
        out += ')';
    }
    out += '\n';
}

}  // namespace chatd::wire
