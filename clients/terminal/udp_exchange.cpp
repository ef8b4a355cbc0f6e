#include "udp_exchange.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "chatd/client/clock.hpp"
#include "chatd/wire/hex.hpp"
#include "output.hpp"
#include "signals.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr std::size_t reply_bytes_max = 65'535;  // whatever UDP can carry, so nothing is cut
constexpr std::size_t input_bytes_max = 16 * 1024;
constexpr int receives_per_turn_max = 64;  // then the next datagram to send gets its turn
constexpr Duration full_queue_wait = std::chrono::milliseconds(1);

enum Slot : std::size_t { slot_socket, slot_signals, slot_input, slot_count };

}  // namespace

UdpExchange::UdpExchange(const UdpOptions& options, std::vector<client::Endpoint> endpoints,
                         Payload payload, Expectation expectation)
    : options_(options),
      endpoints_(std::move(endpoints)),
      from_lines_(std::holds_alternative<StdinHexLines>(options.payload)),
      input_ended_(!from_lines_),
      payload_(std::move(payload)),
      expectation_(std::move(expectation)) {
    if (from_lines_) return;
    sends_forever_ = options.count == 0;
    sends_left_ = options.count;
}

int UdpExchange::run() {
    signals_ = open_signals({SIGINT, SIGTERM});
    if (!connect_next()) return ending_.value_or(client::status_of(ExitCode::failed));
    next_send_ = last_sent_ = client::now();
    while (!ending_ && !finished(client::now()))
        turn();
    if (!options_.stay) leave();
    return ending_ ? *ending_ : result();
}

// -- the turn ---------------------------------------------------------------------------------

void UdpExchange::turn() {
    const Time wake = std::min(send_due(), deadline());
    std::array<pollfd, slot_count> polled{};
    polled[slot_socket] = {socket_.fd(), static_cast<short>(blocked_ ? POLLIN | POLLOUT : POLLIN),
                           0};
    polled[slot_signals] = {signals_.fd(), POLLIN, 0};
    polled[slot_input] = {wants_line() ? STDIN_FILENO : -1, POLLIN, 0};
    // poll() counts milliseconds; a fast rate wants a finer clock.
    const Duration left = std::max(wake - client::now(), Duration::zero());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    const int ready =
        ::ppoll(polled.data(), polled.size(), wake == time_never ? nullptr : &timeout, nullptr);
    if (ready < 0 && errno != EINTR) {
        return end(client::status_of(ExitCode::io_error), "poll failed.");
    }
    if (ready > 0) {
        if (polled[slot_signals].revents != 0) read_signal();
        if ((polled[slot_socket].revents & ~POLLOUT) != 0) receive();
        if ((polled[slot_socket].revents & POLLOUT) != 0) blocked_ = false;
        if (!ending_ && polled[slot_input].revents != 0) read_lines();
    }
    if (!ending_ && send_due() <= client::now()) send_one();
}

// When send_one() is wanted next; time_never when there is nothing to send, or no way to.
Time UdpExchange::send_due() const noexcept {
    if (blocked_) return time_never;
    if (resend_) return last_sent_;
    const bool something = sends_forever_ || sends_left_ > 0 || queued_at_ < queued_.size();
    return something ? next_send_ : time_never;
}

// When waiting for replies ends; time_never while sending, and where only a signal ends it.
Time UdpExchange::deadline() const noexcept {
    if (!input_ended_ || send_due() != time_never || blocked_ || !options_.waits())
        return time_never;
    return options_.reply_wait ? last_sent_ + *options_.reply_wait : time_never;
}

bool UdpExchange::finished(Time at) const noexcept {
    if (!input_ended_ || send_due() != time_never || blocked_) return false;
    if (!options_.waits()) return true;
    return expectation_.met() || at >= deadline();
}

int UdpExchange::result() const {
    if (!options_.waits() || expectation_.met()) return client::status_of(ExitCode::ok);
    if (const Payload* const missing = expectation_.missing()) {
        const bool silent = expectation_.received_count() == 0;
        complain(fmt::format("expected {}, {}.", wire::print_hex(*missing),
                             silent ? "nothing came" : "other datagrams came"));
        return client::status_of(silent ? ExitCode::timed_out : ExitCode::failed);
    }
    const bool all = options_.replies == 0;  // that come in the time, so one is enough
    if (options_.listen || (all && expectation_.received_count() > 0)) {
        return client::status_of(ExitCode::ok);
    }
    complain(all ? "nothing came in time."
                 : fmt::format("{} of {} replies came in time.", expectation_.received_count(),
                               options_.replies));
    return client::status_of(ExitCode::timed_out);
}

// -- sending ----------------------------------------------------------------------------------

bool UdpExchange::connect_next() {
    while (endpoint_index_ < endpoints_.size()) {
        const client::Endpoint& endpoint = endpoints_[endpoint_index_++];
        auto socket = client::connect_udp(endpoint);
        if (socket) {
            socket_ = std::move(*socket);
            return true;
        }
        refusals_ += " " + socket.error().message;
    }
    end(client::status_of(ExitCode::cannot_connect),
        fmt::format("{}:{} {}", options_.target.text(), refusals_,
                    client::start_hint(endpoints_.back().is_loopback())));
    return false;
}

void UdpExchange::send_one() {
    if (!resend_ && !sends_forever_ && sends_left_ == 0) {
        payload_ = std::move(queued_[queued_at_++]);
        sends_forever_ = options_.count == 0;
        sends_left_ = options_.count;
    }
    if (::send(socket_.fd(), payload_.data(), payload_.size(), MSG_NOSIGNAL) < 0) {
        return handle_send_error(errno);
    }
    last_sent_ = client::now();
    last_was_empty_ = payload_.empty();
    if (!resend_) {
        ++sent_count_;
        if (sends_left_ > 0) --sends_left_;
        pace();
    }
    resend_ = false;
    // Over loopback the kernel knows at once that nobody listens: ask, whether or not we wait.
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == ECONNREFUSED) refused();
}

// The k-th datagram is due at the start plus k intervals; after a stall nothing is made up for.
void UdpExchange::pace() {
    if (options_.rate_hz <= 0) return;
    const std::chrono::duration<double> interval(1 / options_.rate_hz);
    next_send_ += std::chrono::duration_cast<Duration>(interval);
    if (next_send_ < last_sent_ - std::chrono::seconds(1)) next_send_ = last_sent_;
}

void UdpExchange::handle_send_error(int error) {
    switch (error) {
        case EAGAIN:
            blocked_ = true;
            return;
        case EINTR:
            return;
        case ENOBUFS:  // the interface's queue is full, which poll() does not tell
            next_send_ = client::now() + full_queue_wait;
            return;
        case ECONNREFUSED:
            return refused();
        default:
            return end(client::status_of(ExitCode::io_error),
                       fmt::format("cannot send: {}.", client::error_text(error)));
    }
}

// ICMP said that nobody listens there. Another address of the same name may do, but only as long as
// nobody ever answered at this one.
void UdpExchange::refused() {
    const client::Endpoint& endpoint = endpoints_[endpoint_index_ - 1];
    refusals_ += fmt::format(" {} nobody listens there.", endpoint.text());
    if (expectation_.received_count() > 0) {
        return end(client::status_of(ExitCode::cannot_connect),
                   fmt::format("{} went away.", endpoint.text()));
    }
    resend_ = sent_count_ > 0;
    connect_next();
}

// An empty datagram leaves a raw room at once, instead of after a minute (PROTOCOL.md 9).
void UdpExchange::leave() noexcept {
    if (sent_count_ > 0 && !last_was_empty_ && socket_) {
        ::send(socket_.fd(), nullptr, 0, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

// -- receiving --------------------------------------------------------------------------------

void UdpExchange::receive() {
    std::array<std::byte, reply_bytes_max> buffer;
    for (int count = 0; count < receives_per_turn_max && !ending_; ++count) {
        const ssize_t bytes = ::recv(socket_.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (bytes >= 0) {
            print(Bytes(buffer.data(), static_cast<std::size_t>(bytes)));
        } else if (errno == ECONNREFUSED) {
            refused();
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            return end(client::status_of(ExitCode::io_error),
                       fmt::format("cannot receive: {}.", client::error_text(errno)));
        }
    }
}

void UdpExchange::print(Bytes bytes) {
    expectation_.received(bytes);
    std::string shown;
    append_reply(shown, bytes, options_.print, client::now() - last_sent_, options_.show_time);
    const ExitCode code = write_all(STDOUT_FILENO, shown);
    if (code == ExitCode::ok) return;
    end(client::status_of(code), code == ExitCode::io_error ? "cannot write standard output." : "");
}

// -- standard input and signals ---------------------------------------------------------------

bool UdpExchange::wants_line() const noexcept {
    return !input_ended_ && send_due() == time_never && !blocked_;
}

void UdpExchange::read_lines() {
    std::array<std::byte, input_bytes_max> buffer;
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count < 0) {
        return end(client::status_of(ExitCode::io_error), "cannot read standard input.");
    }
    queued_.clear();
    queued_at_ = 0;
    const auto take = [this](std::string_view line) { take_line(line); };
    if (count > 0) {
        lines_.feed(Bytes(buffer.data(), static_cast<std::size_t>(count)), take);
    } else {
        lines_.finish(take);
        input_ended_ = true;
    }
    next_send_ = std::max(next_send_, client::now());
}

void UdpExchange::take_line(std::string_view line) {
    ++line_number_;
    if (ending_ || is_comment(line)) return;
    const std::string where = fmt::format("line {}", line_number_);
    auto payload = payload_from_hex(line, where, options_.allow_empty);
    if (payload) {
        queued_.push_back(std::move(*payload));
        return;
    }
    // At a terminal one types it again; in a script the rest would be wrong as well.
    if (::isatty(STDIN_FILENO) != 0) return complain(payload.error().message);
    end(client::status_of(payload.error().exit_code), payload.error().message);
}

void UdpExchange::read_signal() {
    const auto number = next_signal(signals_);
    if (!number) return;
    // To stop listening is what Ctrl-C is for; a run that waited for something has failed to see
    // it.
    const bool wanted = options_.listen && expectation_.missing() == nullptr;
    end(wanted ? 0 : 128 + *number, {});
}

void UdpExchange::end(int status, std::string_view what) {
    if (ending_) return;
    ending_ = status;
    if (!what.empty()) complain(what);
}

}  // namespace chatd::terminal
