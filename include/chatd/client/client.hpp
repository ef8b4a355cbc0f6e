#pragma once
// A Session with its sockets: dials one of the servers, carries the session's bytes, and when the
// connection ends dials again, as patiently as the policy says. Never blocks; the owner polls, for
// one client or for many:
//
//     std::vector<pollfd> fds;
//     client.add_polled(fds);
//     poll(fds.data(), fds.size(), poll_timeout_ms(now(), client.deadline()));
//     client.turn(now());
//     while (auto event = client.session().next_event()) …          // all of them, each turn
//
// client/blocking_client.hpp is the same for programs that would rather wait. One thread.

#include <poll.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/client/dial_plan.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/retry.hpp"
#include "chatd/client/servers.hpp"
#include "chatd/client/session.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"

namespace chatd::client {

/// At how many servers a state tells who one is; of more, those in use alone.
inline constexpr std::size_t client_servers_known_max = 64;

struct ClientOptions {
    SessionOptions session{};       ///< a seed of 0 is chosen by chance
    std::vector<Target> servers{};  ///< none: localhost, port 4399
    Balance balance = Balance::first;
    RetryPolicy retry{};
    DialOptions dial{};
    bool retry_first = true;  ///< false: a first round that reaches no server is the end
};

class Client {
public:
    enum class State : std::uint8_t {
        dialling,
        greeting,  ///< connected; who one is and where one stands is being said
        online,
        waiting,  ///< for the next attempt, at retry_at()
        stopped,  ///< the server refused this person or these rooms: Session::stopped()
        gave_up,  ///< every attempt of the policy came to nothing: failure() says why
        left,     ///< after leave()
    };
    /// How the newest attempt or connection ended.
    struct Failure {
        ExitCode code = ExitCode::ok;
        std::string text{};  ///< one sentence; empty: none did
    };

    /// Begins at the first turn().
    explicit Client(ClientOptions options, SessionState state = {});

    /// Everything to go on from in another run, whichever servers that has: Session::state() with
    /// who one is at the others.
    SessionState session_state() const;

    Session& session() noexcept { return session_; }
    const Session& session() const noexcept { return session_; }

    /// Appends what to poll for.
    void add_polled(std::vector<pollfd>& fds) const;
    /// When turn() is due although nothing was polled; the past while events wait to be taken.
    Time deadline() const noexcept;
    /// Does what there is to do; reads at most 64 KiB, so that events can be taken in between. What
    /// is sent because of what came is sent by the next turn() or flush(), when they are taken: who
    /// keeps a session_state() has it on the disk before.
    void turn(Time now);
    /// Sends at once what the kernel takes.
    void flush(Time now);

    /// Dials now: instead of waiting longer, or anew after stopped and gave_up.
    void dial();
    /// The next end of the connection is the end. Without a connection it is now.
    void leave();

    State state() const noexcept;
    /// Nothing will happen any more, unless dial() is called.
    bool ended() const noexcept;
    Time retry_at() const noexcept { return retry_at_; }
    const Failure& failure() const noexcept { return failure_; }
    /// The server that one is connected to, or was last; none before the first.
    const std::optional<Target>& server() const noexcept { return server_; }
    std::uint32_t attempts() const noexcept { return backoff_.attempts(); }  ///< in a row

private:
    void begin_dialling(Time now);
    void step_dialling(ServerDialling& dialling, Time now);
    void forget_servers();
    void meet(Time now);
    void carry(Time now);
    void receive(Time now);
    void send(Time now, std::size_t bytes_max);
    void learn_identity();
    void lost(Time now, std::string_view why);
    void wait(Time now, Duration at_least);

    Session session_;
    ServerList servers_;
    Backoff backoff_;
    DialOptions dial_;
    bool retry_first_;
    std::optional<ServerDialling> dialling_;
    Socket socket_;
    std::optional<Target> server_;
    std::string here_;         ///< its text, by which its identity is known
    std::string greeted_by_;   ///< the server that knows us
    std::string shown_token_;  ///< to the one that is being greeted
    std::map<std::string, Session::Identity> identities_;  ///< who one is at each
    Time retry_at_ = Time::min();                          ///< while there is neither
    Failure failure_;
    bool gave_up_ = false;
    bool leaving_ = false;
    bool anew_ = false;  ///< dial() was called since the session stopped
};

}  // namespace chatd::client
