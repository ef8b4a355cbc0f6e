#pragma once
// What the command lines of chatcli and of its subcommands have in common: how a complaint reads,
// and the options that choose servers. Each subcommand has an App of its own; a new one is a
// parse_ function here and a line in options.cpp.

#include <CLI/CLI.hpp>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "options.hpp"

namespace chatd::terminal {

using Parsed = std::expected<Options, client::ExitCode>;

Parsed parse_chat(int argc, const char* const* argv);
Parsed parse_udp(int argc, const char* const* argv);
Parsed parse_say(int argc, const char* const* argv);
Parsed parse_tail(int argc, const char* const* argv);
Parsed parse_msg(int argc, const char* const* argv);
Parsed parse_who(int argc, const char* const* argv);
Parsed parse_search(int argc, const char* const* argv);
Parsed parse_export(int argc, const char* const* argv);
Parsed parse_forward(int argc, const char* const* argv);

/// Longer is no wait but a slip.
inline constexpr double wait_seconds_max = 86'400;
/// A server is not asked more often, and no answer comes sooner.
inline constexpr double keepalive_seconds_min = 0.1;
inline constexpr double keepalive_seconds_max = 3'600;

/// Tells on standard error what was wrong, and how to learn more.
std::unexpected<client::ExitCode> refuse(const CLI::App& app, std::string_view what);

/// Reads the command line. Nothing if that went well; else the end of the program: help and version
/// go to standard output, a complaint to standard error.
std::optional<client::ExitCode> parse(CLI::App& app, int argc, const char* const* argv);

/// A blank or a control character in a name would make a second command of it.
bool is_word(std::string_view text) noexcept;

/// What --server, --balance, --dial, --retry and --keepalive said. Where the servers are an
/// argument, `named` is false and there is no --server.
struct ServerFlags {
    std::string servers, balance, dial, retry;
    double keepalive_seconds = 25;
};
void add_server_options(CLI::App& app, ServerFlags& flags, bool named = true);
/// The error is one sentence for the user.
std::expected<ServerOptions, std::string> server_options(const ServerFlags& flags);

}  // namespace chatd::terminal
