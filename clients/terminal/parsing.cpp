#include "parsing.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "chatd/wire/shown.hpp"
#include "output.hpp"

namespace chatd::terminal {

using client::ExitCode;

std::unexpected<ExitCode> refuse(const CLI::App& app, std::string_view what) {
    write_all(STDERR_FILENO,
              fmt::format("{0}: {1}\n{0} --help tells more.\n", app.get_name(), what));
    return std::unexpected(ExitCode::usage);
}

std::optional<ExitCode> parse(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            app.exit(error);
            return ExitCode::ok;
        }
        std::string what;
        wire::append_shown(what, error.what());
        return refuse(app, what).error();
    }
    return std::nullopt;
}

bool is_word(std::string_view text) noexcept {
    for (const char byte : text) {
        if (static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7f) return false;
    }
    return true;
}

void add_server_options(CLI::App& app, ServerFlags& flags, bool named) {
    auto* group = app.add_option_group("Server");
    if (named) {
        group
            ->add_option("--server", flags.servers,
                         "where chatd is, or several that stand in for each other:\n"
                         "a,b:4400,[::1] (default localhost:4399)")
            ->type_name("HOST[:PORT],...");
    }
    group
        ->add_option("--balance", flags.balance,
                     "of several take the first (default), one by random, or by two-choices the\n"
                     "one of two that answers sooner; then the next. Who is cut off comes back to\n"
                     "the same one if it is there")
        ->type_name("HOW");
    group
        ->add_option("--dial", flags.dial,
                     "try the addresses of a name as eyeballs (RFC 8305, default), serial or\n"
                     "parallel")
        ->type_name("HOW");
    group
        ->add_option("--retry", flags.retry,
                     "how to come back after a cut (default max=200,base=250ms,cap=36s; max=0:\n"
                     "not at all). If given, it holds before the first connection too")
        ->type_name("max=N,base=TIME,cap=TIME");
    group
        ->add_option(
            "--keepalive", flags.keepalive_seconds,
            "ask a server that is silent for so long, and leave one that stays silent for\n"
            "as long again, 10 at most (default 25)")
        ->type_name("SECONDS")
        ->check(CLI::Range(keepalive_seconds_min, keepalive_seconds_max).description(""));
}

std::expected<ServerOptions, std::string> server_options(const ServerFlags& flags) {
    ServerOptions options;
    auto servers = client::parse_servers(flags.servers, client::tcp_port_default);
    if (!servers) return std::unexpected("--server: " + servers.error());
    options.servers = std::move(*servers);
    if (!flags.balance.empty()) {
        const auto balance = client::parse_balance(flags.balance);
        if (!balance) return std::unexpected("--balance: " + balance.error());
        options.balance = *balance;
    }
    if (!flags.dial.empty()) {
        const auto strategy = client::parse_dial_strategy(flags.dial);
        if (!strategy) return std::unexpected("--dial: " + strategy.error());
        options.dial.strategy = *strategy;
    }
    if (!flags.retry.empty()) {
        const auto retry = client::parse_retry(flags.retry);
        if (!retry) return std::unexpected("--retry: " + retry.error());
        options.retry = *retry;
        options.retry_first = true;
    }
    options.keepalive = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(flags.keepalive_seconds));
    return options;
}

}  // namespace chatd::terminal
