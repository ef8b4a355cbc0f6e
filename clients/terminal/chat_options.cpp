// The command line of chatcli itself.

#include <fmt/core.h>

#include "chatd/base/version.hpp"
#include "chatd/wire/shown.hpp"
#include "parsing.hpp"

namespace chatd::terminal {

namespace {

constexpr const char* chat_about =
    "A chat in the terminal: type a line to talk, /help lists the commands and keys.\n"
    "With a pipe at either end it is scriptable: lines in, lines out; at the end of its\n"
    "input it half-closes, prints what still comes and ends. Each of these has its own --help:\n"
    "chatcli say, tail, msg, who, search, export, forward, top and udp.";

constexpr const char* chat_footer =
    "Keys: Tab completes, up and down recall lines, PgUp and the wheel show what was said\n"
    "before (Shift selects text with the mouse), Alt-up and Alt-down change rooms, Ctrl-C\n"
    "clears the line (twice: the end), Ctrl-D ends. Under --nick you are the same person\n"
    "when you are back ($XDG_STATE_HOME/chatcli); /quit is for good. NO_COLOR=1 and\n"
    "TERM=dumb are respected.\n"
    "Exit codes: 0 ok, 1 nick or room refused (piped) or closed by the server, 64 usage,\n"
    "69 cannot connect, 74 I/O error, 75 timed out, 130 interrupted.";

// A command that was mistyped is taken for HOST, and has words behind it.
Parsed refuse_more(const CLI::App& app, std::string_view target,
                   const std::vector<std::string>& more) {
    std::string shown;
    if (more.front().starts_with('-') || target.empty()) {
        wire::append_shown(shown, more.front());
        return refuse(app, fmt::format("The following argument was not expected: {}", shown));
    }
    wire::append_shown(shown, target);
    return refuse(app, fmt::format("{} is no command: there are say, tail, msg, who, search, "
                                   "export, forward, top and udp.",
                                   shown));
}

}  // namespace

Parsed parse_chat(int argc, const char* const* argv) {
    CLI::App app(chat_about, "chatcli");
    app.footer(chat_footer);
    app.set_version_flag("--version", "chatcli " CHATD_VERSION);
    ChatOptions options;
    ServerFlags flags;
    std::string target;
    double wait_seconds = 15;
    app.add_option("HOST[:PORT]", target, "where chatd is (default localhost:4399)");
    app.allow_extras();  // to say more of them than that they are unexpected
    add_server_options(app, flags);
    app.add_option("--nick", options.nick, "be called this");
    app.add_option("--room", options.room, "join this room first (with or without #)");
    app.add_flag("--plain", options.plain, "lines in, lines out: no screen and no colours");
    app.add_option("--wait", wait_seconds,
                   "seconds of silence to bear after the end of input (default 15)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, wait_seconds_max).description(""));
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto more = app.remaining(); !more.empty()) return refuse_more(app, target, more);
    if (!is_word(options.nick)) return refuse(app, "--nick takes one word.");
    if (!is_word(options.room)) return refuse(app, "--room takes one word.");
    if (!target.empty() && !flags.servers.empty()) {
        return refuse(app, "write HOST[:PORT] or --server, not both.");
    }
    if (!target.empty()) flags.servers = target;
    auto at = server_options(flags);
    if (!at) return refuse(app, at.error());
    options.at = std::move(*at);
    options.wait_max =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(wait_seconds));
    return options;
}

}  // namespace chatd::terminal
