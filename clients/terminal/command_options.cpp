// The command lines of the scriptable subcommands.

#include "command_options.hpp"

#include <fmt/core.h>

#include "chatd/base/limits.hpp"
#include "chatd/wire/position_text.hpp"
#include "parsing.hpp"

namespace chatd::terminal {

namespace {

constexpr std::uint32_t tail_lines_max = limits::history_page_max;
constexpr std::uint32_t forward_connections_limit = 10'000;
constexpr std::size_t tail_rooms_max = 16;

constexpr const char* exit_codes =
    "Exit codes: 0 ok, 1 refused, 64 usage, 69 cannot connect, 74 the connection or the\n"
    "output broke, 75 timed out, 130 interrupted.";

struct ErrandFlags {
    ServerFlags at;
    double wait_seconds = 15;
};

void add_errand_options(CLI::App& app, ErrandOptions& options, ErrandFlags& flags) {
    app.add_option("--nick", options.nick, "be called this (default: a guest)");
    app.add_flag("--json", options.json, "print JSON, an object a line");
    app.add_option("--wait", flags.wait_seconds,
                   "seconds to bear in which nothing happens (default 15)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, wait_seconds_max).description(""));
    add_server_options(app, flags.at);
}

// Nothing if all is well, else the complaint.
std::optional<std::string> complete(ErrandOptions& options, const ErrandFlags& flags) {
    if (!is_word(options.nick)) return "--nick takes one word.";
    auto at = server_options(flags.at);
    if (!at) return at.error();
    options.at = std::move(*at);
    options.wait_max =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(flags.wait_seconds));
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    return text;
}

// "3:41". A number alone would mean another message after each start without a clean stop.
std::optional<Position> parse_since(std::string_view text) {
    const auto position = wire::parse_position(text);
    return position && position->epoch != 0 ? position : std::nullopt;
}

constexpr const char* since_refusal = "--since takes EPOCH:SEQ, as --json shows them, or all.";

}  // namespace

Parsed parse_say(int argc, const char* const* argv) {
    CLI::App app("Says something in a room and ends when the server has it for sure.",
                 "chatcli say");
    app.footer(
        std::string("'-' says each line of standard input, in order. What is cut off on the\n"
                    "way is said again under its key, so it is said once.\n") +
        exit_codes + "\n  chatcli say --room ops deployed 1.4\n  make 2>&1 | chatcli say -");
    SayOptions options;
    ErrandFlags flags;
    std::vector<std::string> words;
    app.add_option("TEXT", words, "what to say; or - for standard input")->required();
    app.add_option("--room", options.room, "where (default lobby)");
    app.add_flag("--me", options.action, "as an action: * NICK TEXT");
    add_errand_options(app, options.errand, flags);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto wrong = complete(options.errand, flags)) return refuse(app, *wrong);
    if (!is_word(options.room) || options.room.empty()) {
        return refuse(app, "--room takes one word.");
    }
    options.from_input = words.size() == 1 && words.front() == "-";
    if (!options.from_input) options.text = joined(words);
    if (!options.from_input && options.text.empty()) return refuse(app, "there is nothing to say.");
    return options;
}

Parsed parse_tail(int argc, const char* const* argv) {
    CLI::App app("Prints what was said in a room, and with --follow what will be.", "chatcli tail");
    app.footer(
        std::string("Each message once and in order, also over cuts and restarts of the "
                    "server; what is\ngone for good is named on standard error, or as "
                    "\"kind\":\"gap\" in JSON.\n") +
        exit_codes +
        "\n  chatcli tail --room ops --follow\n  chatcli tail --room ops --since 3:41 --json");
    TailOptions options;
    ErrandFlags flags;
    std::string since;
    app.add_option("--room", options.rooms, "which; repeat it for several (default lobby)")
        ->expected(1)
        ->take_all();
    app.add_option("--since", since, "EPOCH:SEQ: what follows that message; all: everything kept")
        ->type_name("POSITION");
    app.add_option("--lines", options.lines, "else so many of the newest of each (default 10)")
        ->check(CLI::Range(std::uint32_t{0}, tail_lines_max).description(""))
        ->excludes("--since");
    app.add_flag("--follow", options.follow, "go on until interrupted");
    add_errand_options(app, options.errand, flags);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto wrong = complete(options.errand, flags)) return refuse(app, *wrong);
    if (options.rooms.empty()) options.rooms.emplace_back("lobby");
    if (options.rooms.size() > tail_rooms_max) {
        return refuse(app, fmt::format("--room can stand there {} times.", tail_rooms_max));
    }
    for (const std::string& room : options.rooms) {
        if (!is_word(room) || room.empty()) return refuse(app, "--room takes one word.");
    }
    options.all = since == "all";
    if (!since.empty() && !options.all) {
        options.since = parse_since(since);
        if (!options.since) return refuse(app, since_refusal);
        if (options.rooms.size() > 1) {
            return refuse(app, "a position is of one room; --since takes all for several.");
        }
    }
    return options;
}

Parsed parse_msg(int argc, const char* const* argv) {
    CLI::App app("Tells one person something in private.", "chatcli msg");
    app.footer(std::string("To somebody who is away it is kept, if they have a session.\n") +
               exit_codes);
    MsgOptions options;
    ErrandFlags flags;
    std::vector<std::string> words;
    app.add_option("NICK", options.to, "whom")->required();
    app.add_option("TEXT", words, "what")->required();
    add_errand_options(app, options.errand, flags);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto wrong = complete(options.errand, flags)) return refuse(app, *wrong);
    options.text = joined(words);
    return options;
}

Parsed parse_who(int argc, const char* const* argv) {
    CLI::App app("Prints who is in a room, a nick a line.", "chatcli who");
    app.footer(exit_codes);
    WhoOptions options;
    ErrandFlags flags;
    app.add_option("--room", options.room, "which (default lobby)");
    add_errand_options(app, options.errand, flags);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto wrong = complete(options.errand, flags)) return refuse(app, *wrong);
    if (!is_word(options.room) || options.room.empty()) {
        return refuse(app, "--room takes one word.");
    }
    return options;
}

Parsed parse_search(int argc, const char* const* argv) {
    CLI::App app("Finds messages: words, \"phrases\", from:NICK, in:ROOM, before:DATE, after:DATE.",
                 "chatcli search");
    app.footer(std::string("Nothing found ends with 1.\n") + exit_codes);
    SearchOptions options;
    ErrandFlags flags;
    std::vector<std::string> words;
    app.add_option("QUERY", words, "what to look for")->required();
    app.add_option("--room", options.room, "in this room alone");
    app.add_option("--limit", options.limit, "how many at most (default 20)")
        ->check(CLI::Range(std::uint32_t{1}, limits::search_skip_max).description(""));
    add_errand_options(app, options.errand, flags);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto wrong = complete(options.errand, flags)) return refuse(app, *wrong);
    if (!is_word(options.room)) return refuse(app, "--room takes one word.");
    options.query = joined(words);
    return options;
}

Parsed parse_export(int argc, const char* const* argv) {
    CLI::App app("Prints all of a room that is kept, oldest first, a JSON object a line.",
                 "chatcli export");
    app.footer(std::string("The lines are those of 'chatd export'. A room without messages ends "
                           "with 1.\n") +
               exit_codes);
    ExportOptions options;
    ErrandFlags flags;
    std::string since;
    app.add_option("ROOM", options.room, "which")->required();
    app.add_option("--since", since, "EPOCH:SEQ: only what follows that message")
        ->type_name("POSITION");
    add_errand_options(app, options.errand, flags);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    if (const auto wrong = complete(options.errand, flags)) return refuse(app, *wrong);
    if (!is_word(options.room) || options.room.empty()) return refuse(app, "ROOM is one word.");
    if (!since.empty()) {
        options.since = parse_since(since);
        if (!options.since) return refuse(app, "--since takes EPOCH:SEQ, as the lines show them.");
    }
    return options;
}

Parsed parse_forward(int argc, const char* const* argv) {
    CLI::App app(
        "Opens a local port for old line clients (nc, telnet) and hides outages of chatd\n"
        "from them.",
        "chatcli forward");
    app.footer(
        "Whoever connects to LOCAL speaks the text dialect. Each connection is a session of its\n"
        "own at REMOTE: while chatd is away lines wait here, then they are said, once, and what\n"
        "was said meanwhile comes, once. Not carried: schedules and datagrams.\n"
        "Exit codes: 0 ended by TERM or INT, 1 some lines could not be said, 64 usage, 69 cannot "
        "listen.\n"
        "  chatcli forward 4400 chat.example.org:4399   and then: nc localhost 4400");
    ForwardOptions options;
    ServerFlags flags;
    std::string local;
    app.add_option("LOCAL", local, "[HOST:]PORT to listen on; a port alone is that of localhost")
        ->required();
    app.add_option("REMOTE", flags.servers, "where chatd is: a,b:4400,[::1]")
        ->required()
        ->type_name("HOST[:PORT],...");
    app.add_option("--connections", options.connections_max, "how many at a time (default 64)")
        ->check(CLI::Range(std::uint32_t{1}, forward_connections_limit).description(""));
    add_server_options(app, flags, false);
    if (const auto end = parse(app, argc, argv)) return std::unexpected(*end);
    auto at = server_options(flags);
    if (!at) return refuse(app, at.error());
    options.at = std::move(*at);
    const bool port_alone = local.find_first_not_of("0123456789") == std::string::npos;
    auto parsed = client::parse_target(port_alone ? "localhost:" + local : local, 0);
    if (!parsed) return refuse(app, "LOCAL: " + parsed.error());
    if (parsed->port == 0) return refuse(app, "LOCAL: a port is missing.");
    options.local = std::move(*parsed);
    return options;
}

}  // namespace chatd::terminal
