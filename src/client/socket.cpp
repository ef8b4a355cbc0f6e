#include "chatd/client/socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace chatd::client {

namespace {

Transfer not_moved(int error) noexcept {
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return {};
    return {.outcome = Transfer::Outcome::failed, .error = error};
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = other.release();
    }
    return *this;
}

void Socket::close() noexcept {
    // Linux frees the descriptor even when close() reports an error: never try twice.
    if (fd_ >= 0) ::close(release());
}

Transfer send_now(const Socket& socket, Bytes bytes) noexcept {
    const ssize_t count =
        ::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EPIPE) return {.outcome = Transfer::Outcome::ended};
    if (count < 0) return not_moved(errno);
    return {.outcome = Transfer::Outcome::moved, .bytes = static_cast<std::size_t>(count)};
}

Transfer receive_now(const Socket& socket, MutableBytes buffer) noexcept {
    const ssize_t count = ::recv(socket.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count == 0) return {.outcome = Transfer::Outcome::ended};
    if (count < 0) return not_moved(errno);
    return {.outcome = Transfer::Outcome::moved, .bytes = static_cast<std::size_t>(count)};
}

}  // namespace chatd::client
