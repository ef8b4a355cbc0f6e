#pragma once
// Many connections to one server, from several source addresses where one would run out of ports.
// Sockets belong to the caller. Blocks while a connection is made; one thread.

#include <cstdint>
#include <expected>
#include <string>

#include "chatd/client/dial.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"

namespace chatd::load {

/// Past half the ephemeral range connect() slows down tenfold, so loopback clients move on to the
/// next of 127.0.0.1, 127.0.0.2 ... after so many.
inline constexpr std::uint32_t connections_per_source_max = 10'000;

class Dialer {
public:
    /// Resolves `target`; of several addresses the first that takes a connection serves them all,
    /// and that connection is the first that dial() hands out: servers see no other.
    static std::expected<Dialer, std::string> find(const client::Target& target,
                                                   client::Transport transport);

    /// The next connection, non-blocking, TCP_NODELAY set; or why not.
    std::expected<client::Socket, std::string> dial();

private:
    Dialer(client::Endpoint endpoint, client::Transport transport) noexcept
        : endpoint_(endpoint), transport_(transport) {}

    std::expected<client::Socket, std::string> connect() const;

    client::Endpoint endpoint_;
    client::Transport transport_;
    std::uint32_t dialled_ = 0;
    client::Socket first_;
};

}  // namespace chatd::load
