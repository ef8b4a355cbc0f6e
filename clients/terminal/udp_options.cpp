// The command line of `chatcli udp`.

#include <map>

#include "parsing.hpp"

namespace chatd::terminal {

namespace {

constexpr std::uint64_t count_max = 1'000'000'000'000;  // so that -1 is not taken for one
constexpr double rate_hz_max = 1e6;
constexpr std::uint64_t wait_ms_max = 86'400'000;
constexpr std::chrono::milliseconds expect_wait_default{1000};

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

}  // namespace

Parsed parse_udp(int argc, const char* const* argv) {
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
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    auto parsed = client::parse_target(target, client::udp_port_default);
    if (!parsed) return refuse(app, parsed.error());
    options.target = std::move(*parsed);
    options.payload = payload_of(app, flags);
    if (flags.wait_ms > 0) {
        options.reply_wait = std::chrono::milliseconds(flags.wait_ms);
    } else if (!options.expected_hex.empty() && !options.listen) {
        options.reply_wait = expect_wait_default;
    }
    if (app.count("--replies") > 0 && !options.waits()) {
        return refuse(app, "--replies needs --wait-reply or --listen.");
    }
    if (options.listen && app.count("--replies") == 0) options.replies = 0;
    if (options.replies == 0 && !options.reply_wait) options.listen = true;
    return options;
}

}  // namespace chatd::terminal
