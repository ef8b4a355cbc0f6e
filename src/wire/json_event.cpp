#include "chatd/wire/json_event.hpp"

#include "chatd/wire/crowd.hpp"
#include "chatd/wire/json_text.hpp"
#include "wire/json_form.hpp"

namespace chatd::wire {

namespace {

void write_crowd(JsonObject& object, const Crowd& crowd) {
    object.integer("count", crowd.count);
    object.integer("people", crowd.people);
}

void write_said(JsonObject& object, const Event& event) {
    object.text("body", event.removed ? std::string_view{} : event.body);
    if (event.kind == EventKind::action) object.boolean("action", true);
    if (event.target) object.position("reply_to", event.target);
    if (event.removed) object.boolean("removed", true);
}

void write_kind(JsonObject& object, const Event& event) {
    switch (event.kind) {
        case EventKind::message:
        case EventKind::action:
            write_said(object, event);
            return;
        case EventKind::edited:
            object.position("target", event.target);
            object.text("body", event.body);
            return;
        case EventKind::redacted:
            object.position("target", event.target);
            return;
        case EventKind::reacted:
            object.position("target", event.target);
            object.text("reaction", event.body);
            if (event.off) object.boolean("off", true);
            return;
        case EventKind::topic:
            object.text("topic", event.body);
            return;
        case EventKind::joined:
            return;
        case EventKind::left:
            if (!event.body.empty()) object.text("reason", event.body);
            return;
        case EventKind::renamed:
            object.text("nick", event.body);
            return;
        case EventKind::joined_many:
        case EventKind::left_many:
            write_crowd(object, crowd_of(event.body));
            return;
    }
}

void write_event(JsonObject& object, const Event& event) {
    object.text("room", event.room);
    if (is_numbered(event.kind)) {
        object.integer("epoch", event.at.epoch);
        object.integer("seq", event.at.seq);
        object.uuid("id", event.id);
        object.time("ts", time_of(event.id));
    }
    if (!event.from.empty()) object.text("from", event.from);
    write_kind(object, event);
    if (!event.key.empty()) object.text("key", event.key);
    object.close();
}

}  // namespace

std::string_view event_method(EventKind kind) noexcept {
    switch (kind) {
        case EventKind::message:
        case EventKind::action:
            return "message";
        case EventKind::edited:
            return "edited";
        case EventKind::redacted:
            return "redacted";
        case EventKind::reacted:
            return "reacted";
        case EventKind::topic:
            return "topic";
        case EventKind::joined:
        case EventKind::joined_many:
            return "joined";
        case EventKind::left:
        case EventKind::left_many:
            return "left";
        case EventKind::renamed:
            return "renamed";
    }
    return {};
}

void append_event_json(std::string& out, const Event& event) {
    JsonObject object(out);
    write_event(object, event);
}

void append_listed_event_json(std::string& out, const Event& event) {
    JsonObject object(out);
    object.text("kind", event_method(event.kind));
    write_event(object, event);
}

void append_export_line(std::string& out, const Event& event, UnixMs ts) {
    JsonObject line(out);
    line.text("room", event.room);
    line.integer("epoch", event.at.epoch);
    line.integer("seq", event.at.seq);
    if (event.id != Uuid{}) line.uuid("id", event.id);
    line.time("ts", ts);
    line.text("from", event.from);
    line.text("kind", event.kind == EventKind::action ? "action" : event_method(event.kind));
    line.text("body", event.body);
    if (!event.key.empty()) line.text("key", event.key);
    if (event.target) line.position("target", event.target);
    if (event.off) line.boolean("off", true);
    if (event.removed) line.boolean("removed", true);
    line.close();
    out += '\n';
}

void append_private_json(std::string& out, std::string_view from, std::string_view body,
                         UnixMs at) {
    JsonObject object(out);
    object.text("from", from);
    object.text("body", body);
    object.time("ts", at);
    object.close();
}

void append_typing_json(std::string& out, std::string_view room, std::string_view from, bool on) {
    JsonObject object(out);
    object.text("room", room);
    object.text("from", from);
    object.boolean("on", on);
    object.close();
}

void append_read_json(std::string& out, std::string_view room, std::string_view from, Position at) {
    JsonObject object(out);
    object.text("room", room);
    object.text("from", from);
    object.integer("epoch", at.epoch);
    object.integer("seq", at.seq);
    object.close();
}

void append_gap_json(std::string& out, std::string_view room, Epoch epoch, Seq from, Seq to) {
    JsonObject object(out);
    object.text("room", room);
    object.integer("epoch", epoch);
    object.integer("from", from);
    object.integer("to", to);
    object.close();
}

void append_datagram_json(std::string& out, std::string_view room, std::string_view from,
                          std::optional<std::uint64_t> number, Bytes payload) {
    JsonObject object(out);
    object.text("room", room);
    object.text("from", from);
    if (number) object.integer("number", *number);
    object.integer("bytes", payload.size());
    object.name("hex");
    append_json_hex(out, payload);
    object.close();
}

void append_notice_json(std::string& out, std::string_view code, std::string_view text) {
    JsonObject object(out);
    object.text("code", code);
    object.text("text", text);
    object.close();
}

void append_draining_json(std::string& out, std::uint32_t reconnect_after_ms) {
    JsonObject object(out);
    object.integer("reconnect_after_ms", reconnect_after_ms);
    object.close();
}

void append_sse_event(std::string& out, std::string_view method, std::string_view params_json,
                      Position at) {
    append_sse_head(out, method, at);
    out += params_json;
    out += "\n\n";
}

}  // namespace chatd::wire
