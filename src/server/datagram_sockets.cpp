#include "server/datagram_sockets.hpp"

#include <unistd.h>

#include <cerrno>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/io/socket_address.hpp"

namespace chatd::server {

using io::OperationKind;

DatagramSockets::DatagramSockets(io::Ring& ring, engine::Engine& engine)
    : ring_(ring),
      engine_(engine),
      messages_(std::make_unique<io::OutMessage[]>(limits::udp_trains_per_call_max)) {}

DatagramSockets::~DatagramSockets() {
    for (const Socket& socket : sockets_) {
        if (socket.descriptor >= 0) close(socket.descriptor);
    }
}

void DatagramSockets::add(int descriptor) {
    sockets_.push_back({.descriptor = descriptor});
    arm(sockets_.size() - 1);
}

void DatagramSockets::arm(std::size_t index) noexcept {
    Socket& socket = sockets_[index];
    if (socket.armed || stopped_) return;
    socket.armed = true;
    ring_.receive_datagrams(socket.descriptor, {OperationKind::receive_datagrams,
                                                static_cast<std::uint32_t>(index), 0});
}

void DatagramSockets::received(const io::Completion& completion, Time now) noexcept {
    Socket& socket = sockets_[completion.operation.index];
    // An empty datagram ends a multishot receive without an error, and so does a full group: no
    // F_MORE always means to arm again (ARCHITECTURE.md, pitfalls 1 and 12).
    if (!completion.more) socket.armed = false;
    if (completion.result == -ENOBUFS) ++buffers_exhausted_;
    if (!completion.has_buffer) return;
    held_buffers_.push_back(completion.buffer);
    if (completion.result < 0 || stopped_) return;
    const io::Ring::DatagramParts parts = ring_.datagram_parts(completion);
    if (!parts.valid) return;
    const io::ReceivedControl control = io::parse_control(parts.control);
    if (control.kernel_drops) socket.kernel_drops = *control.kernel_drops;
    engine_.datagram_received({.source = io::from_sockaddr(parts.name),
                               .local = control.local,
                               .socket = static_cast<std::uint16_t>(completion.operation.index),
                               .payload = parts.payload,
                               .truncated = parts.truncated},
                              now);
}

void DatagramSockets::send_failed(const io::Completion& completion) noexcept {
    const std::size_t index = completion.operation.index;
    if (index >= sent_.size()) return;  // of a turn before: refused too late to be told apart
    const bool train = sent_[index].datagram_count > 1;
    const bool no_trains = train && (completion.result == -EINVAL || completion.result == -EIO);
    engine_.datagram_send_failed(sent_[index].to, sent_[index].datagram_count, no_trains);
}

void DatagramSockets::turn_ended(Time now) noexcept {
    sent_.clear();
    for (auto trains = engine_.datagram_trains(now); !trains.empty();
         trains = engine_.more_datagram_trains()) {
        send(trains);
    }
    for (const std::uint16_t buffer : held_buffers_)
        ring_.give_back_datagram_buffer(buffer);
    held_buffers_.clear();
    for (std::size_t index = 0; index < sockets_.size(); ++index)
        arm(index);
}

void DatagramSockets::send(std::span<const engine::Train> trains) noexcept {
    CHATD_ASSERT(trains.size() <= limits::udp_trains_per_call_max);
    for (std::size_t index = 0; index < trains.size(); ++index) {
        const engine::Train& train = trains[index];
        io::OutMessage& message = messages_[index];
        message.fill(train.to, train.from, train.parts, train.segment_bytes);
        const auto position = static_cast<std::uint32_t>(sent_.size());
        sent_.push_back({train.to, train.parts.size()});
        ring_.send_datagrams(sockets_[train.socket].descriptor, message.header(),
                             {OperationKind::send_datagrams, position, 0});
    }
    // They run inline and do not wait: when this returns the kernel has taken or refused them.
    ring_.submit();
}

void DatagramSockets::stop() noexcept {
    stopped_ = true;
}

std::uint64_t DatagramSockets::kernel_drops() const noexcept {
    std::uint64_t drops = 0;
    for (const Socket& socket : sockets_)
        drops += socket.kernel_drops;
    return drops;
}

}  // namespace chatd::server
