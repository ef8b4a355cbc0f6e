#pragma once
// What the command line asks for. A plain value; any thread.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "chatd/client/exit_code.hpp"
#include "chatd/client/target.hpp"
#include "load/adapter.hpp"

namespace chatd::load {

inline constexpr std::uint32_t connections_max = 100'000;
inline constexpr double seconds_max = 3600;
inline constexpr std::uint64_t window_max = 1'000'000;

struct Options {
    Protocol protocol = Protocol::chatd;
    std::optional<Protocol> publish_as;  ///< what publishers speak, if it is something else
    bool unanswered = false;             ///< JSON-RPC: say without an id
    client::Target target;

    std::uint32_t listeners = 100;
    std::uint32_t publishers = 1;  ///< besides the listeners
    bool everyone = false;         ///< the listeners publish, nobody else does
    std::uint32_t idle = 0;        ///< only open so many connections and hold them

    std::size_t body_bytes = 64;
    double rate = 0;           ///< messages a second, open loop; 0 = saturate within the window
    std::uint64_t window = 1;  ///< messages in flight to the slowest listener
    bool bursts = false;       ///< say a whole window when all of the last one has arrived
    std::uint64_t count = 0;   ///< messages in the measured part; 0 = as many as `seconds` allow
    double seconds = 5;
    double warmup_seconds = 0.5;
    double stall_seconds = 5;  ///< nothing arrived for so long: what is missing is lost

    std::string room = "lobby";
    std::string nick_prefix = "u";
    pid_t server_pid = 0;  ///< 0 = don't measure the server
    bool json = false;
    bool progress = false;

    bool paced() const noexcept { return rate > 0; }
    /// Listeners to events cannot speak; without a word text speaks to them.
    Protocol publishing() const noexcept {
        return publish_as.value_or(protocol == Protocol::sse ? Protocol::chatd : protocol);
    }
    std::uint32_t publisher_count() const noexcept { return everyone ? listeners : publishers; }
    std::uint32_t connection_count() const noexcept {
        return idle != 0 ? idle : listeners + (everyone ? 0 : publishers);
    }
};

/// The adapter of a run, for all its members.
std::unique_ptr<Adapter> adapter_of(const Options& options, Venue venue);

/// The options, or how to end at once: after --help, or a mistake that was explained on stderr.
std::variant<Options, client::ExitCode> parse_options(int argc, char** argv);

}  // namespace chatd::load
