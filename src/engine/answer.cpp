// Outcomes and notices in the words of whoever they are for: lines, JSON-RPC, or an HTTP answer.

#include <utility>

#include "chatd/wire/json_event.hpp"
#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/text_reply.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using wire::Errc;
using wire::Outcome;

void answer_text(Core& core, Connection& connection, const Ask& ask, const Outcome& outcome) {
    std::string& lines = core.lines;
    lines.clear();
    if (outcome) {
        wire::append_text_reply(lines, ask.command, *outcome);
    } else {
        ++core.counters.lines_refused;
        wire::append_text_failure(lines, ask.command, outcome.error());
    }
    wire::for_each_reply_line(lines,
                              [&](std::string_view line) { reply_line(core, connection, line); });
}

// One notification for one connection, framed as it reads them.
void notify(Core& core, Connection& reader, std::string_view method, std::string_view params) {
    core.line.clear();
    wire::append_notification(core.line, method, params);
    reply_json(core, reader, core.line);
}

std::string number_range(const chat::Room& room, Position from, Position to) {
    std::string range;
    if (to.epoch != room.log.epoch()) range = std::to_string(to.epoch) + ":";
    return range + std::to_string(from.seq) + "-" + std::to_string(to.seq);
}

}  // namespace

void answer(Core& core, Connection& connection, Ask& ask, const Outcome& outcome) {
    switch (ask.carrier) {
        case Ask::Carrier::text:
            return answer_text(core, connection, ask, outcome);
        case Ask::Carrier::rpc:
        case Ask::Carrier::post: {
            if (!outcome) ++core.counters.requests_refused;
            if (ask.silent) return;
            std::string& object = core.lines;
            object.clear();
            wire::append_outcome(object, ask.id, outcome);
            return answer_rpc(core, connection, ask, object);
        }
        case Ask::Carrier::http:
            if (!outcome) ++core.counters.requests_refused;
            return answer_http(core, connection, outcome);
    }
}

void answer_rpc(Core& core, Connection& connection, Ask& ask, std::string_view object) {
    if (!ask.batch) return send_rpc(core, connection, ask.carrier, object);
    Batch* batch = core.batches.find(ask.batch);
    CHATD_ASSERT(batch != nullptr);
    batch->answers.add(object);
    if (!batch->answers.complete()) return;
    const std::string text = batch->answers.take_text();
    core.batches.erase(ask.batch);
    send_rpc(core, connection, ask.carrier, text);
}

void send_rpc(Core& core, Connection& connection, Ask::Carrier carrier, std::string_view text) {
    if (carrier == Ask::Carrier::post) return answer_post(core, connection, text);
    reply_json(core, connection, text);
}

void welcome(Core& core, Connection& connection) {
    const std::uint32_t others = others_in(core, connection, core.lobby);
    std::string text = "chatd, #lobby, ";
    text += others == 0 ? "nobody else here yet" : std::to_string(others) + " here";
    text += ". ";
    if (!connection.nick().empty()) text += "You are " + std::string(connection.nick()) + ". ";
    text += "Type a line to talk; /help; /nick NAME.";
    note(core, connection, "*", "WELCOME", "#lobby", text);
}

void reply_line(Core& core, Connection& connection, std::string_view line) {
    CHATD_ASSERT(line.find('\n') == std::string_view::npos);
    wire::append_line(core.stream_of(connection).waiting, connection.framed(), line);
    core.mark_ready(connection);
}

void reply_json(Core& core, Connection& connection, std::string_view text) {
    reply_line(core, connection, text);
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
    answer_text(core, connection, {.command = command},
                std::unexpected(wire::Failure{.error = error, .detail = std::string(detail)}));
}

void tell_private(Core& core, Connection& reader, std::string_view from, std::string_view body,
                  UnixMs at) {
    if (reader.json) {
        std::string params;
        wire::append_private_json(params, from, body, at);
        return notify(core, reader, "private", params);
    }
    wire::for_each_line(body, [&](std::string_view text) {
        core.line.assign("@");
        core.line += from;
        core.line += ' ';
        wire::append_shown(core.line, text);
        reply_line(core, reader, core.line);
    });
}

void tell_draining(Core& core, Connection& reader) {
    if (reader.json) {
        std::string params;
        wire::append_draining_json(params, limits::reconnect_after_ms);
        return notify(core, reader, "draining", params);
    }
    note(core, reader, "*", "DRAIN", {}, "chatd is stopping; reconnect in a moment.");
}

void tell_store_trouble(Core& core, bool troubled) {
    const std::string_view code = troubled ? "STORE_TROUBLE" : "STORE_OK";
    const std::string_view text =
        troubled ? "What is said is delivered, but cannot be kept just now; acknowledgements wait."
                 : "What is said is kept again.";
    std::string params;
    wire::append_notice_json(params, code, text);
    for (std::uint32_t index = 0; index < core.connections.index_end(); ++index) {
        Connection* reader = core.connections.at_index(index);
        if (reader == nullptr || !reader->open() || !reader->notices) continue;
        if (!core.stream_takes(*reader, params.size() + text.size())) continue;
        if (reader->json) {
            notify(core, *reader, "notice", params);
        } else {
            note(core, *reader, "*", code, {}, text);
        }
    }
}

void append_gap_notice(const Connection& reader, std::string& out, const chat::Room& room,
                       Position from, Position to) {
    const bool json = reader.json || reader.speech == Speech::events;
    if (!json) {
        const Seq count = to.seq - from.seq + 1;
        return wire::append_line(out, reader.framed(),
                                 "NOTE * GAP #" + room.name() + " " + number_range(room, from, to) +
                                     " :" + std::to_string(count) +
                                     (count == 1 ? " message was" : " messages were") +
                                     " not delivered to you; you read too slowly.");
    }
    std::string params;
    wire::append_gap_json(params, room.name(), to.epoch, from.seq, to.seq);
    if (reader.speech == Speech::events) return wire::append_sse_event(out, "gap", params, {});
    std::string text;
    wire::append_notification(text, "gap", params);
    wire::append_line(out, reader.framed(), text);
}

void append_datagram(const Connection& reader, std::string& out, const ShownDatagram& datagram,
                     std::string& scratch) {
    scratch.clear();
    if (!reader.json) {
        encode_datagram_line(scratch, {}, datagram);
        scratch.pop_back();
        return wire::append_line(out, reader.framed(), scratch);
    }
    std::string params;
    wire::append_datagram_json(params, wire::lobby_name, datagram.sender, std::nullopt,
                               datagram.bytes);
    wire::append_notification(scratch, "datagram", params);
    wire::append_line(out, reader.framed(), scratch);
}

}  // namespace chatd::engine
