#pragma once
// A Client for programs that would rather wait than poll: each call blocks until it is done or its
// time is over, and carries the connection meanwhile. Between calls nothing is read and no ping is
// answered, so a program that is idle for long waits in next_event().
//
//     BlockingClient chat({.session = {.nick = "echo"}});
//     if (auto online = chat.connect(10s); !online) … online.error().text
//     while (auto event = chat.next_event(time_unlimited)) …
//
// One thread.

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/time.hpp"
#include "chatd/client/client.hpp"
#include "chatd/client/event.hpp"

namespace chatd::client {

/// For programs that wait as long as it takes.
inline constexpr Duration time_unlimited = Duration::max();

/// Events that came while something else was waited for, and were not taken yet.
inline constexpr std::size_t events_waiting_max = 10'000;

class BlockingClient {
public:
    /// Begins with the first call of anything below.
    explicit BlockingClient(ClientOptions options, SessionState state = {});

    /// Waits until one is online; at once if one is. Errors: TIMED_OUT (it is still being tried by
    /// later calls), GAVE_UP (no server can be reached), or why the server refuses.
    std::expected<Online, CallError> connect(Duration time_max);

    /// Says a line and waits until it stands. Errors: what the server refuses it with; TIMED_OUT:
    /// it waits in the outbox and is still said by later calls.
    std::expected<Said, CallError> say(std::string_view room, std::string_view body,
                                       const SayOptions& options = {},
                                       Duration time_max = std::chrono::seconds(30));

    /// Asks anything of the vocabulary; the result is a JSON text. While there is no connection one
    /// is waited for.
    std::expected<std::string, CallError> call(std::string_view method,
                                               std::string_view params_json = {},
                                               Duration time_max = std::chrono::seconds(30));

    /// The next event that no call above has waited for. None: the time is over, or nothing will
    /// come any more (client().ended()).
    std::optional<Event> next_event(Duration time_max);

    Client& client() noexcept { return client_; }
    Session& session() noexcept { return client_.session(); }

private:
    enum class Waited : std::uint8_t { done, timed_out, ended, flooded };

    /// Carries the connection until `is_wanted(event)` is true for an event, which is then not
    /// kept.
    Waited wait(const std::function<bool(Event&)>& is_wanted, Time until);
    CallError error_of(Waited waited) const;

    Client client_;
    std::deque<Event> events_;
    std::optional<Online> online_;  ///< the newest greeting
    std::optional<Denied> denied_;
};

}  // namespace chatd::client
