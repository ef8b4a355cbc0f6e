#include "top_options.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/wire/shown.hpp"
#include "output.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr double interval_seconds_min = 0.1;
constexpr double interval_seconds_max = 3'600;

constexpr const char* about =
    "Who is connected to chatd, how fast, and how well: netstat for the chat. The table is\n"
    "painted anew every 2 seconds; piped it is printed once. chatd tells this on its own\n"
    "machine alone.";

constexpr const char* footer =
    "Keys: q quits, s sorts by the next column, r turns the order around, space refreshes.\n"
    "QUEUE is what waits for a reader in chatd and in the kernel, BEHIND how many lines of its\n"
    "rooms it has not been handed yet, RETR segments sent again. RTT and what TCP knows are\n"
    "the kernel's, as `ss -ti` shows them.\n"
    "Exit codes: 0 ok, 1 refused by the server, 64 usage, 69 cannot connect, 74 I/O error,\n"
    "75 timed out, 77 not on the server's machine, 130 interrupted.";

constexpr std::array<std::string_view, top_order_count> order_words{
    "rate", "in", "out", "queue", "behind", "rtt", "retrans", "age", "nick", "peer"};

std::unexpected<ExitCode> refuse(std::string_view what) {
    write_all(STDERR_FILENO,
              fmt::format("chatcli top: {}\nchatcli top --help tells more.\n", what));
    return std::unexpected(ExitCode::usage);
}

TopOrder order_of(std::string_view word) noexcept {
    const auto found = std::ranges::find(order_words, word);
    return static_cast<TopOrder>(found - order_words.begin());
}

}  // namespace

std::string_view word_of(TopOrder order) noexcept {
    return order_words[static_cast<std::size_t>(order)];
}

std::expected<TopOptions, ExitCode> parse_top_options(int argc, const char* const* argv) {
    CLI::App app(about, "chatcli top");
    app.footer(footer);
    TopOptions options;
    std::string target;
    double seconds = 0;
    std::string order(word_of(options.order));
    const std::vector<std::string> orders(order_words.begin(), order_words.end());
    app.add_option("--server,HOST[:PORT]", target, "where chatd is (default localhost:4399)");
    app.add_option("--sort", order,
                   "rate (bytes a second, the default), in, out, queue, behind, rtt,\n"
                   "retrans, age, nick or peer")
        ->check(CLI::IsMember(orders).description(""))
        ->type_name("COLUMN");
    app.add_flag("--once", options.once, "print one table and end");
    app.add_flag("--json", options.json, "print JSON, an object a line, instead of a table");
    app.add_option("--interval", seconds, "seconds between two tables (default 2)")
        ->check(CLI::Range(interval_seconds_min, interval_seconds_max).description(""))
        ->type_name("SECONDS");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            app.exit(error);
            return std::unexpected(ExitCode::ok);
        }
        std::string what;
        wire::append_shown(what, error.what());
        return refuse(what);
    }
    auto parsed = client::parse_target(target, client::tcp_port_default);
    if (!parsed) return refuse(parsed.error());
    options.target = std::move(*parsed);
    options.order = order_of(order);
    if (seconds > 0) {
        options.interval =
            std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    }
    if (options.once && options.interval)
        return refuse("--once and --interval exclude each other.");
    return options;
}

}  // namespace chatd::terminal
