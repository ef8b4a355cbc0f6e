#pragma once
// A file descriptor with an owner. Moves, never copies; closes when it goes. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "chatd/base/bytes.hpp"

namespace chatd::client {

class Socket {
public:
    Socket() noexcept = default;
    /// Takes `fd` over; -1 is no socket.
    explicit Socket(int fd) noexcept : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { close(); }

    int fd() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

    /// Closes now; nothing when there is no socket.
    void close() noexcept;

    /// Gives the descriptor away.
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

/// What became of one attempt to move bytes without waiting.
struct Transfer {
    enum class Outcome : std::uint8_t {
        moved,    ///< `bytes` of them, at least one
        nothing,  ///< not now; poll says when
        ended,    ///< the other side takes, or sends, no more
        failed,   ///< `error` is why
    };
    Outcome outcome = Outcome::nothing;
    std::size_t bytes = 0;
    int error = 0;  ///< an errno
};

/// Sends what the kernel takes of `bytes`, which are not empty. `ended` is EPIPE: there may still
/// be something to read.
Transfer send_now(const Socket& socket, Bytes bytes) noexcept;

/// Reads what is there, at most `buffer`, which is not empty. `ended` is the other side's FIN.
Transfer receive_now(const Socket& socket, MutableBytes buffer) noexcept;

}  // namespace chatd::client
