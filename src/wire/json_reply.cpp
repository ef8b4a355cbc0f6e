#include "chatd/wire/json_reply.hpp"

#include "chatd/wire/json_event.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/time_text.hpp"
#include "wire/append_parts.hpp"
#include "wire/json_opening.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

void write_standing(std::string& out, JsonObject& object, const RoomStanding& standing) {
    object.text("room", standing.room);
    object.integer("epoch", standing.at.epoch);
    object.integer("seq", standing.at.seq);
    object.integer("others", standing.others);
    object.text("topic", standing.topic);
    if (standing.recovered) object.boolean("recovered", *standing.recovered);
    if (standing.missing_from) {
        object.name("missing");
        JsonObject missing(out);
        missing.position("from", standing.missing_from);
        missing.position("to", standing.missing_to);
        missing.close();
    }
}

void write_schedule(std::string& out, JsonObject& object, const ScheduleEntry& entry) {
    object.integer("id", entry.id);
    object.text("room", entry.room);
    object.text("body", entry.body);
    object.boolean("action", entry.action);
    object.name("due");
    out += '"';
    append_local_time(out, entry.due, entry.zone_offset_s);
    out += '"';
    if (entry.every_ms > 0) {
        object.name("every");
        out += '"';
        append_duration(out, entry.every_ms);
        out += '"';
    }
}

void write_tcp(JsonObject& object, const TcpInfo& tcp) {
    object.text("state", word_of(tcp.state));
    object.integer("rtt_us", tcp.rtt_us);
    object.integer("rttvar_us", tcp.rttvar_us);
    object.integer("rto_us", tcp.rto_us);
    object.integer("mss_bytes", tcp.mss_bytes);
    object.integer("cwnd", tcp.cwnd);
    object.integer("unacked", tcp.unacked);
    object.integer("lost", tcp.lost);
    object.integer("retrans", tcp.retrans);
    object.integer("retrans_total", tcp.retrans_total);
    object.integer("notsent_bytes", tcp.notsent_bytes);
    object.integer("send_queue_bytes", tcp.send_queue_bytes);
    object.integer("receive_queue_bytes", tcp.receive_queue_bytes);
    object.integer("last_sent_ms", tcp.last_sent_ms);
    object.integer("last_received_ms", tcp.last_received_ms);
    object.integer("received_bytes", tcp.received_bytes);
    object.integer("sent_bytes", tcp.sent_bytes);
}

void write_connection(std::string& out, const ConnectionEntry& entry) {
    JsonObject object(out);
    object.integer("id", entry.id);
    object.text("dialect", entry.dialect);
    object.text("peer", entry.transport.peer.text());
    if (!entry.nick.empty()) object.text("nick", entry.nick);
    object.name("rooms");
    append_json_array(out, entry.rooms,
                      [&out](const std::string& room) { append_json_string(out, room); });
    object.time("since", entry.since);
    object.integer("held_bytes", entry.held_bytes);
    object.integer("behind", entry.behind);
    if (entry.transport.tcp) {
        object.name("tcp");
        JsonObject tcp(out);
        write_tcp(tcp, *entry.transport.tcp);
        tcp.close();
    }
    object.close();
}

void write_peer(std::string& out, const DatagramPeerEntry& entry) {
    JsonObject object(out);
    object.text("id", "udp:" + std::to_string(entry.slot));
    object.text("peer", entry.peer.text());
    object.time("heard", entry.heard);
    object.integer("received", entry.received);
    object.integer("received_bytes", entry.received_bytes);
    object.integer("sent", entry.sent);
    object.integer("sent_bytes", entry.sent_bytes);
    object.close();
}

/// Writes the members of the one object that a result is.
struct MemberWriter {
    std::string& out;
    JsonObject& object;

    void operator()(const Done&) const {}
    void operator()(const HelpReply&) const {}
    void operator()(const QuitReply&) const {}

    void operator()(const SaidReply& said) const {
        object.text("room", said.room);
        object.integer("epoch", said.at.epoch);
        object.integer("seq", said.at.seq);
        object.uuid("id", said.id);
        object.time("ts", time_of(said.id));
        if (said.repeated) object.boolean("repeated", true);
    }
    void operator()(const TopicReply& topic) const {
        object.text("room", topic.room);
        object.text("topic", topic.topic);
        if (!topic.from.empty()) object.text("from", topic.from);
    }
    void operator()(const NickReply& nick) const { object.text("nick", nick.nick); }
    void operator()(const JoinReply& join) const { write_standing(out, object, join.standing); }
    void operator()(const LeaveReply& leave) const {
        object.text("room", leave.room);
        if (!leave.current.empty()) object.text("current", leave.current);
    }
    void operator()(const RoomsReply& rooms) const {
        object.name("rooms");
        append_json_array(out, rooms.rooms, [this](const RoomEntry& entry) {
            JsonObject room(out);
            room.text("room", entry.room);
            room.integer("people", entry.people);
            room.close();
        });
        object.integer("total", rooms.total);
    }
    void operator()(const WhoReply& who) const {
        object.text("room", who.room);
        object.name("nicks");
        append_json_array(out, who.nicks,
                          [this](const std::string& nick) { append_json_string(out, nick); });
        object.integer("total", who.total);
    }
    void operator()(const HistoryReply& history) const {
        object.text("room", history.room);
        object.name("events");
        append_json_array(out, history.events, [this](const KeptEvent& event) {
            append_listed_event_json(out, event.view());
        });
        object.boolean("more", history.more);
    }
    void operator()(const SearchReply& search) const {
        object.name("hits");
        append_json_array(out, search.hits, [this](const SearchHit& hit) {
            JsonObject found(out);
            found.name("event");
            append_listed_event_json(out, hit.event.view());
            found.text("excerpt", hit.excerpt);
            found.close();
        });
        object.boolean("more", search.more);
    }
    void operator()(const MsgReply& msg) const {
        object.text("nick", msg.nick);
        object.boolean("kept", msg.kept);
    }
    void operator()(const PingReply& ping) const { object.text("token", ping.token); }
    void operator()(const NoticesReply& notices) const { object.boolean("on", notices.on); }
    void operator()(const DatagramsReply& datagrams) const { object.integer("hz", datagrams.hz); }
    void operator()(const ScheduleReply& schedule) const {
        write_schedule(out, object, schedule.entry);
    }
    void operator()(const SchedulesReply& schedules) const {
        object.name("schedules");
        append_json_array(out, schedules.entries, [this](const ScheduleEntry& entry) {
            JsonObject schedule(out);
            write_schedule(out, schedule, entry);
            schedule.close();
        });
    }
    void operator()(const StatsReply& stats) const {
        std::string quoted;  // a metric's name may hold labels, and they quotes
        for (const auto& [name, value] : stats.values) {
            quoted.clear();
            append_json_string(quoted, name);
            object.any_name(std::string_view(quoted).substr(1, quoted.size() - 2));
            append_json_integer(out, value);
        }
    }
    void operator()(const ConnectionsReply& page) const {
        object.name("connections");
        append_json_array(out, page.connections,
                          [this](const ConnectionEntry& entry) { write_connection(out, entry); });
        object.name("peers");
        append_json_array(out, page.peers,
                          [this](const DatagramPeerEntry& entry) { write_peer(out, entry); });
        object.integer("total", page.total);
        object.integer("peers_total", page.peers_total);
        if (page.next != 0) object.integer("next", page.next);
    }
    void operator()(const HelloReply& hello) const {
        object.text("version", hello.version);
        object.text("session", hello.session);
        object.text("nick", hello.nick);
        object.text("token", hello.token);
        object.boolean("resumed", hello.resumed);
        object.name("rooms");
        append_json_array(out, hello.rooms, [this](const RoomStanding& standing) {
            JsonObject room(out);
            write_standing(out, room, standing);
            room.close();
        });
    }
};

}  // namespace

void append_reply_json(std::string& out, const Reply& reply) {
    JsonObject object(out);
    std::visit(MemberWriter{out, object}, reply);
    object.close();
}

bool is_retried(const Failure& failure) noexcept {
    return failure.retry_after_ms > 0 || failure.error == Errc::too_fast ||
           failure.error == Errc::recipient_full || failure.error == Errc::store_behind;
}

void append_failure_json(std::string& out, const Failure& failure) {
    JsonObject object(out);
    object.text("code", code_of(failure.error));
    object.boolean("retry", is_retried(failure));
    if (failure.retry_after_ms > 0) object.integer("retry_after_ms", failure.retry_after_ms);
    if (!failure.detail.empty()) object.text("detail", failure.detail);
    object.close();
}

RpcError rpc_error_of(const Failure& failure) {
    RpcError error{rpc_code::refused, std::string(method_text_of(failure.error)), {}};
    append_failure_json(error.data, failure);
    return error;
}

RpcError rpc_error_of(const RpcInvalid& invalid) {
    return rpc_error(invalid.code, invalid.detail);
}

void append_failure(std::string& out, std::string_view id, const Failure& failure) {
    append_error(out, id, rpc_error_of(failure));
}

void append_outcome(std::string& out, std::string_view id, const Outcome& outcome) {
    if (!outcome) {
        append_failure(out, id, outcome.error());
        return;
    }
    // append_result(), the result written in place.
    append_parts(out, json_opening, "\"result\":"sv);
    append_reply_json(out, *outcome);
    append_parts(out, ",\"id\":"sv, id, "}"sv);
}

}  // namespace chatd::wire
