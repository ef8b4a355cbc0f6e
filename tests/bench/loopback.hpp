#pragma once
// A TCP connection to this machine for the programs of the bench, and the lines that come on it.
// Whatever goes wrong ends the program: a measurement that was disturbed is none.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chatd::bench {

inline constexpr int exit_failed = 69;

/// Says why and ends; `what` is a sentence's beginning, the system's error follows.
[[noreturn]] inline void fail(std::string_view what) {
    std::fprintf(stderr, "%.*s: %m\n", static_cast<int>(what.size()), what.data());
    std::exit(exit_failed);
}

/// The same for what the other side sent.
[[noreturn]] inline void fail_at(std::string_view what, std::string_view line) {
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(line.substr(0, 300).size()), line.data());
    std::exit(exit_failed);
}

/// Seconds of a clock that only goes forward.
inline double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

class Connection {
public:
    explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const sockaddr_in address{.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
                                  .sin_zero = {}};
        const int on = 1;
        if (socket_ < 0) fail("socket");
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            fail("connect");
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Connection(Connection&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          received_(std::move(other.received_)),
          taken_(std::exchange(other.taken_, 0)) {}
    Connection& operator=(Connection&&) = delete;
    ~Connection() { close(); }

    int socket() const noexcept { return socket_; }

    void close() noexcept {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

    /// Sends all of it, waiting for the other side if need be.
    void send_all(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// Sends what the kernel takes now, and takes it off `bytes`.
    void send_some(std::string& bytes) {
        const ssize_t sent =
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) fail("send");
        if (sent > 0) bytes.erase(0, static_cast<std::size_t>(sent));
    }

    /// Waits for bytes, unless `flags` has MSG_DONTWAIT.
    void receive(int flags = 0) {
        constexpr std::size_t bytes_max = 256 * 1024;
        received_.erase(0, std::exchange(taken_, 0));
        const std::size_t before = received_.size();
        received_.resize(before + bytes_max);
        const ssize_t got = ::recv(socket_, received_.data() + before, bytes_max, flags);
        if (got == 0) fail_at("the server closed", received_);
        if (got < 0 && errno != EAGAIN) fail("recv");
        received_.resize(before + static_cast<std::size_t>(got < 0 ? 0 : got));
    }

    /// The next whole line of what was received, without its end; good until receive().
    std::optional<std::string_view> take_line() noexcept {
        const std::size_t end = received_.find('\n', taken_);
        if (end == std::string::npos) return std::nullopt;
        const auto line = std::string_view(received_).substr(taken_, end - taken_);
        taken_ = end + 1;
        return line;
    }

    /// The next line, waited for.
    std::string line() {
        for (;;) {
            if (const auto found = take_line()) return std::string(*found);
            receive();
        }
    }

private:
    int socket_;
    std::string received_;
    std::size_t taken_ = 0;
};

/// The number behind the first `name` (with its quotes and colon) in a line of JSON that the server
/// wrote, or 0.
inline std::uint64_t number_in(std::string_view line, std::string_view name) {
    const std::size_t at = line.find(name);
    if (at == std::string_view::npos) return 0;
    return std::strtoull(line.data() + at + name.size(), nullptr, 10);
}

/// The text behind `name` up to the next quotation mark: good for names and tokens.
inline std::string_view text_in(std::string_view line, std::string_view name) {
    const std::size_t at = line.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = line.substr(at + name.size());
    return rest.substr(0, rest.find('"'));
}

inline bool is_answer(std::string_view line) {
    return line.starts_with(R"({"jsonrpc":"2.0","result":)");
}
inline bool is_message(std::string_view line) {
    return line.starts_with(R"({"jsonrpc":"2.0","method":"message")");
}

}  // namespace chatd::bench
