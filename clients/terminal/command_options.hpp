#pragma once
// What the scriptable subcommands of chatcli are asked for, as plain values.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chatd/base/position.hpp"
#include "chatd/base/time.hpp"
#include "chatd/client/client.hpp"
#include "chatd/client/dial_plan.hpp"
#include "chatd/client/retry.hpp"
#include "chatd/client/servers.hpp"
#include "chatd/client/target.hpp"

namespace chatd::terminal {

/// Where to go, and how to come back.
struct ServerOptions {
    std::vector<client::Target> servers{{"localhost", client::tcp_port_default}};
    client::Balance balance = client::Balance::first;
    client::DialOptions dial;
    client::RetryPolicy retry;
    bool retry_first = false;  ///< `retry` holds before the first connection too
    Duration keepalive = std::chrono::seconds(25);  ///< of silence, then the server is asked

    /// How long it may take to answer then.
    Duration silence_max() const { return std::min<Duration>(keepalive, std::chrono::seconds(10)); }

    client::ClientOptions with(client::SessionOptions session) const {
        session.ping_interval = keepalive;
        session.silence_max = silence_max();
        return {.session = std::move(session),
                .servers = servers,
                .balance = balance,
                .retry = retry,
                .dial = dial,
                .retry_first = retry_first};
    }
};

/// What all of them have.
struct ErrandOptions {
    ServerOptions at;
    std::string nick;     ///< empty: a guest's
    Duration wait_max{};  ///< the longest time in which nothing happens
    bool json = false;
};

struct SayOptions {
    ErrandOptions errand;
    std::string room = "lobby";
    std::string text;         ///< may hold newlines: one message
    bool from_input = false;  ///< each line of standard input is a message, `text` is nothing
    bool action = false;
};

struct TailOptions {
    ErrandOptions errand;
    std::vector<std::string> rooms;
    std::optional<Position> since;  ///< of the one room: what follows it
    bool all = false;               ///< from the first message there is
    std::uint32_t lines = 10;       ///< else so many of the newest
    bool follow = false;
};

struct MsgOptions {
    ErrandOptions errand;
    std::string to;
    std::string text;
};

struct WhoOptions {
    ErrandOptions errand;
    std::string room = "lobby";
};

struct SearchOptions {
    ErrandOptions errand;
    std::string query;
    std::string room;          ///< empty: every room
    std::uint32_t limit = 20;  ///< how many are shown
};

struct ExportOptions {
    ErrandOptions errand;
    std::string room;
    std::optional<Position> since;
};

struct ForwardOptions {
    ServerOptions at;
    client::Target local;
    std::uint32_t connections_max = 64;
};

}  // namespace chatd::terminal
