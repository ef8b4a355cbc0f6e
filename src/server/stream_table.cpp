#include "server/stream_table.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/io/listener.hpp"

namespace chatd::server {

using engine::StreamFailure;
using io::Operation;
using io::OperationKind;

Operation StreamTable::operation(OperationKind kind, std::uint32_t slot) const noexcept {
    return {kind, slot, streams_[slot].generation};
}

void StreamTable::open(ConnId id, int descriptor, const Ends& ends, Time now) noexcept {
    if (streams_.size() <= id.index) streams_.resize(id.index + 1);
    Stream& stream = streams_[id.index];
    stream = {};
    stream.generation = id.generation;
    const EndsKey key = ends_.keep(id.index, ends);
    stream.peer_port = key.peer_port;
    stream.local = key.local;
    stream.same_address = key.same_address;
    const auto installed = ring_.install(id.index, descriptor);
    ::close(descriptor);
    if (!installed) return engine_.stream_failed(id, StreamFailure::reset, now);
    stream.installed = true;
    receive(id.index);
}

std::optional<Ends> StreamTable::ends_of(ConnId id) const noexcept {
    if (id.index >= streams_.size()) return {};
    const Stream& stream = streams_[id.index];
    if (stream.generation != id.generation || stream.closing) return {};
    return ends_.find(id.index, {.peer_port = stream.peer_port,
                                 .local = stream.local,
                                 .same_address = stream.same_address});
}

// A completion of an earlier owner of the slot finds nothing (pitfall 2).
StreamTable::Stream* StreamTable::find(const io::Completion& completion) noexcept {
    const std::uint32_t slot = completion.operation.index;
    if (slot >= streams_.size()) return nullptr;
    Stream& stream = streams_[slot];
    return (stream.generation & Operation::generation_mask) == completion.operation.generation
               ? &stream
               : nullptr;
}

void StreamTable::receive(std::uint32_t slot) noexcept {
    Stream& stream = streams_[slot];
    CHATD_ASSERT(!stream.receiving);
    stream.receiving = true;
    ++stream.operations;
    ring_.receive(slot, operation(OperationKind::receive, slot));
}

void StreamTable::stop_receiving(std::uint32_t slot) noexcept {
    Stream& stream = streams_[slot];
    if (!stream.receiving) return;
    ++stream.operations;
    ring_.cancel(operation(OperationKind::receive, slot), operation(OperationKind::cancel, slot));
}

void StreamTable::list_for_rearm(std::uint32_t slot) noexcept {
    Stream& stream = streams_[slot];
    if (stream.listed) return;
    stream.listed = true;
    rearm_.push_back(slot);
}

void StreamTable::completed(const io::Completion& completion, Time now) noexcept {
    Stream* stream = find(completion);
    if (stream == nullptr) {
        if (completion.has_buffer) ring_.give_back_stream_buffer(completion.buffer);
        return;
    }
    const std::uint32_t slot = completion.operation.index;
    if (!completion.more) {
        CHATD_ASSERT(stream->operations > 0);
        --stream->operations;
    }
    switch (completion.operation.kind) {
        case OperationKind::receive:
            received(slot, *stream, completion, now);
            break;
        case OperationKind::send:
            engine_.send_completed(id_of(slot), completion.result, now);
            if (completion.result < 0 && completion.result != -ECANCELED) {
                const bool timed_out = completion.result == -ETIMEDOUT;
                engine_.stream_failed(
                    id_of(slot), timed_out ? StreamFailure::timed_out : StreamFailure::reset, now);
            }
            break;
        case OperationKind::unsent:
            answer_unsent(slot, completion.result, now);
            break;
        case OperationKind::close:
            stream->installed = false;
            break;
        default:
            break;  // a cancellation or a shutdown: what it did shows elsewhere
    }
    if (stream->closing) close_if_idle(slot);
}

void StreamTable::received(std::uint32_t slot, Stream& stream, const io::Completion& completion,
                           Time now) noexcept {
    if (!completion.more) stream.receiving = false;
    if (completion.result > 0) {
        if (stream.turn_bytes == 0) active_.push_back(slot);
        const auto bytes = static_cast<std::uint32_t>(completion.result);
        stream.turn_bytes = (stream.turn_bytes + bytes) & 0xff'ffffU;
        engine_.stream_received(id_of(slot), ring_.stream_bytes(completion), now);
    }
    if (completion.has_buffer) ring_.give_back_stream_buffer(completion.buffer);
    if (completion.result > 0 || completion.result == -ECANCELED) {
        // Any end of a multishot that goes on being wanted is armed again (pitfall 5).
        if (!stream.receiving) list_for_rearm(slot);
        return;
    }
    if (completion.result == -ENOBUFS) {
        // Pitfall 1: what came stays in the socket. Buffers are given back within the turn, so at
        // its end the group is not empty and arming again can't spin.
        ++buffers_exhausted_;
        return list_for_rearm(slot);
    }
    if (stream.ended) return;
    stream.ended = true;
    if (completion.result == 0) return engine_.stream_ended(id_of(slot), now);
    const bool timed_out = completion.result == -ETIMEDOUT || completion.result == -EHOSTUNREACH;
    engine_.stream_failed(id_of(slot), timed_out ? StreamFailure::timed_out : StreamFailure::reset,
                          now);
}

// A direct descriptor answers no ioctl: an ordinary one is made for the moment.
void StreamTable::answer_unsent(std::uint32_t slot, std::int32_t result, Time now) noexcept {
    std::size_t bytes = 1;  // unknown, for want of a descriptor: as if the ping had not left
    if (result >= 0) {
        bytes = io::unsent_bytes(result);
        ::close(result);
    }
    engine_.unsent_reported(id_of(slot), bytes, now);
}

void StreamTable::carry_out(const engine::Output& output) noexcept {
    using Kind = engine::Output::Kind;
    const std::uint32_t slot = output.connection.index;
    Stream& stream = streams_[slot];
    CHATD_ASSERT(stream.generation == output.connection.generation);
    switch (output.kind) {
        case Kind::send:
            ++stream.operations;
            ring_.send(slot, output.bytes, operation(OperationKind::send, slot));
            return;
        case Kind::cancel:
            ++stream.operations;
            ring_.cancel(operation(OperationKind::send, slot),
                         operation(OperationKind::cancel, slot));
            return;
        case Kind::pause_reading:
            stream.paused = true;
            stop_receiving(slot);
            return;
        case Kind::resume_reading:
            stream.paused = false;
            if (!stream.receiving) list_for_rearm(slot);
            return;
        case Kind::shutdown_write:
            ++stream.operations;
            ring_.shutdown(slot, SHUT_WR, operation(OperationKind::shutdown, slot));
            return;
        case Kind::ask_unsent:
            ++stream.operations;
            ring_.install_ordinary(slot, operation(OperationKind::unsent, slot));
            return;
        case Kind::close:
            return begin_close(slot);
    }
}

// Pitfall 2: closing a slot ends nothing that flies. Shutting down ends the receive and lets the
// peer see it; the send is cancelled; the slot is closed when every operation has completed.
void StreamTable::begin_close(std::uint32_t slot) noexcept {
    Stream& stream = streams_[slot];
    stream.closing = true;
    if (stream.installed) {
        ++stream.operations;
        ring_.shutdown(slot, SHUT_RDWR, operation(OperationKind::shutdown, slot));
        stop_receiving(slot);
        ++stream.operations;
        ring_.cancel(operation(OperationKind::send, slot), operation(OperationKind::cancel, slot));
    }
    close_if_idle(slot);
}

void StreamTable::close_if_idle(std::uint32_t slot) noexcept {
    Stream& stream = streams_[slot];
    if (stream.operations != 0) return;
    if (stream.installed) {
        ++stream.operations;
        ring_.close(slot, operation(OperationKind::close, slot));
        return;
    }
    const ConnId id = id_of(slot);
    stream.generation = 0;
    stream.closing = false;
    engine_.stream_closed(id);
}

void StreamTable::turn_ended() noexcept {
    // Pitfall 8: one talker must not take the turn. Who has read its share waits for the next.
    for (const std::uint32_t slot : active_) {
        Stream& stream = streams_[slot];
        const bool over = stream.turn_bytes > limits::turn_bytes_max;
        stream.turn_bytes = 0;
        if (over && stream.receiving && !stream.closing) stop_receiving(slot);
    }
    active_.clear();
    for (const std::uint32_t slot : rearm_) {
        Stream& stream = streams_[slot];
        stream.listed = false;
        const bool wanted = stream.installed && !stream.receiving && !stream.paused &&
                            !stream.ended && !stream.closing;
        if (wanted) receive(slot);
    }
    rearm_.clear();
}

}  // namespace chatd::server
