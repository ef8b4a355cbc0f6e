// Opening, finding out what a connection speaks, its one timer, and the ways it can end.
//
//   open ──FIN, /quit, drain, error──► finishing ──all delivered──► FIN ──► lingering ──► closed
//     └──────────────reset, time-out, slow reader, kept waiting──────────────────────────►┘

#include <algorithm>

#include "chatd/wire/event_stream.hpp"
#include "engine/core.hpp"
#include "engine/refusals.hpp"

namespace chatd::engine {

namespace {

using wire::Dialect;
using Kind = Output::Kind;

bool greetable(const Connection& connection) {
    return connection.speech == Speech::undecided && !connection.greeted && !connection.input;
}

// A silent connection listens to the lobby; its first bytes still decide what it speaks.
void listen_provisionally(Core& core, Connection& connection) {
    wire::Errc error = wire::Errc::none;
    // With no place left for a listener it is tried again after another silence, not every tick.
    if (join_room(core, connection, wire::lobby_name, error) == nullptr) {
        connection.heard_at = core.now;
    }
}

void refuse(Core& core, Connection& connection, std::string_view answer) {
    core.stream_of(connection).waiting += answer;
    finish_now(core, connection, Ending::protocol);
}

// Lines went out to a silent connection that turns out to be no text client: it must not take
// them for an answer in its own dialect, so it ends here.
bool spoken_to_too_early(Core& core, Connection& connection) {
    if (!connection.handed) return false;
    leave_all(core, connection, {});
    abandon(core, connection, Ending::protocol);
    return true;
}

void begin_dialect(Core& core, Connection& connection, Dialect dialect) {
    if (dialect == Dialect::text) {
        connection.speech = Speech::text;
        listen_provisionally(core, connection);
        connection.current = connection.memberships;
        return;
    }
    if (dialect != Dialect::json && spoken_to_too_early(core, connection)) return;
    leave_all(core, connection, {});
    if (connection.stream != no_index) core.stream_of(connection).waiting.clear();
    switch (dialect) {
        case Dialect::http:
            connection.speech = Speech::http;
            // The time of the head began with the method, if that came alone.
            if (connection.phase_deadline == time_never) {
                connection.phase_deadline = core.now + limits::http_head_time_max;
            }
            return;
        case Dialect::json:
            connection.speech = Speech::json;
            connection.json = true;
            return;
        case Dialect::tls:
            ++core.counters.tls_refused;
            return refuse(core, connection, tls_handshake_failure);
        case Dialect::proxy:
            return refuse(core, connection, proxy_refusal_line);
        case Dialect::text:
        case Dialect::undecided:
            return;
    }
}

// Bytes of a connection that has not shown what it speaks.
void sniff(Core& core, Connection& connection, Bytes bytes) {
    connection.heard_at = core.now;
    if (!connection.sniffer) connection.sniffer = std::make_unique<wire::Sniffer>();
    const Dialect dialect = connection.sniffer->push(bytes);
    if (dialect == Dialect::undecided) {
        keep(core, connection, bytes);
        if (connection.method_begun() && connection.phase_deadline == time_never) {
            connection.phase_deadline = core.now + limits::http_head_time_max;
        }
        arm_timer(core, connection);
        return;
    }
    connection.sniffer.reset();
    if (dialect != Dialect::http) connection.phase_deadline = time_never;
    begin_dialect(core, connection, dialect);
    arm_timer(core, connection);
    if (!connection.open()) return;
    const std::unique_ptr<std::string> first = take_kept(core, connection);
    if (!first) return take_input(core, connection, bytes);
    append(*first, bytes);
    take_input(core, connection, as_bytes(*first));
}

std::size_t take(Core& core, Connection& connection, Bytes bytes) {
    switch (connection.speech) {
        case Speech::text:
            return take_text(core, connection, bytes);
        case Speech::http:
            return take_http(core, connection, bytes);
        case Speech::websocket:
            return take_websocket(core, connection, bytes);
        case Speech::json:
            return take_json(core, connection, bytes);
        case Speech::events:
            return bytes.size();  // a reader that only reads; its FIN or reset ends it
        case Speech::undecided:
            break;
    }
    return bytes.size();
}

Time next_deadline(const Core& core, const Connection& connection) {
    Time next = connection.phase_deadline;
    const auto consider = [&](bool wanted, Time when) {
        if (wanted) next = std::min(next, when);
    };
    const EngineConfig& config = core.config;
    if (connection.open() && connection.speech == Speech::undecided) {
        const bool listens = connection.membership_count > 0;
        const bool silent = !connection.method_begun();
        consider(silent && !listens && config.listen_after > Duration::zero(),
                 connection.heard_at + config.listen_after);
        consider(greetable(connection) && config.greet_after > Duration::zero(),
                 connection.heard_at + config.greet_after);
    }
    if (connection.open() && connection.framed()) {
        next = std::min(next, websocket_deadline(core, connection));
    }
    if (connection.open() && connection.speech == Speech::events) {
        consider(config.websocket_ping_interval > Duration::zero(),
                 connection.heard_at + config.websocket_ping_interval);
    }
    if (connection.datagrams) {
        consider(connection.open() && connection.flight == no_index,
                 core.datagram_view.due_at(connection.id));
    }
    if (connection.flight != no_index) {
        const Time cancelled =
            const_cast<Core&>(core).flights.at_index(connection.flight)->cancelled_at;
        if (cancelled != time_never) next = std::min(next, cancelled + limits::cancel_wait_max);
    }
    return next;
}

// A stream of events must not look dead to what stands between.
void keep_stream_alive(Core& core, Connection& connection) {
    if (core.now < connection.heard_at + core.config.websocket_ping_interval) return;
    connection.heard_at = core.now;
    if (!core.stream_takes(connection, wire::event_stream_keepalive.size())) return;
    core.stream_of(connection).waiting += wire::event_stream_keepalive;
    core.mark_ready(connection);
}

void forget_batches(Core& core, const Connection& connection) {
    for (std::uint32_t index = 0; core.batches.size() > 0 && index < core.batches.index_end();
         ++index) {
        const Batch* batch = core.batches.at_index(index);
        if (batch != nullptr && batch->connection == connection.id) {
            core.batches.erase(core.batches.handle_at(index));
        }
    }
}

void greet(Core& core, Connection& connection) {
    connection.greeted = true;
    listen_provisionally(core, connection);
    welcome(core, connection);
}

// A deadline of the phase itself: a head that did not come, a close that took too long.
void phase_deadline_passed(Core& core, Connection& connection) {
    connection.phase_deadline = time_never;
    if (connection.open()) {
        // A kept-alive connection that asks for nothing more is closed without a word.
        const bool asked = connection.speech != Speech::http || connection.input != nullptr ||
                           connection.exchange() != nullptr;
        if (asked) return refuse_http(core, connection, http_slow_head, false, Ending::timed_out);
        return finish_now(core, connection, Ending::timed_out);
    }
    abandon(core, connection, connection.ending);
}

}  // namespace

void keep(Core& core, Connection& connection, Bytes bytes) {
    if (bytes.empty()) return;
    if (!connection.input) connection.input = std::make_unique<std::string>();
    const bool too_much = connection.input->size() + bytes.size() > core.config.input_bytes_max ||
                          core.input_bytes + bytes.size() > core.config.input_total_bytes_max;
    if (too_much) {
        core.counters.drop(Drop::input_full);
        abandon(core, connection, Ending::protocol);
        return;
    }
    append(*connection.input, bytes);
    core.input_bytes += bytes.size();
}

std::unique_ptr<std::string> take_kept(Core& core, Connection& connection) noexcept {
    if (connection.input) core.input_bytes -= connection.input->size();
    return std::move(connection.input);
}

void arm_timer(Core& core, Connection& connection) {
    if (connection.phase == Phase::closed) return core.wheel.cancel(connection.id.index);
    const Time next = next_deadline(core, connection);
    // Pushing a deadline later costs one store in the wheel; most calls change nothing.
    if (next != core.wheel.deadline(connection.id.index)) core.wheel.arm(connection.id.index, next);
}

void timer_due(Core& core, Connection& connection) {
    const EngineConfig& config = core.config;
    if (connection.phase_deadline <= core.now) phase_deadline_passed(core, connection);
    if (connection.flight != no_index) {
        const Time cancelled = core.flights.at_index(connection.flight)->cancelled_at;
        if (cancelled != time_never && cancelled + limits::cancel_wait_max <= core.now) {
            core.counters.drop(Drop::cancel_closed);
            abandon(core, connection, Ending::slow);
        }
    }
    if (connection.open() && connection.speech == Speech::undecided && !connection.method_begun()) {
        const Duration silence = core.now - connection.heard_at;
        if (config.listen_after > Duration::zero() && silence >= config.listen_after &&
            connection.membership_count == 0) {
            listen_provisionally(core, connection);
        }
        if (config.greet_after > Duration::zero() && silence >= config.greet_after &&
            greetable(connection)) {
            greet(core, connection);
        }
    }
    if (connection.open() && connection.framed()) websocket_timer_due(core, connection);
    if (connection.open() && connection.speech == Speech::events)
        keep_stream_alive(core, connection);
    if (connection.open() && connection.datagrams) core.mark_ready(connection);
    arm_timer(core, connection);
}

void take_input(Core& core, Connection& connection, Bytes bytes) {
    if (!connection.open()) return;
    if (connection.paused) return keep(core, connection, bytes);
    if (connection.speech == Speech::undecided) return sniff(core, connection, bytes);
    const std::size_t taken = take(core, connection, bytes);
    if (taken == bytes.size() || !connection.open()) return;
    // The stream takes no more replies (or an echo is unsent): what is left waits with its sender.
    pause_reading(core, connection);
    keep(core, connection, bytes.subspan(taken));
}

void pause_reading(Core& core, Connection& connection) {
    connection.paused = true;
    core.outputs.push_back({Kind::pause_reading, connection.id, {}});
}

void resume_if_possible(Core& core, Connection& connection) {
    if (!connection.paused || !connection.open()) return;
    if (!core.takes_input(connection)) return;
    if (!core.stream_takes(connection, core.config.stream_bytes_max / 2)) return;
    connection.paused = false;
    if (connection.framed()) connection.heard_at = core.now;
    if (const std::unique_ptr<std::string> held = take_kept(core, connection)) {
        take_input(core, connection, as_bytes(*held));
    }
    if (connection.paused || connection.phase == Phase::closed) return;
    if (connection.open() && connection.peer_ended) {
        return finish(core, connection, Ending::closed);
    }
    core.outputs.push_back({Kind::resume_reading, connection.id, {}});
}

// After the peer's FIN an unfinished last line counts as a line, also for what is sniffed.
void end_input(Core& core, Connection& connection) {
    constexpr std::string_view line_end = "\n";
    const bool text = connection.speech == Speech::text || connection.speech == Speech::json;
    const bool undecided = connection.speech == Speech::undecided;
    if ((text || undecided) && connection.input) take_input(core, connection, as_bytes(line_end));
}

void finish(Core& core, Connection& connection, Ending ending) {
    if (!connection.open()) return;
    if (ending == Ending::closed) {
        end_input(core, connection);
        // The last line waits for room in the stream; resume_if_possible() comes back here.
        if (connection.paused) return;
    }
    if (!connection.open()) return;
    for (auto index = connection.memberships; index != chat::no_membership;) {
        chat::Membership& membership = *core.memberships.at_index(index);
        const chat::RoomLog& log = core.room_of(membership).log;
        membership.end_at(log.end(), log.last());
        index = membership.next;
    }
    connection.phase = Phase::finishing;
    connection.ending = ending;
    if (connection.paused) {
        // Input is thrown away from here on, but it is read: bytes left in the socket would turn
        // the close into a reset, which could eat the last answers.
        connection.paused = false;
        core.outputs.push_back({Kind::resume_reading, connection.id, {}});
    }
    connection.phase_deadline = core.now + limits::half_close_time_max;
    stop_reading_datagrams(core, connection);
    (void)take_kept(core, connection);
    core.mark_ready(connection);
    arm_timer(core, connection);
}

void finish_now(Core& core, Connection& connection, Ending ending) {
    if (!connection.open()) return;
    leave_all(core, connection, word_of(ending));
    finish(core, connection, ending);
}

void finished(Core& core, Connection& connection) {
    CHATD_ASSERT(connection.phase == Phase::finishing);
    if (connection.framed() && !connection.websocket->close_sent) {
        WebSocketSession& session = *connection.websocket;
        session.close_sent = true;
        const bool shutdown = connection.ending == Ending::shutdown;
        wire::append_close(core.stream_of(connection).waiting,
                           shutdown ? wire::close_code::going_away : wire::close_code::normal,
                           shutdown ? "chatd is stopping; reconnect in a moment" : "");
        core.mark_ready(connection);
        return;
    }
    leave_all(core, connection, word_of(connection.ending));
    core.outputs.push_back({Kind::shutdown_write, connection.id, {}});
    if (connection.peer_ended) return abandon(core, connection, connection.ending);
    connection.phase = Phase::lingering;
    connection.phase_deadline = core.now + limits::linger_time_max;
    arm_timer(core, connection);
}

void abandon(Core& core, Connection& connection, Ending ending) {
    if (connection.phase == Phase::closed) return;
    leave_all(core, connection, word_of(ending));
    detach(core, connection);
    forget_batches(core, connection);
    if (connection.uncommon) connection.uncommon->exchange.reset();
    stop_reading_datagrams(core, connection);
    core.posting_rates.erase(connection.id.index);
    release_websocket(core, connection);
    (void)take_kept(core, connection);
    // Closing cancels what flies.
    if (connection.flight != no_index) {
        core.flights.at_index(connection.flight)->cancelled_at = core.now;
    }
    connection.phase = Phase::closed;
    connection.ending = ending;
    ++core.counters.connections_ended[static_cast<std::size_t>(ending)];
    core.wheel.cancel(connection.id.index);
    core.outputs.push_back({Kind::close, connection.id, {}});
}

}  // namespace chatd::engine
