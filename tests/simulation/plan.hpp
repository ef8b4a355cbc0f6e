#pragma once
// What one world is like, drawn from its seed: the engine's limits, how many clients there are,
// what they do and what the network does to them. Swarm testing: in every world some actions are
// switched off entirely, so that the rest meets states it otherwise would not reach.

#include <array>
#include <cstdint>

#include "chatd/base/prng.hpp"
#include "chatd/engine/config.hpp"
#include "chatd/engine/datagrams.hpp"

namespace chatd::simulation {

/// What a client may do next.
enum class Act : std::uint8_t {
    say,
    action,    ///< /me
    say_long,  ///< up to a whole line
    nick,
    join,
    leave,
    msg,
    who,
    rooms,
    ping,
    notices,
    help,
    refused,  ///< what is answered by FAIL: bad UTF-8, NUL, too long, no command
    empty,    ///< an empty line
    hex,      ///< a datagram to the raw peers
    dgram,    ///< sees datagrams, or no longer
    quit,
    half_close,
    reset,
    websocket_ping,
    websocket_close,
    websocket_bad,  ///< a frame against the rules
};
inline constexpr std::size_t act_count = 22;

/// What the network and the readers do, each in percent of the occasions.
struct Weather {
    std::uint32_t send_short = 0;      ///< a send completes short though nothing was wrong
    std::uint32_t send_fails = 0;      ///< a send completes with an error
    std::uint32_t send_pauses = 0;     ///< a send makes no progress in a turn
    std::uint32_t send_pieces = 0;     ///< progress is a few bytes rather than all
    std::uint32_t stall = 0;           ///< a reader stops for long
    std::uint32_t never_reads = 0;     ///< a client that never reads at all
    std::uint32_t cancel_ignored = 0;  ///< a cancelled send only comes back after the close
    std::uint32_t input_pauses = 0;    ///< input waits in a turn
    std::uint32_t input_bytewise = 0;  ///< input comes one byte at a time
    std::uint32_t input_lines = 0;     ///< input is cut behind each newline
    std::uint32_t datagram_lost = 0;
    std::uint32_t datagram_doubled = 0;
    std::uint32_t datagram_late = 0;  ///< overtaken by the next
};

struct Plan {
    engine::EngineConfig config;
    engine::DatagramsConfig datagrams;
    std::uint32_t client_count = 0;  ///< at a time
    std::uint32_t peer_count = 0;    ///< raw datagram peers
    std::uint32_t turn_count = 0;
    std::uint32_t acts_per_turn_max = 0;
    std::uint32_t room_count = 1;
    std::uint32_t websocket_percent = 0;
    std::uint32_t silent_percent = 0;
    std::uint32_t stranger_percent = 0;  ///< speaks something else: HTTP, TLS, JSON, noise
    std::uint32_t body_bytes_max = 0;
    bool tight = false;   ///< stream buffers so small that reading pauses
    bool drains = false;  ///< the world ends by a drain rather than by its clients
    std::array<std::uint32_t, act_count> weights{};
    std::uint32_t weight_sum = 0;
    Weather weather;

    Act draw_act(Prng& prng) const noexcept;
};

Plan draw_plan(Prng& prng);

}  // namespace chatd::simulation
