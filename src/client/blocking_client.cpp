#include "chatd/client/blocking_client.hpp"

#include <poll.h>

#include <utility>
#include <vector>

#include "chatd/client/clock.hpp"

namespace chatd::client {

namespace {

Time after(Time from, Duration duration) noexcept {
    return duration >= time_never - from ? time_never : from + duration;
}

}  // namespace

BlockingClient::BlockingClient(ClientOptions options, SessionState state)
    : client_(std::move(options), std::move(state)) {}

std::expected<Online, CallError> BlockingClient::connect(Duration time_max) {
    if (session().online() && online_) return *online_;
    Online online;
    const Waited waited = wait(
        [&](Event& event) {
            auto* const greeted = std::get_if<Online>(&event);
            if (greeted != nullptr) online = std::move(*greeted);
            return greeted != nullptr;
        },
        after(now(), time_max));
    if (waited != Waited::done) return std::unexpected(error_of(waited));
    return online;
}

std::expected<Said, CallError> BlockingClient::say(std::string_view room, std::string_view body,
                                                   const SayOptions& options, Duration time_max) {
    const auto key = session().say(room, body, options);
    if (!key) return std::unexpected(CallError{.code = "NOT_TAKEN", .text = key.error()});
    std::expected<Said, CallError> outcome;
    const Waited waited = wait(
        [&](Event& event) {
            if (auto* said = std::get_if<Said>(&event); said != nullptr && said->key == *key) {
                outcome = std::move(*said);
                return true;
            }
            auto* refused = std::get_if<Refused>(&event);
            if (refused == nullptr || refused->key != *key) return false;
            outcome = std::unexpected(CallError{.code = refused->code, .text = refused->text});
            return true;
        },
        after(now(), time_max));
    if (waited != Waited::done) return std::unexpected(error_of(waited));
    return outcome;
}

std::expected<std::string, CallError> BlockingClient::call(std::string_view method,
                                                           std::string_view params_json,
                                                           Duration time_max) {
    const Time until = after(now(), time_max);
    if (!session().online()) {
        if (auto online = connect(time_max); !online) return std::unexpected(online.error());
    }
    const std::uint64_t id = session().call(method, params_json);
    std::expected<std::string, CallError> outcome;
    const Waited waited = wait(
        [&](Event& event) {
            auto* answer = std::get_if<Answer>(&event);
            if (answer == nullptr || answer->id != id) return false;
            outcome = std::move(answer->result);
            if (answer->error) outcome = std::unexpected(*answer->error);
            return true;
        },
        until);
    if (waited != Waited::done) return std::unexpected(error_of(waited));
    return outcome;
}

std::optional<Event> BlockingClient::next_event(Duration time_max) {
    std::optional<Event> next;
    if (events_.empty()) {
        (void)wait(
            [&](Event& event) {
                next = std::move(event);
                return true;
            },
            after(now(), time_max));
        return next;
    }
    next = std::move(events_.front());
    events_.pop_front();
    return next;
}

BlockingClient::Waited BlockingClient::wait(const std::function<bool(Event&)>& is_wanted,
                                            Time until) {
    std::vector<pollfd> polled;
    while (true) {
        while (auto event = session().next_event()) {
            if (const auto* online = std::get_if<Online>(&*event)) online_ = *online;
            if (const auto* denied = std::get_if<Denied>(&*event)) denied_ = *denied;
            if (is_wanted(*event)) return Waited::done;
            events_.push_back(std::move(*event));
        }
        if (events_.size() >= events_waiting_max) return Waited::flooded;
        if (client_.ended()) return Waited::ended;
        const Time at = now();
        client_.turn(at);
        if (session().has_event() || client_.ended()) continue;
        if (at >= until) return Waited::timed_out;
        polled.clear();
        client_.add_polled(polled);
        const Time deadline = std::min(until, client_.deadline());
        (void)::poll(polled.data(), polled.size(), poll_timeout_ms(at, deadline));
    }
}

CallError BlockingClient::error_of(Waited waited) const {
    switch (waited) {
        case Waited::done:
            return {};
        case Waited::timed_out:
            return {.code = "TIMED_OUT",
                    .text = client_.failure().text.empty() || client_.session().online()
                                ? "There was no answer in time."
                                : client_.failure().text,
                    .retry = true};
        case Waited::flooded:
            return {.code = "TOO_MANY_EVENTS",
                    .text = "Too many events wait to be taken; take them first."};
        case Waited::ended:
            if (client_.session().stopped() && denied_) {
                return {.code = denied_->code, .text = denied_->text};
            }
            return {.code = "GAVE_UP", .text = client_.failure().text};
    }
    return {};
}

}  // namespace chatd::client
