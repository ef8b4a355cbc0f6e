#pragma once
// The server: one ring, one engine, and the turn that joins them. Completions become the engine's
// inputs, its outputs become operations; nothing else happens here.

#include <expected>
#include <memory>
#include <string>

#include "chatd/server/options.hpp"

namespace chatd::server {

struct StartError {
    int code = 1;      ///< the exit code
    std::string text;  ///< one line: what is wrong and what to do
};

class Server {
public:
    /// Binds everything and sets the ring up. TERM, INT and HUP must be blocked already, in every
    /// thread; the ring belongs to the calling thread.
    static std::expected<std::unique_ptr<Server>, StartError> start(const Options& options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// "tcp=127.0.0.1:4399 tcp=[::1]:4399 udp=127.0.0.1:8080 ...": every bound address.
    std::string bound_addresses() const;

    /// Runs until a signal has drained it; the exit code.
    int run();

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace chatd::server
