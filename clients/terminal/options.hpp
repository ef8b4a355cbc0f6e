#pragma once
// The command line of chatcli as plain values. Parsing prints help and complaints itself and says
// how the program ends then; nothing is connected or opened here.

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chatd/base/time.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/target.hpp"
#include "command_options.hpp"

namespace chatd::terminal {

struct ChatOptions {
    ServerOptions at;
    std::string nick;  ///< empty: the server chooses
    std::string room;  ///< empty: the lobby; with or without '#'
    bool plain = false;
    Duration wait_max{};  ///< at the end of input: the longest silence before the server's FIN
};

enum class PrintStyle : std::uint8_t { automatic, text, hex, dump, json, raw };

/// Where the datagrams come from.
struct HexPayload {
    std::string hex;
};
struct TextPayload {
    std::string text;
};
struct FilePayload {
    std::string path;
};
struct StdinHexLines {};  ///< each line of standard input is one datagram
struct StdinRaw {};       ///< standard input to its end is one datagram
using PayloadOption = std::variant<StdinHexLines, StdinRaw, HexPayload, TextPayload, FilePayload>;

struct UdpOptions {
    client::Target target;
    PayloadOption payload;
    std::uint64_t count = 1;             ///< times each datagram is sent; 0 = until interrupted
    double rate_hz = 0;                  ///< 0 = as fast as it goes
    std::optional<Duration> reply_wait;  ///< after the last datagram; unset: none, or no end
    std::uint64_t replies = 1;           ///< how many are waited for; 0 = all until the time is up
    std::vector<std::string> expected_hex;
    bool listen = false;
    bool stay = false;
    bool allow_empty = false;
    bool show_time = false;
    PrintStyle print = PrintStyle::automatic;

    /// True if the end depends on what comes back.
    bool waits() const noexcept { return listen || reply_wait || !expected_hex.empty(); }
};

using Options = std::variant<ChatOptions, UdpOptions, SayOptions, TailOptions, MsgOptions,
                             WhoOptions, SearchOptions, ExportOptions, ForwardOptions>;

/// Reads the command line. The error is how main() ends: ok after --help and --version, else usage;
/// what was wrong has been printed to standard error.
std::expected<Options, client::ExitCode> parse_options(int argc, const char* const* argv);

}  // namespace chatd::terminal
