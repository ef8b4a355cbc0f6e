#pragma once
// A TCP connection on its way, without blocking: the owner polls. IP literals are there at once;
// other names are looked up on a thread of their own, and no longer than
// DialOptions::resolve_timeout is waited for it.

#include <poll.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/client/dial.hpp"
#include "chatd/client/dial_plan.hpp"
#include "chatd/client/endpoint.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"

namespace chatd::client {

/// How many names a process looks up at a time; those nobody waits for any more count too.
inline constexpr int lookups_max = 16;

class Resolving;

/// The owner polls poll_fds() until deadline() and calls step(). Going away it closes what is
/// unfinished. One thread at a time.
///
///     while (dialling.state() == Dialling::State::dialling) {
///         poll(dialling.poll_fds()..., poll_timeout_ms(now(), dialling.deadline()));
///         dialling.step(now());
///     }
class Dialling {
public:
    enum class State : std::uint8_t { dialling, connected, failed };

    /// Looks `target` up first; an IP literal at once, a name on a thread of its own.
    explicit Dialling(const Target& target, const DialOptions& options = {});
    /// To addresses that are resolved already, one or more; `name` stands in the error.
    Dialling(std::vector<Endpoint> endpoints, std::string name, const DialOptions& options = {});
    Dialling(Dialling&&) noexcept;
    Dialling& operator=(Dialling&&) noexcept;
    ~Dialling();

    State state() const noexcept { return state_; }
    /// What to poll for; valid until the next step(). Empty before the first one.
    std::span<const pollfd> poll_fds() const noexcept { return polled_; }
    /// When to call step() although nothing was polled; before the first one: at once.
    Time deadline() const noexcept;
    /// Takes what has happened, begins what is due. Nothing once it is decided.
    void step(Time now);

    /// The connection, once.
    Socket take() noexcept { return std::move(won_); }
    /// Why it failed.
    const DialError& error() const noexcept { return error_; }

private:
    struct Attempt {
        std::size_t address;
        Socket socket;
    };

    void begin(std::vector<Endpoint> endpoints);
    bool resolved(Time now);
    void take_results();
    void start(std::size_t address);
    void forget(std::size_t address);
    void won(Socket socket);
    void lost(DialError error);
    void gather_polled();

    std::string name_;
    DialOptions options_;
    State state_ = State::dialling;
    std::unique_ptr<Resolving> resolving_;  ///< while the name is looked up
    Time resolve_deadline_ = Time::min();   ///< set by the first step()
    std::vector<Endpoint> endpoints_;       ///< in the order they are tried
    DialPlan plan_{0, {}};                  ///< of them
    std::vector<Attempt> attempts_;
    std::vector<pollfd> polled_;
    bool stepped_ = false;
    Socket won_;
    DialError error_;
};

}  // namespace chatd::client
