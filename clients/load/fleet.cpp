#include "load/fleet.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "load/clock.hpp"

namespace chatd::load {

namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;
constexpr int events_max = 1024;
constexpr std::uint32_t logins_max = 64;                  // fits every server's listen backlog
constexpr std::uint64_t login_time_max = 30 * second_ns;  // without one member getting further
constexpr unsigned datagrams_max = 64;
constexpr std::size_t datagram_room = 2048;  // more than the largest payload, so a cut one shows

timespec timespec_of(std::uint64_t nanoseconds) noexcept {
    return {.tv_sec = static_cast<time_t>(nanoseconds / second_ns),
            .tv_nsec = static_cast<long>(nanoseconds % second_ns)};
}

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

struct Fleet::DatagramBatch {
    std::array<mmsghdr, datagrams_max> headers{};
    std::array<iovec, datagrams_max> pieces{};

    DatagramBatch() {
        for (unsigned index = 0; index < datagrams_max; ++index) {
            headers[index].msg_hdr.msg_iov = &pieces[index];
            headers[index].msg_hdr.msg_iovlen = 1;
        }
    }
};

Fleet::Fleet(Adapter& adapter, Audience& audience, std::vector<Member> members,
             std::size_t datagram_bytes, std::uint64_t start_ns)
    : adapter_(adapter),
      audience_(audience),
      traits_(adapter.traits()),
      datagram_bytes_(datagram_bytes),
      start_ns_(start_ns),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(members.size()),
      buffer_(std::make_unique<char[]>(buffer_bytes)) {
    for (std::size_t index = 0; index < members.size(); ++index) {
        connections_[index].member = members[index];
    }
    if (traits_.datagrams) batch_ = std::make_unique<DatagramBatch>();
}

Fleet::~Fleet() {
    // An empty datagram leaves (PROTOCOL.md 9), so the next run does not find our ghosts.
    if (!traits_.datagrams) return;
    for (const Connection& connection : connections_) {
        if (connection.socket) ::send(connection.socket.fd(), "", 0, MSG_NOSIGNAL);
    }
}

std::expected<void, std::string> Fleet::open(Dialer& dialer, const std::function<void()>& tick) {
    std::uint64_t deadline = now_ns() + login_time_max;
    std::uint32_t ready_before = 0;
    while (ready_count_ < connections_.size()) {
        while (open_count_ < connections_.size() && open_count_ - ready_count_ < logins_max) {
            if (auto opened = open_one(dialer, open_count_); !opened) return opened;
        }
        turn(now_ns() + 10 * millisecond_ns);
        if (!failure_.empty()) return std::unexpected(failure_);
        if (ready_count_ != ready_before) deadline = now_ns() + login_time_max;
        ready_before = ready_count_;
        if (now_ns() > deadline) {
            return std::unexpected(fmt::format("{} of {} connections were not let in in time",
                                               connections_.size() - ready_count_,
                                               connections_.size()));
        }
        tick();
    }
    return {};
}

std::expected<void, std::string> Fleet::open_one(Dialer& dialer, std::uint32_t index) {
    auto socket = dialer.dial();
    if (!socket) {
        return std::unexpected(fmt::format("connection {}: {}", index + 1, socket.error()));
    }
    Connection& connection = connections_[index];
    connection.socket = std::move(*socket);
    epoll_event event{.events = EPOLLIN, .data = {.u32 = index}};
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, connection.socket.fd(), &event) != 0) {
        return std::unexpected(client::error_text(errno));
    }
    ++open_count_;
    const std::string greeting = adapter_.greeting(connection.member);
    if (!greeting.empty() &&
        ::send(connection.socket.fd(), greeting.data(), greeting.size(), MSG_NOSIGNAL) < 0) {
        return std::unexpected(client::error_text(errno));
    }
    if (traits_.ready_at_once) {
        connection.ready = true;
        ++ready_count_;
    }
    return {};
}

void Fleet::say(std::uint32_t index, std::string_view body) {
    Connection& connection = connections_[index];
    const std::size_t before = connection.out.size();
    adapter_.encode(body, connection.out);
    unsent_bytes_ += connection.out.size() - before;
    if (!std::exchange(connection.queued, true)) speakers_.push_back(index);
}

void Fleet::flush() {
    for (const std::uint32_t index : speakers_) {
        connections_[index].queued = false;
        if (connections_[index].awaits_room) continue;
        traits_.datagrams ? send_datagrams(index) : send_stream(index);
    }
    speakers_.clear();
}

void Fleet::turn(std::uint64_t until_ns) {
    std::array<epoll_event, events_max> events;
    const std::uint64_t now = now_ns();
    const timespec timeout = timespec_of(until_ns > now ? until_ns - now : 0);
    const int count = epoll_pwait2(epoll_.fd(), events.data(), events_max, &timeout, nullptr);
    for (int index = 0; index < count && failure_.empty(); ++index) {
        const epoll_event& event = events[static_cast<std::size_t>(index)];
        const std::uint32_t connection = event.data.u32;
        if ((event.events & EPOLLOUT) != 0) {
            traits_.datagrams ? send_datagrams(connection) : send_stream(connection);
        }
        if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
            traits_.datagrams ? read_datagrams(connection) : read_stream(connection);
        }
    }
}

void Fleet::read_stream(std::uint32_t index) {
    Connection& connection = connections_[index];
    const std::size_t rest_bytes = connection.rest.size();
    if (rest_bytes == buffer_bytes) return fail(index, "sent a message too long to be one");
    if (rest_bytes != 0) std::memcpy(buffer_.get(), connection.rest.data(), rest_bytes);
    const ssize_t got =
        ::recv(connection.socket.fd(), buffer_.get() + rest_bytes, buffer_bytes - rest_bytes, 0);
    if (got < 0 && would_block()) return;
    if (got < 0) return fail(index, client::error_text(errno));
    if (got == 0) return fail(index, "closed by the server");
    received_bytes_ += static_cast<std::size_t>(got);
    const std::string_view input(buffer_.get(), rest_bytes + static_cast<std::size_t>(got));
    const std::size_t taken = take(index, input);
    if (rest_bytes != 0 || taken != input.size()) connection.rest.assign(input.substr(taken));
}

void Fleet::read_datagrams(std::uint32_t index) {
    for (unsigned slot = 0; slot < datagrams_max; ++slot) {
        batch_->pieces[slot] = {buffer_.get() + slot * datagram_room, datagram_room};
    }
    const int got = ::recvmmsg(connections_[index].socket.fd(), batch_->headers.data(),
                               datagrams_max, MSG_DONTWAIT, nullptr);
    if (got < 0 && would_block()) return;
    if (got < 0) return fail(index, client::error_text(errno));
    for (unsigned slot = 0; slot < static_cast<unsigned>(got); ++slot) {
        received_bytes_ += batch_->headers[slot].msg_len;
        take(index, {buffer_.get() + slot * datagram_room, batch_->headers[slot].msg_len});
    }
}

std::size_t Fleet::take(std::uint32_t index, std::string_view input) {
    Connection& connection = connections_[index];
    heard_.clear();
    adapter_.decode(input, connection.member, connection.ready, heard_);
    const std::uint64_t since_start = now_ns() - start_ns_;
    for (const std::string_view body : heard_.bodies)
        audience_.heard(index, body, since_start);
    audience_.gaps_declared(heard_.gaps);
    audience_.answered(heard_.answers);
    if (heard_.ready && !std::exchange(connection.ready, true)) ++ready_count_;
    if (!heard_.reply.empty()) {
        connection.out += heard_.reply;
        unsent_bytes_ += heard_.reply.size();
        if (!connection.awaits_room) send_stream(index);
    }
    if (!heard_.refusal.empty()) fail(index, heard_.refusal);
    return heard_.consumed;
}

void Fleet::send_stream(std::uint32_t index) {
    Connection& connection = connections_[index];
    const ssize_t sent =
        ::send(connection.socket.fd(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0 && !would_block()) return fail(index, client::error_text(errno));
    if (sent > 0) {
        connection.out.erase(0, static_cast<std::size_t>(sent));
        unsent_bytes_ -= static_cast<std::size_t>(sent);
    }
    watch(index, !connection.out.empty());
}

void Fleet::send_datagrams(std::uint32_t index) {
    Connection& connection = connections_[index];
    const std::size_t waiting = connection.out.size() / datagram_bytes_;
    std::size_t sent = 0;
    while (sent < waiting) {
        const auto count =
            static_cast<unsigned>(std::min<std::size_t>(waiting - sent, datagrams_max));
        for (unsigned slot = 0; slot < count; ++slot) {
            batch_->pieces[slot] = {connection.out.data() + (sent + slot) * datagram_bytes_,
                                    datagram_bytes_};
        }
        const int taken =
            ::sendmmsg(connection.socket.fd(), batch_->headers.data(), count, MSG_DONTWAIT);
        if (taken < 0 && would_block()) break;
        if (taken < 0) return fail(index, client::error_text(errno));
        sent += static_cast<std::size_t>(taken);
    }
    connection.out.erase(0, sent * datagram_bytes_);
    unsent_bytes_ -= sent * datagram_bytes_;
    watch(index, !connection.out.empty());
}

void Fleet::watch(std::uint32_t index, bool room_too) {
    Connection& connection = connections_[index];
    if (connection.awaits_room == room_too) return;
    connection.awaits_room = room_too;
    epoll_event event{.events = EPOLLIN | (room_too ? EPOLLOUT : 0U), .data = {.u32 = index}};
    epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, connection.socket.fd(), &event);
}

void Fleet::fail(std::uint32_t index, std::string_view why) {
    if (failure_.empty()) failure_ = fmt::format("connection {}: {}", index + 1, why);
}

}  // namespace chatd::load
