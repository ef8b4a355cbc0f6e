#include "chatd/client/client.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "chatd/client/chance.hpp"
#include "chatd/client/dial.hpp"

namespace chatd::client {

namespace {

constexpr std::size_t receive_bytes_max = 64 * 1024;

SessionOptions seeded(SessionOptions options) {
    if (options.seed == 0) options.seed = random_seed();
    return options;
}

std::vector<Target> at_least_one(std::vector<Target> servers) {
    if (servers.empty()) servers.push_back({"localhost", tcp_port_default});
    return servers;
}

}  // namespace

Client::Client(ClientOptions options, SessionState state)
    : session_(seeded(std::move(options.session)), state),
      servers_(at_least_one(std::move(options.servers)), options.balance, random_seed()),
      backoff_(options.retry, random_seed()),
      dial_(options.dial),
      retry_first_(options.retry_first) {
    greeted_by_ = state.server;
    if (greeted_by_.empty() && servers_.servers().size() == 1) {
        greeted_by_ = servers_.servers()[0].text();
    }
    if (!greeted_by_.empty()) identities_[greeted_by_] = session_.identity();
    for (SessionState::Identity& identity : state.elsewhere) {
        if (identity.server == greeted_by_ && !state.token.empty()) continue;
        identities_[identity.server] = {.token = std::move(identity.token),
                                        .rooms = std::move(identity.rooms)};
    }
    forget_servers();
}

// Of too many those that are not listed any more.
void Client::forget_servers() {
    for (auto known = identities_.begin(); known != identities_.end();) {
        if (identities_.size() <= client_servers_known_max) return;
        const bool listed =
            known->first == greeted_by_ ||
            std::any_of(servers_.servers().begin(), servers_.servers().end(),
                        [&](const Target& server) { return server.text() == known->first; });
        known = listed ? std::next(known) : identities_.erase(known);
    }
}

SessionState Client::session_state() const {
    SessionState state = session_.state();
    state.server = greeted_by_;
    for (const auto& [server, identity] : identities_) {
        // Where one is, the session knows better, unless it is nobody yet.
        if (server == greeted_by_ && (!state.token.empty() || identity.token.empty())) continue;
        state.elsewhere.push_back({server, identity.token, identity.rooms});
    }
    return state;
}

// -- how it stands -----------------------------------------------------------------------------

Client::State Client::state() const noexcept {
    if (session_.stopped() && !anew_) return State::stopped;
    if (socket_) return session_.online() ? State::online : State::greeting;
    if (leaving_) return State::left;
    if (gave_up_) return State::gave_up;
    return dialling_ || retry_at_ == Time::min() ? State::dialling : State::waiting;
}

bool Client::ended() const noexcept {
    switch (state()) {
        case State::dialling:
        case State::greeting:
        case State::online:
        case State::waiting:
            return false;
        case State::stopped:
        case State::gave_up:
        case State::left:
            return true;
    }
    return true;
}

void Client::add_polled(std::vector<pollfd>& fds) const {
    if (socket_) {
        const bool unsent = !session_.to_send().empty();
        fds.push_back({socket_.fd(), static_cast<short>(unsent ? POLLIN | POLLOUT : POLLIN), 0});
    } else if (dialling_) {
        const auto polled = dialling_->poll_fds();
        fds.insert(fds.end(), polled.begin(), polled.end());
    }
}

Time Client::deadline() const noexcept {
    if (session_.has_event()) return Time::min();
    if (socket_) return session_.deadline();
    if (dialling_) return dialling_->deadline();
    return ended() ? time_never : retry_at_;
}

// -- what happens ------------------------------------------------------------------------------

void Client::turn(Time now) {
    if (socket_) return carry(now);
    if (ended()) return;
    if (!dialling_ && now >= retry_at_) begin_dialling(now);
    if (dialling_) step_dialling(*dialling_, now);
}

void Client::dial() {
    anew_ = session_.stopped();
    if (socket_ || dialling_) return;
    leaving_ = gave_up_ = false;
    retry_at_ = Time::min();
}

void Client::leave() {
    leaving_ = true;
    if (!socket_) dialling_.reset();
}

void Client::begin_dialling(Time now) {
    const std::vector<Target> next = servers_.next();
    if (!next.empty()) {
        dialling_.emplace(next, dial_);
        return;
    }
    // Every server of this round was tried.
    if (!server_ && !retry_first_) {
        gave_up_ = true;
        return;
    }
    wait(now, {});
}

void Client::step_dialling(ServerDialling& dialling, Time now) {
    dialling.step(now);
    switch (dialling.state()) {
        case ServerDialling::State::dialling:
            return;
        case ServerDialling::State::failed:
            failure_ = {dialling.error().exit_code(), dialling.error().message};
            dialling_.reset();
            return begin_dialling(now);
        case ServerDialling::State::connected:
            socket_ = dialling.take();
            servers_.connected(dialling.server());
            here_ = dialling.server().text();
            server_ = dialling.server();
            dialling_.reset();
            backoff_.connected(now);
            anew_ = false;
            meet(now);
            return carry(now);
    }
}

// Each server knows us as somebody of its own, unless they are one by several names.
void Client::meet(Time now) {
    const auto known = identities_.find(here_);
    if (known != identities_.end()) {
        if (known->second.token != session_.identity().token) session_.become(known->second);
        greeted_by_ = known->first;
    }
    shown_token_ = session_.identity().token;
    session_.connected(now, greeted_by_ != here_);
}

// A server that is greeted takes the token, or refuses it and gives another. What it refuses it
// knows by none of its names; to others than those that gave or took it once, it never meant a
// thing.
void Client::learn_identity() {
    std::string token = session_.identity().token;
    if (token == shown_token_ && !session_.online()) return;
    if (token != shown_token_ && !shown_token_.empty() && greeted_by_ == here_) {
        std::erase_if(identities_,
                      [&](const auto& known) { return known.second.token == shown_token_; });
    }
    shown_token_ = std::move(token);
    greeted_by_ = here_;
}

// Bytes come before the clock: a process that was suspended finds the answers first. What is sent
// because of them waits for the owner, who may have to write down what the events say before.
void Client::carry(Time now) {
    const std::size_t ready = session_.has_event() ? 0 : session_.to_send().size();
    receive(now);
    if (!socket_) return;
    if (now >= session_.deadline()) session_.tick(now);
    session_.has_event() ? send(now, ready) : flush(now);
    if (!socket_) return;
    if (session_.stopped()) {
        lost(now, "the server refused the greeting");
    } else if (!session_.broken().empty()) {
        lost(now, std::string(session_.broken()));
    }
}

void Client::receive(Time now) {
    std::array<std::byte, receive_bytes_max> buffer;
    const Transfer came = receive_now(socket_, buffer);
    switch (came.outcome) {
        case Transfer::Outcome::moved: {
            const bool greeting = !session_.online();
            session_.received(Bytes(buffer.data(), came.bytes), now);
            if (greeting) learn_identity();
            return;
        }
        case Transfer::Outcome::nothing:
            return;
        case Transfer::Outcome::ended:
            return lost(now, "the server closed the connection");
        case Transfer::Outcome::failed:
            return lost(now, error_text(came.error));
    }
}

void Client::flush(Time now) {
    send(now, std::numeric_limits<std::size_t>::max());
}

void Client::send(Time now, std::size_t bytes_max) {
    while (socket_ && bytes_max > 0 && !session_.to_send().empty()) {
        const Bytes waiting = session_.to_send();
        const Transfer went = send_now(socket_, waiting.first(std::min(waiting.size(), bytes_max)));
        switch (went.outcome) {
            case Transfer::Outcome::moved:
                bytes_max -= went.bytes;
                session_.sent(went.bytes, now);
                break;
            case Transfer::Outcome::nothing:
            case Transfer::Outcome::ended:  // what it said before is still to be read
                return;
            case Transfer::Outcome::failed:
                return lost(now, error_text(went.error));
        }
    }
}

void Client::lost(Time now, std::string_view why) {
    const Duration patience =
        servers_.servers().size() == 1 ? session_.return_after() : Duration::zero();
    failure_ = {session_.stopped() ? ExitCode::failed : ExitCode::io_error,
                "The connection was lost: " + std::string(why) + '.'};
    socket_.close();
    if (greeted_by_ == here_) identities_[greeted_by_] = session_.identity();
    session_.disconnected(now, why);
    backoff_.disconnected(now);
    if (anew_) {
        retry_at_ = Time::min();
    } else if (!session_.stopped() && !leaving_) {
        wait(now, patience);
    }
}

void Client::wait(Time now, Duration at_least) {
    const auto delay = backoff_.next_delay();
    gave_up_ = !delay;
    retry_at_ = delay ? now + at_least + *delay : time_never;
}

}  // namespace chatd::client
