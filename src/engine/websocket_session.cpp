// WebSocket connections: messages to lines, keepalive, and the /echo diagnostic.

#include <algorithm>
#include <utility>

#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using wire::WebSocketOpcode;
using wire::WebSocketStep;
using Step = wire::WebSocketStep::Kind;

wire::WebSocketLimits limits_of(const WebSocketSession& session) {
    return {.message_bytes_max =
                session.echo ? limits::websocket_echo_bytes_max : limits::websocket_text_bytes_max,
            .fragments_max = limits::websocket_fragments_max};
}

// What this connection holds of the reassembly budget: its unfinished message and, on /echo, the
// answer that is not sent yet.
void charge(Core& core, const Connection& connection) {
    WebSocketSession& session = *connection.websocket;
    std::size_t held = session.message ? session.message->capacity() : 0;
    if (session.echo && connection.stream != no_index) {
        held += core.streams.at_index(connection.stream)->held_bytes();
    }
    core.reassembly_bytes += held - session.held_bytes;
    session.held_bytes = static_cast<std::uint32_t>(held);
}

void close_with(Core& core, Connection& connection, std::uint16_t code, std::string_view reason,
                Ending ending) {
    wire::append_close(core.stream_of(connection).waiting, code, reason);
    connection.websocket->close_sent = true;
    finish_now(core, connection, ending);
}

void take_text_message(Core& core, Connection& connection, std::string_view text) {
    WebSocketSession& session = *connection.websocket;
    const bool first = session.may_be_json;
    session.may_be_json = false;
    if (first && wire::begins_as_json(text)) connection.json = true;
    if (connection.json) return take_rpc(core, connection, as_bytes(text), Ask::Carrier::rpc);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.find('\n') != std::string_view::npos) {
        return fail(core, connection, "*", wire::Errc::newline);
    }
    take_line(core, connection, text);
}

void echo(Core& core, Connection& connection, const WebSocketStep& step) {
    const auto opcode = step.kind == Step::text ? WebSocketOpcode::text : WebSocketOpcode::binary;
    wire::append_frame(core.stream_of(connection).waiting, opcode, step.payload);
    core.mark_ready(connection);
}

void take_step(Core& core, Connection& connection, const WebSocketStep& step) {
    WebSocketSession& session = *connection.websocket;
    switch (step.kind) {
        case Step::none:
            return;
        case Step::text:
            if (session.echo) return echo(core, connection, step);
            return take_text_message(core, connection, as_text(step.payload));
        case Step::binary:
            if (session.echo) return echo(core, connection, step);
            return close_with(core, connection, wire::close_code::unsupported,
                              "lines are text messages", Ending::protocol);
        case Step::ping:
            wire::append_frame(core.stream_of(connection).waiting, WebSocketOpcode::pong,
                               step.payload);
            return core.mark_ready(connection);
        case Step::pong:
            return;
        case Step::close:
            return close_with(core, connection, step.code, {}, Ending::closed);
        case Step::failed:
            return close_with(core, connection, step.code, as_text(step.payload), Ending::protocol);
    }
}

// A message that has come whole never touches the heap of its connection: it is put together in
// the engine's string, which becomes the connection's own only if input ends before the message.
void keep_unfinished(Core& core, WebSocketSession& session) {
    if (!session.message && !core.unfinished.empty()) {
        session.message = std::make_unique<std::string>(std::move(core.unfinished));
        core.unfinished = {};
    } else if (session.message && session.message->empty()) {
        session.message.reset();
    }
}

}  // namespace

void begin_websocket(Core& core, Connection& connection, bool echo, std::string_view subprotocol) {
    connection.speech = Speech::websocket;
    connection.websocket = std::make_unique<WebSocketSession>();
    WebSocketSession& session = *connection.websocket;
    session.echo = echo;
    session.may_be_json = subprotocol.empty() && !echo;
    connection.json = subprotocol == "chatd.json.v1" && !echo;
    connection.heard_at = core.now;
    if (!echo && !connection.json) {
        wire::Errc error = wire::Errc::none;
        join_room(core, connection, wire::lobby_name, error);
        connection.current = connection.memberships;
        (void)name_connection(core, connection, {});
        welcome(core, connection);
    }
    arm_timer(core, connection);
}

std::size_t take_websocket(Core& core, Connection& connection, Bytes bytes) {
    WebSocketSession& session = *connection.websocket;
    websocket_heard(core, connection);
    std::size_t taken = 0;
    while (taken < bytes.size() && connection.open()) {
        if (!core.takes_input(connection)) return taken;
        std::string& message = session.message ? *session.message : core.unfinished;
        const std::size_t allowance =
            core.config.reassembly_bytes_max -
            std::min(core.reassembly_bytes, core.config.reassembly_bytes_max);
        const WebSocketStep step = session.decoder.step(bytes.subspan(taken), limits_of(session),
                                                        {message, core.scratch, allowance});
        taken += step.consumed;
        take_step(core, connection, step);
        // Ending the connection releases its session's share; only an open one has more to keep.
        if (!connection.open()) break;
        keep_unfinished(core, session);
        charge(core, connection);
    }
    return bytes.size();
}

void websocket_heard(Core& core, Connection& connection) {
    // Its deadline is later now; the timer finds that out by itself when it comes round.
    connection.heard_at = core.now;
    connection.websocket->pong_awaited = false;
    connection.websocket->ping_in_kernel = false;
}

Time websocket_deadline(const Core& core, const Connection& connection) {
    const WebSocketSession& session = *connection.websocket;
    const bool waits_for_kernel = session.ping_owed || session.ping_unsent || session.unsent_asked;
    if (core.config.websocket_ping_interval == Duration::zero() || waits_for_kernel) {
        return time_never;
    }
    return connection.heard_at + (session.pong_awaited ? core.config.websocket_pong_timeout
                                                       : core.config.websocket_ping_interval);
}

void websocket_timer_due(Core& core, Connection& connection) {
    WebSocketSession& session = *connection.websocket;
    if (core.now < websocket_deadline(core, connection)) return;
    if (connection.paused && connection.owed() > 0) {
        // It is we who do not read, until the store has answered: its pong may lie in the kernel.
        connection.heard_at = core.now;
        return arm_timer(core, connection);
    }
    if (!session.pong_awaited) {
        session.ping_owed = true;
        return core.mark_ready(connection);
    }
    if (!core.config.can_ask_unsent) return abandon(core, connection, Ending::timed_out);
    session.unsent_asked = true;
    core.outputs.push_back({Output::Kind::ask_unsent, connection.id, {}});
}

// A ping goes out with what is sent next, or alone, whatever else waits.
void append_owed_ping(Core& core, Connection& connection, std::string& out) {
    WebSocketSession& session = *connection.websocket;
    if (session.close_sent || !session.ping_owed) return;
    session.ping_owed = false;
    session.ping_unsent = true;
    wire::append_frame(out, WebSocketOpcode::ping, {});
    ++core.counters.pings_sent;
}

// The wait for a pong began when the kernel took the ping. If it still holds bytes of ours that
// were never sent, the ping may be among them, and the wait has not begun in truth; when the last
// report said so, it has begun only since.
void websocket_unsent(Core& core, Connection& connection, std::size_t bytes) {
    WebSocketSession& session = *connection.websocket;
    session.unsent_asked = false;
    if (session.pong_awaited) {  // not heard from meanwhile
        const bool was_in_kernel = session.ping_in_kernel;
        session.ping_in_kernel = bytes > 0;
        if (bytes == 0 && !was_in_kernel) return abandon(core, connection, Ending::timed_out);
        connection.heard_at = core.now;
    }
    arm_timer(core, connection);
}

void websocket_flushed(Core& core, Connection& connection) {
    WebSocketSession& session = *connection.websocket;
    if (session.echo) charge(core, connection);
    const bool all_of_it =
        connection.stream == no_index || core.streams.at_index(connection.stream)->sending.empty();
    if (session.ping_unsent && all_of_it) {
        session.ping_unsent = false;
        session.pong_awaited = true;
    }
    if (!session.pong_awaited) return;
    // Output that was taken is a sign of life as good as any: the wait for the pong begins anew.
    connection.heard_at = core.now;
    arm_timer(core, connection);
}

void release_websocket(Core& core, Connection& connection) {
    if (!connection.framed()) return;
    core.reassembly_bytes -= connection.websocket->held_bytes;
    connection.websocket->held_bytes = 0;
    connection.websocket->message.reset();
}

}  // namespace chatd::engine
