#include "options.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string_view>

#include "chatd/wire/shown.hpp"
#include "output.hpp"

namespace chatd::terminal {

namespace {

using client::ExitCode;

constexpr std::uint64_t count_max = 1'000'000'000'000;  // so that -1 is not taken for one
constexpr double rate_hz_max = 1e6;
constexpr double wait_seconds_max = 86'400;
constexpr std::uint64_t wait_ms_max = 86'400'000;
constexpr std::chrono::milliseconds expect_wait_default{1000};

constexpr const char* chat_about =
    "A chat in the terminal: type a line to talk, /help lists the commands and keys.\n"
    "With a pipe at either end it is scriptable: lines in, lines out; at the end of its\n"
    "input it half-closes, prints what still comes and ends. 'chatcli udp --help' is about\n"
    "datagrams, 'chatcli top --help' about who is connected.";

constexpr const char* chat_footer =
    "Keys: Tab completes, up and down recall lines, PgUp and the wheel show what was said\n"
    "before (Shift selects text with the mouse), Alt-up and Alt-down change rooms, Ctrl-C\n"
    "clears the line (twice: the end), Ctrl-D ends. Under --nick you are the same person\n"
    "when you are back ($XDG_STATE_HOME/chatcli); /quit is for good. NO_COLOR=1 and\n"
    "TERM=dumb are respected.\n"
    "Exit codes: 0 ok, 1 nick or room refused (piped) or closed by the server, 64 usage,\n"
    "69 cannot connect, 74 I/O error, 75 timed out, 130 interrupted.";

constexpr const char* udp_about =
    "Sends datagrams to a chatd room as they are, prints what comes back, checks it.\n"
    "Without a payload option every line of standard input is one datagram in hex, and\n"
    "replies are shown while it is open.";

constexpr const char* udp_footer =
    "Hex: 'de ad be ef', 'deadbeef', '0xde,0xad', '\\xde\\xad', 'DE:AD-BE_EF'; blank lines and\n"
    "lines that begin with # are skipped on standard input. At most 1,200 bytes a datagram:\n"
    "more is refused, never cut. In a room everybody's datagrams are replies; one that is\n"
    "not expected is shown and passed over. At the end an empty datagram leaves the room.\n"
    "Exit codes: 0 got it, 1 other datagrams came than the expected, 64 usage or bad hex,\n"
    "69 nobody there, 74 I/O error, 75 timed out, 130 interrupted.\n"
    "  chatcli udp --hex 'de ad be ef'\n"
    "  chatcli udp --text ping --expect-hex '70 6f 6e 67' --wait-reply 500\n"
    "  chatcli udp --text hello --listen --print json --time";

struct UdpFlags {
    std::string hex, text, path, stdin_mode;
    std::uint64_t wait_ms = 0;
};

std::unexpected<ExitCode> complain(const CLI::App& app, std::string_view what) {
    write_all(STDERR_FILENO,
              fmt::format("{0}: {1}\n{0} --help tells more.\n", app.get_name(), what));
    return std::unexpected(ExitCode::usage);
}

// Prints what CLI11 has to say; help goes to standard output, a complaint to standard error.
ExitCode report(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
        app.exit(error);
        return ExitCode::ok;
    }
    std::string what;
    wire::append_shown(what, error.what());
    return complain(app, what).error();
}

// A blank or a control character in a name would make a second command of it.
bool is_word(std::string_view text) noexcept {
    for (const char byte : text) {
        if (static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7f) return false;
    }
    return true;
}

std::expected<Options, ExitCode> parse_chat(int argc, const char* const* argv) {
    CLI::App app(chat_about, "chatcli");
    app.footer(chat_footer);
    app.set_version_flag("--version", "chatcli " CHATD_VERSION);
    ChatOptions options;
    std::string target;
    double wait_seconds = 15;
    app.add_option("HOST[:PORT]", target, "where chatd is (default localhost:4399)");
    app.add_option("--nick", options.nick, "be called this");
    app.add_option("--room", options.room, "join this room first (with or without #)");
    app.add_flag("--plain", options.plain, "lines in, lines out: no screen and no colours");
    app.add_option("--wait", wait_seconds,
                   "seconds of silence to bear after the end of input (default 15)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, wait_seconds_max).description(""));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return std::unexpected(report(app, error));
    }
    if (!is_word(options.nick)) return complain(app, "--nick takes one word.");
    if (!is_word(options.room)) return complain(app, "--room takes one word.");
    auto parsed = client::parse_target(target, client::tcp_port_default);
    if (!parsed) return complain(app, parsed.error());
    options.target = std::move(*parsed);
    options.wait_max =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(wait_seconds));
    return options;
}

void add_payload_options(CLI::App& app, UdpFlags& flags) {
    auto* group = app.add_option_group("Payload");
    group->add_option("--hex", flags.hex, "these bytes, in hex");
    group->add_option("--text", flags.text, "this text, as it is");
    group->add_option("--file", flags.path, "the bytes of this file");
    group
        ->add_option("--stdin", flags.stdin_mode,
                     "hex-lines: each line a datagram; raw: all of it one datagram")
        ->check(CLI::IsMember({"hex-lines", "raw"}).description(""));
    group->require_option(0, 1);
}

void add_reply_options(CLI::App& app, UdpOptions& options, UdpFlags& flags) {
    app.add_option("--wait-reply", flags.wait_ms,
                   "wait up to MS for a reply after the last datagram (75 if none comes)")
        ->check(CLI::Range(std::uint64_t{1}, wait_ms_max).description(""))
        ->type_name("MS");
    app.add_option("--replies", options.replies,
                   "how many to wait for (default 1; 0 = all that come in the time)")
        ->check(CLI::Range(std::uint64_t{0}, count_max).description(""));
    app.add_option("--expect-hex", options.expected_hex,
                   "a reply must be exactly this; repeat it for several, in order (waits 1 s\n"
                   "unless --wait-reply says otherwise)")
        ->expected(1)
        ->take_all();
    app.add_flag(
        "--listen", options.listen,
        "print all that comes, until --replies have come, --wait-reply is over,\nor Ctrl-C");
    const std::map<std::string, PrintStyle> styles{
        {"auto", PrintStyle::automatic}, {"text", PrintStyle::text}, {"hex", PrintStyle::hex},
        {"dump", PrintStyle::dump},      {"json", PrintStyle::json}, {"raw", PrintStyle::raw}};
    app.add_option("--print", options.print,
                   "auto (text, else a dump), text, hex, dump, json or raw")
        ->transform(CLI::CheckedTransformer(styles).description(""))
        ->type_name("STYLE");
    app.add_flag("--time", options.show_time,
                 "show the milliseconds since the last datagram was sent");
}

PayloadOption payload_of(const CLI::App& app, const UdpFlags& flags) {
    if (app.count("--hex") > 0) return HexPayload{flags.hex};
    if (app.count("--text") > 0) return TextPayload{flags.text};
    if (app.count("--file") > 0) return FilePayload{flags.path};
    if (flags.stdin_mode == "raw") return StdinRaw{};
    return StdinHexLines{};
}

std::expected<Options, ExitCode> parse_udp(int argc, const char* const* argv) {
    CLI::App app(udp_about, "chatcli udp");
    app.footer(udp_footer);
    UdpOptions options;
    UdpFlags flags;
    std::string target;
    bool raw = false;
    app.add_option("HOST[:PORT]", target, "where chatd is (default localhost:8080)");
    add_payload_options(app, flags);
    app.add_option("--count", options.count,
                   "send each datagram so many times (0 = until interrupted)")
        ->check(CLI::Range(std::uint64_t{0}, count_max).description(""));
    app.add_option("--rate", options.rate_hz, "datagrams a second (default: as fast as it goes)")
        ->check(CLI::Range(0.001, rate_hz_max).description(""))
        ->type_name("HZ");
    add_reply_options(app, options, flags);
    app.add_flag("--allow-empty", options.allow_empty, "an empty payload is meant (it leaves)");
    app.add_flag("--stay", options.stay, "do not leave the room at the end");
    app.add_flag("--raw", raw, "bytes without any header (the only mode so far)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return std::unexpected(report(app, error));
    }
    auto parsed = client::parse_target(target, client::udp_port_default);
    if (!parsed) return complain(app, parsed.error());
    options.target = std::move(*parsed);
    options.payload = payload_of(app, flags);
    if (flags.wait_ms > 0) {
        options.reply_wait = std::chrono::milliseconds(flags.wait_ms);
    } else if (!options.expected_hex.empty() && !options.listen) {
        options.reply_wait = expect_wait_default;
    }
    if (app.count("--replies") > 0 && !options.waits()) {
        return complain(app, "--replies needs --wait-reply or --listen.");
    }
    if (options.listen && app.count("--replies") == 0) options.replies = 0;
    if (options.replies == 0 && !options.reply_wait) options.listen = true;
    return options;
}

}  // namespace

std::expected<Options, ExitCode> parse_options(int argc, const char* const* argv) {
    if (argc > 1 && std::string_view(argv[1]) == "udp") return parse_udp(argc - 1, argv + 1);
    return parse_chat(argc, argv);
}

}  // namespace chatd::terminal
