#include "options.hpp"

#include <string_view>

#include "parsing.hpp"

namespace chatd::terminal {

namespace {

struct Subcommand {
    std::string_view name;
    Parsed (*parse)(int argc, const char* const* argv);
};

constexpr Subcommand subcommands[] = {
    {"say", parse_say}, {"tail", parse_tail},       {"msg", parse_msg},
    {"who", parse_who}, {"search", parse_search},   {"export", parse_export},
    {"udp", parse_udp}, {"forward", parse_forward},
};

}  // namespace

std::expected<Options, client::ExitCode> parse_options(int argc, const char* const* argv) {
    for (const Subcommand& subcommand : subcommands) {
        if (argc > 1 && argv[1] == subcommand.name) return subcommand.parse(argc - 1, argv + 1);
    }
    return parse_chat(argc, argv);
}

}  // namespace chatd::terminal
