#pragma once
// From a name to a connected socket: resolve, then try the addresses in turn, each with its own
// time limit. Blocks the calling thread; any thread may call. Sockets returned are non-blocking and
// close-on-exec, and belong to the caller.
//
// resolve() asks getaddrinfo, which has no time limit but the system's own (resolv.conf).

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"

namespace chatd::client {

enum class Transport : std::uint8_t { tcp, udp };

/// How many addresses of one name are tried: more is no service but a mistake in its zone.
inline constexpr std::size_t endpoints_max = 16;

/// One resolved address, as connect() wants it.
struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;

    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    std::string ip_text() const;  ///< "127.0.0.1", "::1", "fe80::1%eth0"
    std::string text() const;     ///< "127.0.0.1:4399", "[::1]:4399"
    bool is_loopback() const noexcept;
};

struct DialError {
    enum class Reason : std::uint8_t {
        unresolved,   ///< the name gave no address
        unreachable,  ///< every address failed, at least one other than by time
        timed_out,    ///< every address was silent for its time
    };
    Reason reason = Reason::unreachable;
    std::string message;  ///< one line: the target, each address and its failure, what to try

    ExitCode exit_code() const noexcept {
        return reason == Reason::timed_out ? ExitCode::timed_out : ExitCode::cannot_connect;
    }
};

struct DialOptions {
    Duration address_timeout = std::chrono::seconds(10);  ///< for each address
};

/// The addresses of `target` in the system's order of preference (RFC 6724), each once, at most
/// `endpoints_max`; never empty.
std::expected<std::vector<Endpoint>, DialError> resolve(const Target& target, Transport transport);

/// A TCP connection to the first address that accepts one, with TCP_NODELAY set.
std::expected<Socket, DialError> dial_tcp(const Target& target, const DialOptions& options = {});

/// The same to addresses that are resolved already, one or more; `name` stands in the error.
std::expected<Socket, DialError> dial_tcp(std::span<const Endpoint> endpoints,
                                          std::string_view name, const DialOptions& options = {});

/// A UDP socket connected to `endpoint`: it sends there, hears only that address, and is told of
/// ICMP errors. Nothing is sent, so success says nothing about anybody listening.
std::expected<Socket, DialError> connect_udp(const Endpoint& endpoint);

/// "connection refused", "timed out": what an errno means to a person, in lower case.
std::string error_text(int error_number);

/// What to try when nobody listens at `loopback` or elsewhere: one sentence.
std::string_view start_hint(bool loopback) noexcept;

}  // namespace chatd::client
