#pragma once
// What one world with a store is like, drawn from its seed: the engine's limits, who is there, what
// they do, and how the disk and the readers behave.

#include <cstdint>

#include "chatd/base/prng.hpp"
#include "chatd/engine/config.hpp"

namespace chatd::simulation {

/// How the disk behaves, each in percent of the turns.
struct DiskWeather {
    std::uint32_t stall = 0;      ///< nothing is written or read for a while
    std::uint32_t trouble = 0;    ///< it is full for a while: writes fail, reads are refused
    std::uint32_t late = 0;       ///< what is done is not told in this turn
    std::uint32_t group_max = 1;  ///< requests that it carries out in a turn
};

struct StorePlan {
    engine::EngineConfig config;
    DiskWeather disk;
    std::uint32_t bot_count = 0;
    std::uint32_t turn_count = 0;
    std::uint32_t acts_per_turn_max = 0;
    std::uint32_t room_count = 1;
    // Each in percent of the occasions.
    std::uint32_t crash = 0;        ///< of turns: `kill -9`
    std::uint32_t stop = 0;         ///< of turns: a clean stop
    std::uint32_t reset = 0;        ///< of acts: a connection breaks
    std::uint32_t resend = 0;       ///< of acts: what was said under a key is said again
    std::uint32_t unasked = 0;      ///< of lines: nobody waits for the answer
    std::uint32_t rejoin = 0;       ///< of acts
    std::uint32_t older_since = 0;  ///< of resumes: from further back than was read
    std::uint32_t reader_stalls = 0;
    std::uint32_t send_short = 0;
    std::uint32_t input_cut = 0;

    bool backfills() const noexcept { return config.slow_reader == engine::SlowReader::backfill; }
};

StorePlan draw_store_plan(Prng& prng);

}  // namespace chatd::simulation
