// `chatcli forward`: listens, and carries each connection.

#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

#include "chatd/client/clock.hpp"
#include "chatd/client/dial.hpp"
#include "commands.hpp"
#include "forward_connection.hpp"
#include "output.hpp"
#include "signals.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr int backlog = 128;
// After TERM: for lines that are still to be said.
constexpr Duration drain_max = std::chrono::seconds(5);
// Where there are no descriptors left: until it is looked again whether one came free.
constexpr Duration accept_pause = std::chrono::milliseconds(200);
constexpr std::string_view busy = "FAIL * BUSY :This forwarder is full; try again later.\n";

// A listening socket, or the errno.
std::expected<client::Socket, int> listen_at(const client::Endpoint& endpoint) {
    client::Socket socket(
        ::socket(endpoint.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return std::unexpected(errno);
    const int on = 1;
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (endpoint.get()->sa_family == AF_INET6) {
        ::setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (::bind(socket.fd(), endpoint.get(), endpoint.length) != 0 ||
        ::listen(socket.fd(), backlog) != 0) {
        return std::unexpected(errno);
    }
    return socket;
}

// Of an accept: the next one may go well.
bool would_pass(int error) noexcept {
    return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

class Forwarder {
public:
    explicit Forwarder(const ForwardOptions& options) : options_(options) {}

    int run() {
        if (const auto failure = listen()) {
            complain(*failure);
            return client::status_of(ExitCode::cannot_connect);
        }
        while (!finished())
            turn();
        std::size_t unsaid = 0;
        for (const auto& connection : connections_)
            unsaid += connection->unsaid();
        if (unsaid == 0) return status_;
        complain(fmt::format("{} lines were not said: chatd could not be reached.", unsaid));
        return client::status_of(ExitCode::failed);
    }

private:
    /// Where in the polled descriptors a connection has its own.
    struct Slice {
        std::size_t first;
        std::size_t end;
    };

    // The addresses that are not there (IPv6 is off) are passed over, if another one is.
    std::optional<std::string> listen() {
        const auto endpoints = client::resolve(options_.local, client::Transport::tcp);
        if (!endpoints) return endpoints.error().message;
        std::string where;
        for (const client::Endpoint& endpoint : *endpoints) {
            auto socket = listen_at(endpoint);
            if (socket) {
                listeners_.push_back(std::move(*socket));
                where += " " + endpoint.text();
            } else if (socket.error() != EADDRNOTAVAIL && socket.error() != EAFNOSUPPORT) {
                return fmt::format("cannot listen on {}: {}.", endpoint.text(),
                                   client::error_text(socket.error()));
            }
        }
        if (listeners_.empty()) {
            return fmt::format("{}: no address of it is this machine's.", options_.local.text());
        }
        std::string servers;
        for (const client::Target& server : options_.at.servers)
            servers += " " + server.text();
        complain(fmt::format("forwarding{} to{}", where, servers));
        return std::nullopt;
    }

    bool finished() const {
        return draining_ && (connections_.empty() || client::now() >= drain_until_);
    }

    void turn() {
        std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
        const bool pausing = client::now() < accept_from_;
        for (const client::Socket& listener : listeners_)
            fds.push_back({draining_ || pausing ? -1 : listener.fd(), POLLIN, 0});
        Time deadline = draining_ ? drain_until_ : pausing ? accept_from_ : time_never;
        std::vector<Slice> slices;
        for (const auto& connection : connections_) {
            const std::size_t first = fds.size();
            connection->add_polled(fds);
            slices.push_back({first, fds.size()});
            deadline = std::min(deadline, connection->deadline());
        }
        if (::poll(fds.data(), fds.size(), client::poll_timeout_ms(client::now(), deadline)) < 0) {
            return;
        }
        const Time now = client::now();
        for (std::size_t index = 0; index < slices.size(); ++index) {
            const auto polled = std::span(fds).subspan(slices[index].first,
                                                       slices[index].end - slices[index].first);
            const bool ready = std::any_of(polled.begin(), polled.end(),
                                           [](const pollfd& one) { return one.revents != 0; });
            if (ready || connections_[index]->deadline() <= now) connections_[index]->turn(now);
        }
        std::erase_if(connections_, [](const auto& connection) { return connection->ended(); });
        if (fds[0].revents != 0) read_signal();
        for (std::size_t index = 0; index < listeners_.size(); ++index) {
            if (fds[1 + index].revents != 0) accept(listeners_[index]);
        }
    }

    void accept(const client::Socket& listener) {
        client::Socket socket(
            ::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket) {
            // Whoever waits would wake it again at once.
            if (!would_pass(errno)) accept_from_ = client::now() + accept_pause;
            return;
        }
        if (connections_.size() >= options_.connections_max) {
            (void)::send(socket.fd(), busy.data(), busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            return;
        }
        connections_.push_back(std::make_unique<ForwardConnection>(std::move(socket), options_.at));
        connections_.back()->turn(client::now());
    }

    // The first one drains, a second one ends at once.
    void read_signal() {
        const auto number = next_signal(signals_);
        if (!number) return;
        drain_until_ = draining_ ? Time::min() : client::now() + drain_max;
        status_ = draining_ ? status_of_signal(*number) : client::status_of(ExitCode::ok);
        draining_ = true;
        for (const auto& connection : connections_) {
            connection->end_input();
            connection->turn(client::now());
        }
    }

    const ForwardOptions& options_;
    client::Socket signals_ = open_signals({SIGINT, SIGTERM});
    std::vector<client::Socket> listeners_;
    std::vector<std::unique_ptr<ForwardConnection>> connections_;
    Time accept_from_ = Time::min();
    bool draining_ = false;
    Time drain_until_ = time_never;
    int status_ = 0;
};

}  // namespace

int run_command(const ForwardOptions& options) {
    return Forwarder(options).run();
}

}  // namespace chatd::terminal
