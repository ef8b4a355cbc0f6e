#pragma once
// A file descriptor with an owner. Moves, never copies; closes when it goes. One thread at a time.

#include <utility>

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

}  // namespace chatd::client
