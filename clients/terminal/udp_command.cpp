#include "udp_command.hpp"

#include <unistd.h>

#include <expected>
#include <vector>

#include "chatd/client/dial.hpp"
#include "output.hpp"
#include "udp_exchange.hpp"
#include "udp_payload.hpp"
#include "udp_reply.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

int fail(ExitCode code, std::string_view what) {
    complain(what);
    return client::status_of(code);
}

std::expected<std::vector<Payload>, PayloadError> parse_expected(const UdpOptions& options) {
    std::vector<Payload> expected;
    for (const std::string& hex : options.expected_hex) {
        auto payload = payload_from_hex(hex, "--expect-hex", options.allow_empty);
        if (!payload) return std::unexpected(std::move(payload.error()));
        expected.push_back(std::move(*payload));
    }
    return expected;
}

}  // namespace

int run_udp_command(const UdpOptions& options) {
    if (options.print == PrintStyle::raw && ::isatty(STDOUT_FILENO) != 0) {
        return fail(ExitCode::usage,
                    "--print raw would send unknown bytes to the terminal; use a pipe or a file.");
    }
    auto expected = parse_expected(options);
    if (!expected) return fail(expected.error().exit_code, expected.error().message);
    // Before anything is connected: a wrong payload is told at once, with nobody disturbed.
    auto payload = read_payload(options.payload, options.allow_empty);
    if (!payload) return fail(payload.error().exit_code, payload.error().message);
    auto endpoints = client::resolve(options.target, client::Transport::udp);
    if (!endpoints) return fail(endpoints.error().exit_code(), endpoints.error().message);
    if (std::holds_alternative<StdinHexLines>(options.payload) && ::isatty(STDIN_FILENO) != 0) {
        complain("type bytes in hex, one datagram a line; Ctrl-D ends.");
    }
    UdpExchange exchange(options, std::move(*endpoints), std::move(*payload),
                         Expectation(std::move(*expected), options.replies));
    return exchange.run();
}

}  // namespace chatd::terminal
