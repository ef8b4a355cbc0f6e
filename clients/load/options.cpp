#include "load/options.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "load/body.hpp"

namespace chatd::load {

namespace {

constexpr const char* description =
    "Load generator for chatd (all it speaks) and the servers it is compared "
    "with. Every delivery is checked for loss, order and damage; latency counts from the moment "
    "a message was due. Always bounded: by --count or --seconds.";

constexpr const char* examples =
    "Examples:\n"
    "  chatload --listeners 100 --window 64               saturate, 64 messages in flight\n"
    "  chatload --listeners 100 --rate 1000 --seconds 10  open loop, 1,000 messages a second\n"
    "  chatload --protocol websocket --everyone --listeners 50 --window 64\n"
    "  chatload --protocol sse --publish-as json --window 64\n"
    "  chatload --protocol udp --listeners 99 localhost:8080\n"
    "  chatload --idle 10000 --seconds 30 --server-pid \"$(pidof chatd)\"\n"
    "Exit: 0 all heard, 1 something lost, out of order or damaged, 64 usage, 69 cannot connect.";

/// CLI11 converts an enum only with a map; names are checked here so that the list stands once,
/// in adapter.cpp.
std::string check_protocol(const std::string& name) {
    return protocol_named(name) ? std::string{} : "no such protocol: " + name;
}

constexpr std::uint64_t descriptors_kept = 16;  // epoll, the terminal, /proc files

struct Raw {
    Options options;
    std::string target;
    std::string protocol = "chatd";
    std::string publish_as;
};

void declare(CLI::App& app, Raw& raw) {
    Options& o = raw.options;
    app.add_option("target", raw.target, "HOST[:PORT], default localhost:4399 (udp: 8080)");
    app.add_option("--protocol", raw.protocol,
                   "chatd (its text lines), websocket (the same), json, websocket_json, sse, udp, "
                   "redis, nats, ncat, irc, mqtt or floor")
        ->check(check_protocol)
        ->capture_default_str();
    app.add_option("--publish-as", raw.publish_as,
                   "what publishers speak if it is not what listeners do: chatd, websocket, json "
                   "or websocket_json (default with sse: chatd)")
        ->check(check_protocol);
    app.add_flag("--unanswered", o.unanswered,
                 "json, websocket_json: say without asking for answers");
    app.add_option("-l,--listeners", o.listeners, "connections that listen")
        ->check(CLI::Range(1U, connections_max))
        ->capture_default_str();
    app.add_option("-p,--publishers", o.publishers, "connections more that publish")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
    app.add_flag("--everyone", o.everyone, "the listeners publish, in turn, instead of publishers");
    app.add_option("--idle", o.idle, "open so many connections and only hold them")
        ->check(CLI::Range(1U, connections_max));
    app.add_option("--size", o.body_bytes, "bytes of a body")
        ->check(CLI::Range(stamp_bytes, body_bytes_max))
        ->capture_default_str();
    auto* rate = app.add_option("--rate", o.rate, "messages a second, open loop")
                     ->check(CLI::Range(0.01, 1e7));
    app.add_option("-w,--window", o.window, "messages in flight to the slowest listener")
        ->check(CLI::Range(std::uint64_t{1}, window_max))
        ->excludes(rate)
        ->capture_default_str();
    app.add_flag("--bursts", o.bursts, "say a whole window when all of the last one has arrived")
        ->excludes(rate);
    app.add_option("-n,--count", o.count, "messages, then end (default: --seconds decides)");
    app.add_option("--seconds", o.seconds, "length of the measured part")
        ->check(CLI::Range(0.01, seconds_max))
        ->capture_default_str();
    app.add_option("--warmup", o.warmup_seconds, "seconds of the same load before it")
        ->check(CLI::Range(0.0, seconds_max))
        ->capture_default_str();
    app.add_option("--stall", o.stall_seconds, "nothing heard for so many seconds: give up")
        ->check(CLI::Range(0.01, seconds_max))
        ->capture_default_str();
    app.add_option("--room", o.room, "room, channel, subject or topic")->capture_default_str();
    app.add_option("--nick-prefix", o.nick_prefix, "nicks are this and a number")
        ->capture_default_str();
    app.add_option("--server-pid", o.server_pid, "measure this process's CPU and memory")
        ->check(CLI::PositiveNumber);
    app.add_flag("--json", o.json, "print JSON instead of the table");
    app.add_flag("--progress", o.progress, "a progress line, also when stderr is no terminal");
    app.footer(examples);
}

/// Connections need descriptors: takes all that the hard limit allows, and says how many.
std::uint64_t descriptors_raised() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

/// Who may speak what to whom; empty when all is well.
std::string check_publishing(const Options& options) {
    const Protocol speaks = options.publishing();
    if (speaks != options.protocol) {
        for (const Protocol protocol : {options.protocol, speaks}) {
            if (!may_mix(protocol)) {
                return fmt::format("--publish-as: {} stands alone", name_of(protocol));
            }
        }
        if (options.everyone) return "--everyone: the listeners publish, so all speak one protocol";
    }
    if (make_adapter(speaks, {})->traits().listens_only) {
        return fmt::format("--publish-as: {} only listens", name_of(speaks));
    }
    const bool json = speaks == Protocol::json || speaks == Protocol::websocket_json;
    if (options.unanswered && !json) return "--unanswered: only JSON-RPC is answered";
    return {};
}

/// What holds between the options; empty when all is well.
std::string check_together(const Options& options) {
    const std::uint64_t descriptors = descriptors_raised();
    if (options.connection_count() + descriptors_kept > descriptors) {
        return fmt::format("{} connections need more descriptors than the {} allowed (ulimit -n)",
                           options.connection_count(), descriptors);
    }
    if (const std::string what = check_publishing(options); !what.empty()) return what;
    if (options.idle != 0) return {};
    const auto bytes_max = adapter_of(options, {})->traits().body_bytes_max;
    if (options.body_bytes > bytes_max) {
        return fmt::format("--size: {} carries at most {} bytes", name_of(options.protocol),
                           bytes_max);
    }
    return {};
}

client::ExitCode complain(const std::string& what) {
    fmt::print(stderr, "chatload: {} (chatload --help lists the options)\n", what);
    return client::ExitCode::usage;
}

}  // namespace

std::unique_ptr<Adapter> adapter_of(const Options& options, Venue venue) {
    const Protocol speaks = options.publishing();
    if (speaks == options.protocol) return make_adapter(speaks, std::move(venue));
    return make_mixed_adapter(options.protocol, speaks, std::move(venue));
}

std::variant<Options, client::ExitCode> parse_options(int argc, char** argv) {
    CLI::App app(description, "chatload");
    Raw raw;
    declare(app, raw);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return client::ExitCode::ok;
    } catch (const CLI::ParseError& error) {
        return complain(error.what());
    }
    Options& options = raw.options;
    options.protocol = protocol_named(raw.protocol).value_or(options.protocol);  // it was checked
    options.publish_as = protocol_named(raw.publish_as);
    const bool udp = options.protocol == Protocol::udp;
    auto target =
        client::parse_target(raw.target, udp ? client::udp_port_default : client::tcp_port_default);
    if (!target) return complain(target.error());
    options.target = std::move(*target);
    if (const std::string what = check_together(options); !what.empty()) return complain(what);
    options.progress = options.progress || isatty(STDERR_FILENO) == 1;
    return options;
}

}  // namespace chatd::load
