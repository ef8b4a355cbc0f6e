#include "simulation/store_plan.hpp"

#include <chrono>

namespace chatd::simulation {

namespace {

using std::chrono::minutes;

std::uint32_t draw_between(Prng& prng, std::uint64_t low, std::uint64_t high) {
    return static_cast<std::uint32_t>(prng.between(low, high));
}

// Absent in a third of the worlds.
std::uint32_t draw_percent(Prng& prng, std::uint32_t percent_max) {
    return prng.chance(33) ? 0 : draw_between(prng, 1, percent_max);
}

void draw_limits(Prng& prng, StorePlan& plan) {
    engine::EngineConfig& config = plan.config;
    config.keeps_history = true;
    config.log.segment_bytes_min = std::size_t{128} << prng.below(3);
    config.log.segment_bytes_max = config.log.segment_bytes_min << prng.below(2);
    // What is said in a turn fits, so that a reader who keeps up never needs the store.
    config.log.room_bytes_max = std::size_t{2'048} << prng.below(3);
    config.log.total_bytes_max = config.log.room_bytes_max * 4;
    config.store_queue_max = prng.chance(50) ? prng.between(3, 24) : 1'000;
    config.room_kept = prng.chance(50) ? Duration::zero() : Duration(minutes(10));
    config.slow_reader =
        prng.chance(80) ? engine::SlowReader::backfill : engine::SlowReader::oldest;
    config.listen_after = Duration::zero();
    config.unix_start = 1'800'000'000'000 + static_cast<UnixMs>(prng.below(1'000));
}

}  // namespace

StorePlan draw_store_plan(Prng& prng) {
    StorePlan plan;
    draw_limits(prng, plan);
    plan.disk = {.stall = draw_percent(prng, 15),
                 .trouble = draw_percent(prng, 6),
                 .late = draw_percent(prng, 60),
                 .group_max = draw_between(prng, 1, prng.chance(50) ? 4 : 60)};
    plan.bot_count = draw_between(prng, 1, 5);
    plan.room_count = draw_between(prng, 1, 3);
    plan.turn_count = draw_between(prng, 20, prng.chance(20) ? 200 : 80);
    plan.acts_per_turn_max = draw_between(prng, 1, 6);
    plan.crash = draw_percent(prng, 6);
    plan.stop = draw_percent(prng, 3);
    plan.reset = draw_percent(prng, 10);
    plan.resend = draw_percent(prng, 30);
    plan.unasked = draw_percent(prng, 70);
    plan.rejoin = draw_percent(prng, 10);
    plan.older_since = draw_percent(prng, 40);
    plan.reader_stalls = draw_percent(prng, 15);
    plan.send_short = draw_percent(prng, 30);
    plan.input_cut = draw_percent(prng, 30);
    return plan;
}

}  // namespace chatd::simulation
