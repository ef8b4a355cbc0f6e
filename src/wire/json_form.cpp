#include "wire/json_form.hpp"

#include "chatd/wire/json_event.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/websocket.hpp"
#include "wire/append_parts.hpp"
#include "wire/json_opening.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

// The notification, its params written in place: append_notification() would copy them.
void append_event_notification(std::string& out, const Event& event) {
    append_parts(out, json_opening, R"("method":")"sv, event_method(event.kind),
                 R"(","params":)"sv);
    append_event_json(out, event);
    out += '}';
}

}  // namespace

void append_json_event(std::string& out, Form form, const Event& event) {
    const std::size_t start = out.size();
    if (form == Form::sse) {
        append_sse_head(out, event_method(event.kind), event.at);
        append_event_json(out, event);
        out += "\n\n";
        return;
    }
    append_event_notification(out, event);
    if (!is_websocket(form)) {
        out += '\n';
        return;
    }
    std::string header;  // at most 10 bytes: within the small-string buffer
    append_frame_header(header, WebSocketOpcode::text, out.size() - start);
    out.insert(start, header);
}

void append_sse_head(std::string& out, std::string_view method, Position at) {
    if (at) {
        out += "id: ";
        append_json_integer(out, at.epoch);
        out += ':';
        append_json_integer(out, at.seq);
        out += '\n';
    }
    append_parts(out, "event: "sv, method, "\ndata: "sv);
}

}  // namespace chatd::wire
