#pragma once
// The command line of chatd: flags, then CHATD_* of the environment, then defaults.

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/address.hpp"
#include "chatd/engine/config.hpp"
#include "chatd/engine/datagrams.hpp"

namespace chatd::server {

/// Where to bind. A bare port means both loopbacks with the same number (`both_loopbacks`).
struct BindTarget {
    Address address;
    bool both_loopbacks = false;
};

/// What is kept and where.
struct StateOptions {
    bool history = true;
    std::string directory;  ///< as given; empty: the usual one
    bool sync_full = false;
    std::chrono::milliseconds retain_age{0};  ///< 0: for ever
    std::uint64_t retain_count = 0;           ///< messages a room, 0: all
    std::uint64_t retain_bytes = 0;
};

/// What the program was called for.
enum class Mode : std::uint8_t {
    serve,
    check_store,
    export_room,
};

struct Options {
    Mode mode = Mode::serve;
    std::string room;  ///< of export_room
    StateOptions state;
    std::vector<BindTarget> tcp;
    std::vector<BindTarget> udp;
    engine::EngineConfig engine;
    engine::DatagramsConfig datagrams;
    std::chrono::seconds tcp_user_timeout{300};
    std::string log_level = "info";
    bool mask_kernel_features = false;  ///< use nothing newer than Linux 6.1, for tests
};

/// What to print and how to exit instead of running: --help, --version or a mistake.
struct OptionsExit {
    int code = 0;
    std::string text;
};

/// Reads the command line and the environment. A mistake gives exit_usage and one line that says
/// what was wrong and what to type.
std::expected<Options, OptionsExit> parse_options(int argc, const char* const* argv);

/// "[ADDR:]PORT": "4399", "0.0.0.0:4399", "[::]:4399"; the sentence of what is wrong otherwise.
std::expected<BindTarget, std::string> parse_bind_target(std::string_view text);

}  // namespace chatd::server
