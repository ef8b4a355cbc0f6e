#include "chatd/server/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "chatd/base/exit_code.hpp"
#include "chatd/base/version.hpp"
#include "chatd/chat/names.hpp"
#include "chatd/wire/name.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::server {

namespace {

constexpr std::uint16_t tcp_port_default = 4399;
constexpr std::uint16_t udp_port_default = 8080;

// The flags as typed; what they mean is decided after all were read.
struct Typed {
    std::vector<std::string> tcp;
    std::vector<std::string> udp;
    std::vector<std::string> udp_raw_allow;
    std::string udp_raw = "loopback";
    std::string slow_reader = "backfill";
    std::string history = "on";
    std::string history_sync = "normal";
    std::string retain_age;
    std::string export_format = "jsonl";
    std::uint64_t listen_after_ms = 200;
    std::uint64_t greet_after_ms = 1000;
    double ping_interval_seconds = 25;
    double pong_timeout_seconds = 10;
    std::uint64_t udp_idle_seconds = 60;
    std::uint64_t user_timeout_seconds = 300;
};

void add_stream_flags(CLI::App& app, Typed& typed, Options& options) {
    const CLI::Range milliseconds(0, 86'400'000);
    const auto group = "Lines";
    app.add_option("--tcp", typed.tcp,
                   "[ADDR:]PORT for lines, WebSocket and HTTP; repeatable; a bare port is both "
                   "loopbacks, 0 picks one (default 4399)")
        ->envname("CHATD_TCP")
        ->group(group)
        ->allow_extra_args(false);
    app.add_option("--listen-after", typed.listen_after_ms,
                   "milliseconds of silence after which a connection hears the lobby; 0: never")
        ->check(milliseconds)
        ->envname("CHATD_LISTEN_AFTER")
        ->capture_default_str()
        ->group(group);
    app.add_option("--greet-after", typed.greet_after_ms,
                   "milliseconds of silence after which it is greeted; 0: never")
        ->check(milliseconds)
        ->envname("CHATD_GREET_AFTER")
        ->capture_default_str()
        ->group(group);
    app.add_option("--slow-reader", typed.slow_reader,
                   "what happens when lines are trimmed before a reader took them: 'backfill' "
                   "sends them from the history, 'oldest' tells it the numbers it missed, 'latest' "
                   "those up to now, 'close' closes it; without history backfill is oldest")
        ->check(CLI::IsMember({"backfill", "oldest", "latest", "close"}))
        ->envname("CHATD_SLOW_READER")
        ->capture_default_str()
        ->group(group);
    app.add_option("--room-log-bytes", options.engine.log.room_bytes_max,
                   "bytes of messages a room keeps for its readers")
        ->check(CLI::Range(std::size_t{64} * 1024, std::size_t{1} << 30))
        ->envname("CHATD_ROOM_LOG_BYTES")
        ->capture_default_str()
        ->group(group);
    app.add_option("--tcp-user-timeout", typed.user_timeout_seconds,
                   "seconds that sent bytes may stay unacknowledged before the connection ends")
        ->check(CLI::Range(1, 86'400))
        ->envname("CHATD_TCP_USER_TIMEOUT")
        ->capture_default_str()
        ->group(group);
}

void add_history_flags(CLI::App& app, Typed& typed, Options& options) {
    const auto group = "History";
    const CLI::Range amount(std::int64_t{0}, INT64_MAX);
    app.add_option("--history", typed.history, "'on' keeps what is said, 'off' only relays it")
        ->check(CLI::IsMember({"on", "off"}))
        ->envname("CHATD_HISTORY")
        ->capture_default_str()
        ->group(group);
    app.add_option("--state", options.state.directory,
                   "directory for what is kept (default $STATE_DIRECTORY, else "
                   "$XDG_STATE_HOME/chatd, else ~/.local/state/chatd)")
        ->envname("CHATD_STATE")
        ->group(group);
    app.add_option("--history-sync", typed.history_sync,
                   "'normal' survives a crash of chatd, 'full' a loss of power too")
        ->check(CLI::IsMember({"normal", "full"}))
        ->envname("CHATD_HISTORY_SYNC")
        ->capture_default_str()
        ->group(group);
    app.add_option("--retain-age", typed.retain_age,
                   "how long messages are kept, like 30d or 52w; for ever if not given")
        ->envname("CHATD_RETAIN_AGE")
        ->group(group);
    app.add_option("--retain-count", options.state.retain_count,
                   "messages that a room keeps; 0: all")
        ->check(amount)
        ->envname("CHATD_RETAIN_COUNT")
        ->capture_default_str()
        ->group(group);
    app.add_option("--retain-bytes", options.state.retain_bytes,
                   "bytes of messages that a room keeps; 0: all")
        ->check(amount)
        ->envname("CHATD_RETAIN_BYTES")
        ->capture_default_str()
        ->group(group);
}

void add_websocket_flags(CLI::App& app, Typed& typed, Options& options) {
    const auto group = "WebSocket";
    app.add_option("--ws-ping-interval", typed.ping_interval_seconds,
                   "seconds of silence before a ping; 0: never")
        ->check(CLI::Range(0.0, 86'400.0))
        ->envname("CHATD_WS_PING_INTERVAL")
        ->capture_default_str()
        ->group(group);
    app.add_option("--ws-pong-timeout", typed.pong_timeout_seconds,
                   "seconds to wait for its pong before the connection ends")
        ->check(CLI::Range(0.1, 86'400.0))
        ->envname("CHATD_WS_PONG_TIMEOUT")
        ->capture_default_str()
        ->group(group);
    app.add_option("--origin", options.engine.origins,
                   "a web origin (https://chat.example) whose pages may connect; repeatable")
        ->envname("CHATD_ORIGIN")
        ->group(group)
        ->allow_extra_args(false);
}

void add_datagram_flags(CLI::App& app, Typed& typed, Options& options) {
    const auto group = "Datagrams (caps hold for sources other than loopback; 0: none)";
    engine::DatagramsConfig& datagrams = options.datagrams;
    app.add_option("--udp", typed.udp, "[ADDR:]PORT for datagrams, as --tcp (default 8080)")
        ->envname("CHATD_UDP")
        ->group(group)
        ->allow_extra_args(false);
    app.add_option("--udp-raw", typed.udp_raw, "who may send raw datagrams: off, loopback, private")
        ->envname("CHATD_UDP_RAW")
        ->capture_default_str()
        ->group(group);
    app.add_option("--udp-raw-allow", typed.udp_raw_allow,
                   "a CIDR range allowed besides; repeatable")
        ->envname("CHATD_UDP_RAW_ALLOW")
        ->group(group)
        ->allow_extra_args(false);
    app.add_flag("--udp-raw-echo", datagrams.echo,
                 "senders on loopback get their own datagrams too")
        ->envname("CHATD_UDP_RAW_ECHO")
        ->group(group);
    app.add_option("--udp-raw-max", datagrams.datagram_bytes_max, "bytes of the largest datagram")
        ->check(CLI::Range(std::size_t{1}, limits::datagram_bytes_limit))
        ->envname("CHATD_UDP_RAW_MAX")
        ->capture_default_str()
        ->group(group);
    const auto cap = [&](const char* flag, const char* variable, std::uint32_t& value,
                         const char* help) {
        app.add_option(flag, value, help)
            ->check(CLI::Range(std::int64_t{0}, std::int64_t{UINT32_MAX}))
            ->envname(variable)
            ->capture_default_str()
            ->group(group);
    };
    cap("--udp-raw-peers", "CHATD_UDP_RAW_PEERS", datagrams.peers_max, "peers");
    cap("--udp-raw-peers-loopback", "CHATD_UDP_RAW_PEERS_LOOPBACK", datagrams.peers_loopback_max,
        "peers on loopback");
    cap("--udp-raw-peers-per-address", "CHATD_UDP_RAW_PEERS_PER_ADDRESS",
        datagrams.peers_per_address_max, "peers of one address");
    cap("--udp-raw-packets", "CHATD_UDP_RAW_PACKETS", datagrams.packets_per_second_max,
        "datagrams a second from one source");
    cap("--udp-raw-bytes", "CHATD_UDP_RAW_BYTES", datagrams.bytes_per_second_max,
        "bytes a second from one source");
    cap("--udp-raw-out-bytes", "CHATD_UDP_RAW_OUT_BYTES", datagrams.out_bytes_per_second_max,
        "bytes a second to all of them");
    app.add_option("--udp-raw-idle", typed.udp_idle_seconds, "seconds of silence that end a peer")
        ->check(CLI::Range(1, 86'400))
        ->envname("CHATD_UDP_RAW_IDLE")
        ->capture_default_str()
        ->group(group);
}

OptionsExit usage(std::string text) {
    return {status_of(ExitCode::usage), "chatd: " + std::move(text) + "; see chatd --help\n"};
}

std::expected<std::vector<BindTarget>, OptionsExit> bind_targets(
    const std::vector<std::string>& typed, std::string_view flag) {
    std::vector<BindTarget> targets;
    for (const std::string& text : typed) {
        auto target = parse_bind_target(text);
        if (!target)
            return std::unexpected(usage(fmt::format("{} {}: {}", flag, text, target.error())));
        targets.push_back(*target);
    }
    return targets;
}

BindTarget loopback_port(std::uint16_t port) {
    return {ipv4_loopback(port), true};
}

std::expected<void, OptionsExit> apply_raw_policy(const Typed& typed, Options& options) {
    using engine::RawPolicy;
    if (typed.udp_raw == "off") {
        options.datagrams.policy = RawPolicy::off;
    } else if (typed.udp_raw == "loopback") {
        options.datagrams.policy = RawPolicy::loopback;
    } else if (typed.udp_raw == "private") {
        options.datagrams.policy = RawPolicy::private_networks;
    } else if (typed.udp_raw == "any") {
        return std::unexpected(
            usage("--udp-raw any is refused until strangers can be challenged; name "
                  "the networks you trust with --udp-raw-allow CIDR"));
    } else {
        return std::unexpected(
            usage(fmt::format("--udp-raw {}: choose off, loopback or private", typed.udp_raw)));
    }
    for (const std::string& text : typed.udp_raw_allow) {
        const auto range = parse_cidr(text);
        if (!range) {
            return std::unexpected(
                usage(fmt::format("--udp-raw-allow {}: write a range like 192.168.1.0/24", text)));
        }
        options.datagrams.allowed.push_back(*range);
    }
    return {};
}

engine::SlowReader slow_reader_of(std::string_view word) {
    if (word == "oldest") return engine::SlowReader::oldest;
    if (word == "latest") return engine::SlowReader::latest;
    if (word == "close") return engine::SlowReader::close;
    return engine::SlowReader::backfill;
}

std::expected<void, OptionsExit> apply(const Typed& typed, Options& options) {
    auto tcp = bind_targets(typed.tcp, "--tcp");
    if (!tcp) return std::unexpected(tcp.error());
    auto udp = bind_targets(typed.udp, "--udp");
    if (!udp) return std::unexpected(udp.error());
    options.tcp = std::move(*tcp);
    options.udp = std::move(*udp);
    if (options.tcp.empty() && options.udp.empty()) {
        options.tcp.push_back(loopback_port(tcp_port_default));
        options.udp.push_back(loopback_port(udp_port_default));
    }
    using std::chrono::duration;
    using std::chrono::duration_cast;
    options.engine.slow_reader = slow_reader_of(typed.slow_reader);
    options.state.history = typed.history == "on";
    options.state.sync_full = typed.history_sync == "full";
    if (!typed.retain_age.empty()) {
        const auto age = wire::parse_duration(typed.retain_age);
        if (!age) {
            return std::unexpected(
                usage(fmt::format("--retain-age {}: write a time like 30d", typed.retain_age)));
        }
        options.state.retain_age = std::chrono::milliseconds{*age};
    }
    options.engine.keeps_history = options.state.history;
    options.engine.room_kept = limits::room_kept_time;
    options.engine.listen_after = std::chrono::milliseconds(typed.listen_after_ms);
    options.engine.greet_after = std::chrono::milliseconds(typed.greet_after_ms);
    options.engine.websocket_ping_interval =
        duration_cast<Duration>(duration<double>(typed.ping_interval_seconds));
    options.engine.websocket_pong_timeout =
        duration_cast<Duration>(duration<double>(typed.pong_timeout_seconds));
    options.datagrams.idle_timeout = std::chrono::seconds(typed.udp_idle_seconds);
    options.tcp_user_timeout = std::chrono::seconds(typed.user_timeout_seconds);
    return apply_raw_policy(typed, options);
}

}  // namespace

std::expected<BindTarget, std::string> parse_bind_target(std::string_view text) {
    BindTarget target;
    std::string_view port = text;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        target = loopback_port(0);
    } else {
        std::string_view host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (host.starts_with('[') && host.ends_with(']')) {
            host = host.substr(1, host.size() - 2);
        } else if (host.find(':') != std::string_view::npos) {
            return std::unexpected("write an IPv6 address in brackets, [::1]:4399");
        }
        const auto address = parse_ip(host);
        if (!address)
            return std::unexpected("that is no IP address; write ADDR:PORT like 0.0.0.0:4399");
        target.address = *address;
    }
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), target.address.port);
    if (error != std::errc{} || end != port.data() + port.size() || port.empty()) {
        return std::unexpected("a port is a number from 0 to 65535");
    }
    return target;
}

std::expected<Options, OptionsExit> parse_options(int argc, const char* const* argv) {
    Options options;
    Typed typed;
    CLI::App app{"chatd: rooms for nc, browsers, bots, scripts and games.", "chatd"};
    app.set_help_flag("-h,--help", "print this and exit");
    app.set_version_flag("--version", "chatd " CHATD_VERSION, "print the version and exit");
    app.footer(
        "Without flags: --tcp 4399 --udp 8080. Flags that hold a value are also environment "
        "variables,\n"
        "CHATD_ and its name: CHATD_GREET_AFTER=0. TERM or INT drains, a second one stops now.");
    add_stream_flags(app, typed, options);
    add_history_flags(app, typed, options);
    add_websocket_flags(app, typed, options);
    add_datagram_flags(app, typed, options);
    app.add_option("--log-level", options.log_level, "debug, info, warning or error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->envname("CHATD_LOG_LEVEL")
        ->capture_default_str();
    bool check_store = false;
    app.add_flag("--check-store", check_store, "look what is kept over for damage, and exit");
    CLI::App* exporting = app.add_subcommand(
        "export", "print a room's history, a line a message, also beside a running chatd");
    exporting->add_option("ROOM", options.room, "the room, with or without '#'")->required();
    exporting->add_option("--format", typed.export_format, "jsonl: a JSON object a line")
        ->check(CLI::IsMember({"jsonl"}))
        ->capture_default_str();
    exporting->add_option("--state", options.state.directory, "directory of what is kept")
        ->envname("CHATD_STATE");
    app.add_flag("--mask-kernel-features", options.mask_kernel_features)->group("");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(OptionsExit{status_of(ExitCode::ok), app.help()});
    } catch (const CLI::CallForVersion&) {
        return std::unexpected(OptionsExit{status_of(ExitCode::ok), "chatd " CHATD_VERSION "\n"});
    } catch (const CLI::ParseError& error) {
        return std::unexpected(usage(error.what()));
    }
    options.engine.version = CHATD_VERSION;
    if (check_store) options.mode = Mode::check_store;
    if (exporting->parsed()) {
        const wire::Errc error = chat::check_room(wire::bare_room(options.room));
        if (error != wire::Errc::none) {
            std::string_view rule = wire::text_of(error);
            rule.remove_suffix(1);  // its full stop: the line goes on
            return std::unexpected(usage(fmt::format("ROOM {}: {}", options.room, rule)));
        }
        options.mode = Mode::export_room;
    }
    if (auto applied = apply(typed, options); !applied) return std::unexpected(applied.error());
    return options;
}

}  // namespace chatd::server
