#include "link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "chatd/base/assert.hpp"

namespace chatd::terminal {

namespace {

constexpr std::size_t receive_bytes_max = 64 * 1024;

bool would_block(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

short Link::poll_events() const noexcept {
    if (state_ != State::open) return 0;
    return static_cast<short>(unsent() ? POLLIN | POLLOUT : POLLIN);
}

std::size_t Link::room_bytes() const noexcept {
    if (state_ != State::open || input_finished_ || lost_) return 0;
    return link_unsent_bytes_max - (unsent_.size() - sent_);
}

void Link::send(std::string_view bytes) {
    if (state_ != State::open || input_finished_ || lost_) return;
    CHATD_ASSERT(bytes.size() <= room_bytes());
    unsent_.erase(0, sent_);
    sent_ = 0;
    unsent_ += bytes;
    flush();
}

void Link::finish_input() {
    input_finished_ = true;
    flush();
}

void Link::flush() {
    while (state_ == State::open && unsent()) {
        const ssize_t taken = ::send(socket_.fd(), unsent_.data() + sent_, unsent_.size() - sent_,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && would_block(errno)) return;
        // A server that closed still has a last word for us: read on until its FIN or reset.
        if (taken < 0 && errno == EPIPE) {
            lost_ = shut_ = true;
            unsent_.clear();
            sent_ = 0;
            return;
        }
        if (taken < 0) return fail(errno);
        sent_ += static_cast<std::size_t>(taken);
    }
    if (state_ == State::open && input_finished_ && !shut_) {
        shut_ = true;
        if (::shutdown(socket_.fd(), SHUT_WR) != 0 && errno != ENOTCONN) fail(errno);
    }
}

bool Link::receive(const OnLine& on_line) {
    std::array<std::byte, receive_bytes_max> buffer;
    if (state_ != State::open) return false;
    const ssize_t count = ::recv(socket_.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
        reader_.feed(Bytes(buffer.data(), static_cast<std::size_t>(count)), on_line);
        return true;
    }
    if (count < 0 && would_block(errno)) return false;
    const int error = count < 0 ? errno : 0;
    reader_.finish(on_line);
    if (error != 0) {
        fail(error);
    } else {
        lost_ = lost_ || unsent();
        state_ = State::ended;
    }
    return false;
}

void Link::fail(int error) noexcept {
    state_ = State::failed;
    error_ = error;
}

}  // namespace chatd::terminal
