#pragma once
// One text connection with its buffers: what is still to be sent, bounded, and the unfinished line
// of what came. Never blocks; the owner polls fd() for poll_events() and calls flush() and
// receive(). One thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "chatd/client/line_reader.hpp"
#include "chatd/client/socket.hpp"

namespace chatd::terminal {

/// Unsent bytes at which input is left waiting: a paste fits, a runaway script does not.
inline constexpr std::size_t link_unsent_bytes_max = 64 * 1024;

class Link {
public:
    enum class State : std::uint8_t {
        open,
        ended,   ///< the server sent its FIN; no more comes
        failed,  ///< reset or another error: error() says which
    };
    using OnLine = std::function<void(std::string_view)>;

    explicit Link(client::Socket socket) noexcept : socket_(std::move(socket)) {}

    int fd() const noexcept { return socket_.fd(); }
    short poll_events() const noexcept;
    State state() const noexcept { return state_; }
    int error() const noexcept { return error_; }

    /// How many bytes send() takes now.
    std::size_t room_bytes() const noexcept;
    /// Queues `bytes` (at most room_bytes()) and sends what goes at once. Nothing is queued after
    /// finish_input() or the end.
    void send(std::string_view bytes);
    /// No more input: the FIN follows the last queued byte (half-close).
    void finish_input();
    bool input_finished() const noexcept { return input_finished_; }
    bool unsent() const noexcept { return sent_ < unsent_.size(); }
    /// True if the server closed before it took everything that was queued.
    bool lost() const noexcept { return lost_; }

    /// Sends what the kernel takes. Call when poll() said POLLOUT.
    void flush();
    /// Reads once and calls on_line for each whole line, at the end for the last unfinished one
    /// too. Call when poll() said anything else. True if any byte came.
    bool receive(const OnLine& on_line);

private:
    void fail(int error) noexcept;

    client::Socket socket_;
    client::LineReader reader_;
    std::string unsent_;
    std::size_t sent_ = 0;
    State state_ = State::open;
    int error_ = 0;
    bool input_finished_ = false;
    bool shut_ = false;
    bool lost_ = false;
};

}  // namespace chatd::terminal
