// From cursors to sends: once a turn, every connection with something to hand out and nothing on
// its way gets one send, either one pinned span or its stream buffer.
//
// A send costs microseconds and a copied byte well under a nanosecond, so small things are copied
// together (replies, gap notices, spans of several rooms) and large ones go as they lie in the log.

#include <algorithm>
#include <bit>
#include <utility>

#include "chatd/base/planted.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

namespace {

using chat::Membership;
using chat::OwnLines;
using chat::Room;
using chat::Span;

using Kind = Output::Kind;

OwnLines own_lines(const Connection& connection, const Membership& membership) {
    return {connection.serial, planted(Planted::own_lines_sent) ? 0 : membership.own_until};
}

LogIndex end_for(const Room& room, const Membership& membership) {
    if (planted(Planted::until_ignored)) return room.log.end();
    return std::min({room.log.end(), membership.until(), room.visible_end});
}

void count_send(Core& core, std::size_t bytes, std::size_t records) {
    ++core.counters.sends;
    core.counters.bytes_sent += bytes;
    core.counters.deliveries += records;
    if (records == 0) return;
    const auto bucket =
        std::min<std::size_t>(std::bit_width(records) - 1, core.counters.send_records.size() - 1);
    ++core.counters.send_records[bucket];
    core.counters.send_records_sum += records;
}

void submit(Core& core, Connection& connection, InFlight flight, Bytes bytes) {
    CHATD_ASSERT(connection.flight == no_index);
    flight.connection = connection.id;
    flight.bytes = bytes.size();
    flight.turn = core.turn;
    connection.flight = core.flights.emplace(flight).index;
    connection.handed = true;
    core.outputs.push_back({Kind::send, connection.id, bytes});
}

// The next span of a membership with bytes in it, its cursor moved over what has none.
Span next_span(Core& core, const Connection& connection, Membership& membership,
               std::size_t bytes_max) {
    Room& room = core.room_of(membership);
    while (true) {
        const Span span =
            room.log.gather(connection.form(), membership.cursor, end_for(room, membership),
                            bytes_max, own_lines(connection, membership));
        // A run may have been opened for this span in a room that nobody wrote to in this turn.
        if (room.log.run_bytes() > core.config.log.room_bytes_max && !room.overfull) {
            room.overfull = true;
            core.overfull_rooms.push_back(membership.room);
        }
        if (span.segment == nullptr || !span.bytes.empty()) return span;
        membership.cursor = span.end_index();
    }
}

bool nothing_pending(Core& core, const Membership& membership) {
    if (membership.catches_up()) return catch_up_waits(core, membership);
    return !membership.owes() && membership.cursor >= end_for(core.room_of(membership), membership);
}

void send_pinned(Core& core, Connection& connection, Membership& membership, std::uint32_t index,
                 const Span& span) {
    core.room_of(membership).log.pin(span);
    membership.flying = true;
    count_send(core, span.bytes.size(), span.end - span.first);
    submit(core, connection,
           {.span = span,
            .member = core.memberships.handle_at(index),
            .room = membership.room,
            .connection = {}},
           span.bytes);
}

// The first membership of the list becomes the last, so that rooms take turns.
void rotate_memberships(Core& core, Connection& connection) {
    const auto first = connection.memberships;
    if (first == chat::no_membership) return;
    Membership& head = *core.memberships.at_index(first);
    if (head.next == chat::no_membership) return;
    connection.memberships = head.next;
    head.next = chat::no_membership;
    auto last = connection.memberships;
    while (core.memberships.at_index(last)->next != chat::no_membership) {
        last = core.memberships.at_index(last)->next;
    }
    core.memberships.at_index(last)->next = first;
}

// Sends one span straight from the log, if that is all there is to send or if it is large.
bool send_from_log(Core& core, Connection& connection) {
    const std::size_t bytes_max =
        connection.prompt ? core.config.span_bytes_max : core.config.span_bytes_slow_max;
    for (auto index = connection.memberships; index != chat::no_membership;) {
        Membership& membership = *core.memberships.at_index(index);
        if (membership.owes()) return false;
        if (membership.catches_up() && !nothing_pending(core, membership)) {
            return false;
        }
        if (!nothing_pending(core, membership)) {
            const Span span = next_span(core, connection, membership, bytes_max);
            if (span.segment != nullptr) {
                const bool all_of_it =
                    connection.membership_count == 1 &&
                    span.end_index() >= end_for(core.room_of(membership), membership);
                if (!all_of_it && span.bytes.size() <= core.config.gather_bytes_max) return false;
                send_pinned(core, connection, membership, index, span);
                rotate_memberships(core, connection);
                return true;
            }
        }
        index = membership.next;
    }
    return false;
}

// Copies spans of the connection's rooms in turn until `gather_bytes_max` are together; returns
// how many records it copied.
std::size_t gather_rooms(Core& core, Connection& connection, std::string& out) {
    std::size_t records = 0;
    for (bool progress = true; progress;) {
        progress = false;
        for (auto index = connection.memberships; index != chat::no_membership;) {
            Membership& membership = *core.memberships.at_index(index);
            index = membership.next;
            if (nothing_pending(core, membership)) continue;
            if (membership.owes() && !settle_gap(core, connection, membership, out)) {
                return records;
            }
            if (membership.catches_up()) {
                append_catch_up(core, connection, membership, out, limits::catch_up_bytes_max);
                if (out.size() >= core.config.gather_bytes_max) return records;
                progress = progress || !nothing_pending(core, membership);
                continue;
            }
            const std::size_t left =
                core.config.gather_bytes_max - std::min(out.size(), core.config.gather_bytes_max);
            const Span span = next_span(core, connection, membership, left);
            if (span.segment == nullptr) continue;
            if (span.bytes.size() > left && !out.empty()) return records;
            append(out, span.bytes);
            membership.cursor = span.end_index();
            records += span.end - span.first;
            progress = true;
        }
    }
    return records;
}

void append_datagrams(Core& core, Connection& connection, std::string& out) {
    const auto shown =
        core.datagram_view.take_due(connection.id, core.now, limits::dgram_batch_max);
    for (const ShownDatagram& datagram : shown)
        append_datagram(connection, out, datagram, core.line);
    arm_timer(core, connection);
}

// What is only told when nothing else waits: it may have been replaced by what is newer meanwhile.
void append_passing(Core& core, Connection& connection, std::string& out) {
    if (shows_ephemerals(connection)) {
        for (auto index = connection.memberships; index != chat::no_membership;) {
            Membership& membership = *core.memberships.at_index(index);
            index = membership.next;
            append_ephemerals(core, connection, membership, out);
        }
    }
    if (connection.datagrams) append_datagrams(core, connection, out);
}

// A body that is static goes as it lies, once its head has left.
bool send_fixed(Core& core, Connection& connection) {
    const HttpExchange* exchange = connection.exchange();
    if (exchange == nullptr || exchange->fixed_body.empty()) return false;
    const Bytes bytes = as_bytes(exchange->fixed_body);
    count_send(core, bytes.size(), 0);
    submit(core, connection,
           {.span = {}, .member = {}, .room = {}, .connection = {}, .fixed = true}, bytes);
    return true;
}

void release_stream(Core& core, Connection& connection) {
    if (connection.stream == no_index) return;
    core.streams.erase(core.streams.handle_at(connection.stream));
    connection.stream = no_index;
}

void send_stream(Core& core, Connection& connection) {
    Stream& stream = core.stream_of(connection);
    std::size_t records = 0;
    if (stream.sending.empty()) {
        stream.sending.swap(stream.waiting);
    } else if (stream.sent == 0) {
        stream.sending += stream.waiting;
        stream.waiting.clear();
    }
    if (connection.framed()) append_owed_ping(core, connection, stream.sending);
    if (stream.sent == 0) records = gather_rooms(core, connection, stream.sending);
    rotate_memberships(core, connection);
    if (connection.ending == Ending::slow) return;
    if (stream.sending.empty() && connection.open()) {
        append_passing(core, connection, stream.sending);
    }
    if (stream.sending.empty()) return release_stream(core, connection);
    const Bytes bytes = as_bytes(stream.sending).subspan(stream.sent);
    count_send(core, bytes.size(), records);
    submit(core, connection, {.span = {}, .member = {}, .room = {}, .connection = {}}, bytes);
}

// Whether older records are still on their way from the store.
bool catches_up(Core& core, const Connection& connection) {
    for (auto index = connection.memberships; index != chat::no_membership;) {
        const Membership& membership = *core.memberships.at_index(index);
        index = membership.next;
        if (membership.catches_up()) return true;
    }
    return false;
}

void hand_out(Core& core, Connection& connection) {
    if (connection.flight != no_index || connection.phase >= Phase::lingering) return;
    const bool stream_waits = connection.stream != no_index;
    const bool ping_waits = connection.framed() && connection.websocket->ping_owed;
    const bool sent = !stream_waits && !ping_waits &&
                      (send_fixed(core, connection) || send_from_log(core, connection));
    if (!sent) send_stream(core, connection);
    const bool finished = connection.phase == Phase::finishing && connection.owed() == 0 &&
                          !catches_up(core, connection);
    if (connection.flight == no_index && finished) core.over.push_back(connection.id);
}

// What ended while handing out is ended afterwards: it takes members out of the lists walked here.
void end_what_is_over(Core& core) {
    for (std::size_t index = 0; index < core.over.size(); ++index) {
        Connection* connection = core.connections.find(core.over[index]);
        if (connection == nullptr || connection->phase >= Phase::lingering) continue;
        if (connection->ending == Ending::slow) {
            abandon(core, *connection, Ending::slow);
        } else if (connection->flight == no_index && connection->stream == no_index) {
            // Listed twice, it would be ended before its farewell, now in the stream, is sent.
            finished(core, *connection);
        }
    }
    core.over.clear();
}

// -- completions -----------------------------------------------------------------------------

// A cursor that comes back to a room whose log was trimmed past it: owed like a resting one.
void land(const Room& room, Membership& membership, LogIndex cursor, Position before_cursor) {
    membership.flying = false;
    if (!planted(Planted::cursor_kept)) membership.cursor = cursor;
    if (cursor >= room.log.first()) return;
    const bool owed = !membership.owes() && cursor < membership.until();
    if (owed && !planted(Planted::owed_forgotten))
        membership.make_detour().owed_after = before_cursor;
    membership.cursor = room.log.first();
}

// Resolves a pinned span of which `sent` bytes went out: the rest of a record that was cut goes
// first in the stream buffer, and the cursor stands behind that record.
void complete_span(Core& core, Connection& connection, const InFlight& flight, std::size_t sent) {
    const Span& span = flight.span;
    const chat::Run& run = *span.run;
    const std::uint32_t start = span.first == 0 ? 0 : run.ends[span.first - 1];
    std::uint32_t next = span.end;
    if (sent < span.bytes.size()) {
        const auto past = std::upper_bound(run.ends.begin() + span.first,
                                           run.ends.begin() + span.end, start + sent);
        next = static_cast<std::uint32_t>(past - run.ends.begin());
        const std::uint32_t record_start = next == span.first ? start : run.ends[next - 1];
        if (record_start < start + sent && connection.phase < Phase::lingering) {
            const Bytes rest = span.bytes.subspan(sent, run.ends[next] - start - sent);
            Stream& stream = core.stream_of(connection);
            CHATD_ASSERT(stream.sending.empty());
            if (!planted(Planted::rest_forgotten)) append(stream.sending, rest);
            ++next;
        }
    }
    Room& room = core.rooms[flight.room];
    Membership* membership = planted(Planted::wrong_generation)
                                 ? core.memberships.at_index(flight.member.index)
                                 : core.memberships.find(flight.member);
    if (membership != nullptr) {
        land(room, *membership, span.segment->first + next,
             {span.segment->epoch, span.segment->seq_before_record(next)});
    }
    if (planted(Planted::pin_kept_on_leave) && membership == nullptr) return;
    room.log.unpin(span);
    forget_if_empty(core, flight.room);
}

void complete_fixed(Core& core, Connection& connection, std::size_t sent) {
    HttpExchange* exchange = connection.exchange();
    if (exchange == nullptr) return;  // it was abandoned
    exchange->fixed_body.remove_prefix(sent);
    if (exchange->fixed_body.empty()) fixed_body_sent(core, connection);
}

void complete_stream(Core& core, Connection& connection, std::size_t sent) {
    Stream& stream = core.stream_of(connection);
    stream.sent += sent;
    CHATD_ASSERT(stream.sent <= stream.sending.size());
    if (stream.sent < stream.sending.size()) return;
    stream.sending.clear();
    stream.sent = 0;
    if (stream.waiting.empty()) release_stream(core, connection);
}

}  // namespace

void mark_dirty(Core& core, Room& room, RoomId id) {
    if (room.dirty) return;
    room.dirty = true;
    core.dirty_rooms.push_back(id);
}

void read_datagrams(Core& core, Connection& connection, std::uint32_t hz) {
    core.datagram_view.subscribe(connection.id, hz);
    if (connection.datagrams) return;
    connection.datagrams = true;
    core.datagram_readers.push_back(connection.id);
}

void stop_reading_datagrams(Core& core, Connection& connection) noexcept {
    if (!connection.datagrams) return;
    connection.datagrams = false;
    core.datagram_view.unsubscribe(connection.id);
    std::erase(core.datagram_readers, connection.id);
}

void show_datagrams(Core& core) {
    if (!std::exchange(core.datagrams_offered, false)) return;
    for (const ConnId id : core.datagram_readers)
        core.mark_ready(core.connections[id]);
}

void complete_send(Core& core, Connection& connection, std::int64_t result) {
    CHATD_ASSERT(connection.flight != no_index);
    const auto handle = core.flights.handle_at(connection.flight);
    const InFlight flight = core.flights[handle];
    core.flights.erase(handle);
    connection.flight = no_index;
    const std::size_t sent = result > 0 ? static_cast<std::size_t>(result) : 0;
    CHATD_ASSERT(sent <= flight.bytes);
    connection.prompt = sent == flight.bytes && core.turn <= flight.turn + 1;
    if (sent < flight.bytes) ++core.counters.sends_short;
    if (flight.span.segment != nullptr) {
        complete_span(core, connection, flight, sent);
    } else if (flight.fixed) {
        complete_fixed(core, connection, sent);
    } else {
        complete_stream(core, connection, sent);
    }
    if (connection.phase >= Phase::lingering) return;
    if (connection.framed()) websocket_flushed(core, connection);
    if (!planted(Planted::wake_forgotten)) core.mark_ready(connection);
    resume_if_possible(core, connection);
}

void flush(Core& core) {
    core.flushed_rooms.swap(core.dirty_rooms);
    for (const RoomId id : core.flushed_rooms) {
        Room* room = core.rooms.find(id);
        if (room == nullptr) continue;
        room->dirty = false;
        const std::size_t count = room->members.size();
        if (count == 0) continue;
        const std::size_t start = room->rotation++ % count;
        for (std::size_t step = 0; step < count; ++step) {
            const std::size_t place = start + step < count ? start + step : start + step - count;
            const Membership& membership = *core.memberships.at_index(room->members[place]);
            hand_out(core, core.connections[membership.connection]);
        }
    }
    core.flushed_ready.swap(core.ready);
    for (const ConnId id : core.flushed_ready) {
        Connection* connection = core.connections.find(id);
        if (connection == nullptr) continue;
        connection->ready = false;
        hand_out(core, *connection);
    }
    core.flushed_ready.clear();
    end_what_is_over(core);
}

}  // namespace chatd::engine
