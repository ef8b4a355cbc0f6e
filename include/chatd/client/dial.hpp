#pragma once
// From a name to a connected socket: resolve, then try the addresses as DialOptions say. Blocks the
// calling thread (client/dialling.hpp does not); any thread may call. Sockets returned are
// non-blocking and close-on-exec, have TCP_NODELAY set where they are TCP's, and belong to the
// caller.
//
// resolve() asks getaddrinfo, which has no time limit but the system's own (resolv.conf).

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/client/dial_plan.hpp"
#include "chatd/client/endpoint.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/socket.hpp"
#include "chatd/client/target.hpp"

namespace chatd::client {

enum class Transport : std::uint8_t { tcp, udp };

struct DialError {
    enum class Reason : std::uint8_t {
        unresolved,   ///< the name gave no address
        unreachable,  ///< every address failed, at least one other than by time
        timed_out,    ///< every address was silent for its time, or the name servers were
    };
    Reason reason = Reason::unreachable;
    std::string message;  ///< one line: the target, each address and its failure, what to try

    ExitCode exit_code() const noexcept {
        return reason == Reason::timed_out ? ExitCode::timed_out : ExitCode::cannot_connect;
    }
};

/// The addresses of `target` in the system's order of preference (RFC 6724), each once, at most
/// `endpoints_max`; never empty.
std::expected<std::vector<Endpoint>, DialError> resolve(const Target& target, Transport transport);

/// A TCP connection to the first address that accepts one.
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
