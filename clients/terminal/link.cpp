#include "link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "chatd/base/assert.hpp"

namespace chatd::terminal {

namespace {

using client::Transfer;

constexpr std::size_t receive_bytes_max = 64 * 1024;

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
        const Transfer went = client::send_now(socket_, as_bytes(unsent_).subspan(sent_));
        switch (went.outcome) {
            case Transfer::Outcome::moved:
                sent_ += went.bytes;
                break;
            case Transfer::Outcome::nothing:
                return;
            case Transfer::Outcome::ended:
                // A server that closed still has a last word for us: read on until its FIN or
                // reset.
                lost_ = shut_ = true;
                unsent_.clear();
                sent_ = 0;
                return;
            case Transfer::Outcome::failed:
                return fail(went.error);
        }
    }
    if (state_ == State::open && input_finished_ && !shut_) {
        shut_ = true;
        if (::shutdown(socket_.fd(), SHUT_WR) != 0 && errno != ENOTCONN) fail(errno);
    }
}

bool Link::receive(const OnLine& on_line) {
    std::array<std::byte, receive_bytes_max> buffer;
    if (state_ != State::open) return false;
    const Transfer came = client::receive_now(socket_, buffer);
    switch (came.outcome) {
        case Transfer::Outcome::moved:
            reader_.feed(Bytes(buffer.data(), came.bytes), on_line);
            return true;
        case Transfer::Outcome::nothing:
            return false;
        case Transfer::Outcome::ended:
            reader_.finish(on_line);
            lost_ = lost_ || unsent();
            state_ = State::ended;
            return false;
        case Transfer::Outcome::failed:
            reader_.finish(on_line);
            fail(came.error);
            return false;
    }
    return false;
}

void Link::fail(int error) noexcept {
    state_ = State::failed;
    error_ = error;
}

}  // namespace chatd::terminal
