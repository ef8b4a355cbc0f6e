#pragma once
// Several servers instead of one: which is dialled, and which next when it does not answer.
//
//   first        in the order they were written: a main server and its stand-ins
//   random       in an order of chance: everybody spreads over all of them
//   two-choices  two of them, drawn by chance, are dialled at once and the one that answers first
//   is
//                taken. That finds the nearer one and passes over what is down without waiting; it
//                does not ask how much a server has to do, for a kernel accepts for a busy one too.
//
// Every server is tried once a round. After a round the owner waits (client/retry.hpp) and the next
// one begins. The server of a connection that was lost is asked first, alone: one's session and
// what one missed are there. While a connection works it is never left for a better one.
//
// ServerList decides and is a value; ServerDialling dials what it decided, never blocking. One
// thread each.

#include <poll.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/base/time.hpp"
#include "chatd/client/dialling.hpp"
#include "chatd/client/target.hpp"

namespace chatd::client {

/// How many servers a list may name.
inline constexpr std::size_t servers_max = 64;

enum class Balance : std::uint8_t { first, random, two_choices };

/// "first", "random", "two-choices"; else the error is one sentence for the user.
std::expected<Balance, std::string> parse_balance(std::string_view text);

/// Reads "a,b:4400,[::1]": targets (client/target.hpp) between commas, each at most once. An empty
/// text is localhost alone. The error is one sentence for the user.
std::expected<std::vector<Target>, std::string> parse_servers(std::string_view text,
                                                              std::uint16_t port_default);

class ServerList {
public:
    /// `servers` has at least one.
    ServerList(std::vector<Target> servers, Balance balance, std::uint64_t seed);

    /// What to dial at once: one server, by two-choices two. Empty once after the last of a round:
    /// wait, then the next call begins another.
    std::vector<Target> next();

    /// A connection to `server` is there: the round is over, and after its loss it is asked first.
    void connected(const Target& server);

    std::span<const Target> servers() const noexcept { return servers_; }

private:
    void begin_round();

    std::vector<Target> servers_;
    Balance balance_;
    Prng chance_;
    std::optional<Target> last_;  ///< whom we were connected to
    std::vector<Target> left_;    ///< of this round, the next one at the back
    bool last_first_ = false;     ///< the one at the back is dialled alone
    bool begun_ = false;
};

/// One or two servers being dialled; whichever connects first is taken and the other closed. The
/// owner polls as for a Dialling.
class ServerDialling {
public:
    using State = Dialling::State;

    /// `servers` has at least one: what ServerList::next() said.
    ServerDialling(const std::vector<Target>& servers, const DialOptions& options);

    State state() const noexcept { return state_; }
    std::span<const pollfd> poll_fds() const noexcept { return polled_; }
    Time deadline() const noexcept;
    void step(Time now);

    /// The connection, once, and whom it leads to.
    Socket take() noexcept { return std::move(won_); }
    const Target& server() const noexcept { return server_; }
    /// Why it failed: of each server its message; timed_out only if all of them were silent.
    const DialError& error() const noexcept { return error_; }

private:
    struct Lane {
        Target server;
        Dialling dialling;
    };

    void all_failed();

    std::vector<Lane> lanes_;
    std::vector<pollfd> polled_;
    State state_ = State::dialling;
    Socket won_;
    Target server_;
    DialError error_;
};

}  // namespace chatd::client
