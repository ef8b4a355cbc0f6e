#include "errand.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "chatd/client/client.hpp"
#include "chatd/client/clock.hpp"
#include "output.hpp"
#include "paint.hpp"
#include "signals.hpp"

namespace chatd::terminal {

using client::ExitCode;

namespace {

// How long a goodbye may take: the nick is free at once if it arrives, else a day later.
constexpr Duration goodbye_max = std::chrono::seconds(1);

client::SessionOptions session_options(const ErrandOptions& options,
                                       std::vector<std::string> rooms) {
    client::SessionOptions session;
    session.nick = options.nick;
    session.rooms = std::move(rooms);
    session.outbox.lines_max = errand_outbox_lines_max;
    session.outbox.bytes_max = errand_outbox_bytes_max;
    return session;
}

}  // namespace

struct Errand::Parts {
    client::Client client;
    client::Socket signals = open_signals({SIGINT, SIGTERM});
    bool patient = false;  ///< --retry was given: an outage is not silence
};

Errand::Errand(const ErrandOptions& options, std::vector<std::string> rooms,
               client::SessionState state)
    : parts_(std::make_unique<Parts>(client::Client(
          options.at.with(session_options(options, std::move(rooms))), std::move(state)))),
      wait_max_(options.wait_max) {
    parts_->patient = options.at.retry_first;
}

Errand::~Errand() = default;

client::Session& Errand::session() noexcept {
    return parts_->client.session();
}

void Errand::finish(ExitCode code, std::string_view what) {
    if (ending_) return;
    ending_ = client::status_of(code);
    if (!what.empty()) complain(what);
}

void Errand::refused(std::string_view what) {
    std::string reason;
    append_safe(reason, what);
    finish(ExitCode::failed, reason);
}

void Errand::print(std::string_view text) {
    if (ending_) return;
    const ExitCode code = write_all(STDOUT_FILENO, text);
    if (code != ExitCode::ok) {
        finish(code, code == ExitCode::io_error ? "cannot write to standard output." : "");
    }
}

int Errand::run() {
    last_happened_ = client::now();
    while (!ending_) {
        const bool offline_in_peace = parts_->patient && !session().online();
        const bool waits = endless || offline_in_peace;
        turn(waits ? time_never : last_happened_ + wait_max_);
        if (ending_ || waits || client::now() < last_happened_ + wait_max_) continue;
        finish(ExitCode::timed_out, session().online() ? "the answer did not come in time."
                                                       : "chatd could not be reached in time.");
    }
    say_goodbye();
    return *ending_;
}

void Errand::turn(Time deadline) {
    // At the end what it is not asked for any more would only wake it.
    const bool reads = !ending_ && wants_input && wants_input();
    std::vector<pollfd> fds{{parts_->signals.fd(), POLLIN, 0},
                            {goodbye_ ? -1 : STDOUT_FILENO, 0, 0},
                            {reads ? STDIN_FILENO : -1, POLLIN, 0}};
    parts_->client.add_polled(fds);
    deadline = std::min(deadline, parts_->client.deadline());
    if (::poll(fds.data(), fds.size(), client::poll_timeout_ms(client::now(), deadline)) < 0) {
        for (pollfd& one : fds)
            one.revents = 0;
    }
    if (fds[0].revents != 0) read_signal();
    if ((fds[1].revents & POLLERR) != 0) finish(ExitCode::broken_pipe);
    if (!ending_ && fds[2].revents != 0) {
        last_happened_ = client::now();
        on_input();
    }
    parts_->client.turn(client::now());
    take_events();
    const client::Client& client = parts_->client;
    if (client.ended()) finish(client.failure().code, client.failure().text);
}

void Errand::take_events() {
    while (auto event = session().next_event()) {
        if (goodbye_) {
            left_ = left_ || std::holds_alternative<client::Answer>(*event);
            continue;
        }
        last_happened_ = client::now();
        if (on_event && !ending_) on_event(*event);
        if (const auto* denied = std::get_if<client::Denied>(&*event)) {
            refused(denied->text);
        } else if (const auto* room = std::get_if<client::RoomRefused>(&*event)) {
            refused(room->room + ": " + room->text);
        }
    }
}

// The session ends with us: nobody else has its token, and its nick is wanted again.
void Errand::say_goodbye() {
    client::Client& client = parts_->client;
    if (client.ended() || !session().online()) return;
    goodbye_ = true;
    session().call("quit");
    client.leave();
    const Time deadline = client::now() + goodbye_max;
    while (!left_ && !client.ended() && client::now() < deadline)
        turn(deadline);
}

void Errand::read_signal() {
    const auto number = next_signal(parts_->signals);
    if (!number) return;
    if (goodbye_) left_ = true;
    if (!ending_) ending_ = status_of_signal(*number);
}

}  // namespace chatd::terminal
