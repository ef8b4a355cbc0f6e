#include "simulation/plan.hpp"

namespace chatd::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Mostly small numbers, now and then large ones: 2^between(low, high) and a little more.
std::size_t draw_size(Prng& prng, std::uint64_t low_bits, std::uint64_t high_bits) {
    const std::size_t power = std::size_t{1} << prng.between(low_bits, high_bits);
    return power + prng.below(power);
}

// A condition of the weather: absent in half of the worlds.
std::uint32_t draw_percent(Prng& prng, std::uint32_t percent_max) {
    return prng.chance(50) ? 0 : static_cast<std::uint32_t>(prng.between(1, percent_max));
}

void draw_limits(Prng& prng, Plan& plan) {
    engine::EngineConfig& config = plan.config;
    config.log.segment_bytes_min = draw_size(prng, 7, 10);
    config.log.segment_bytes_max = config.log.segment_bytes_min << prng.below(3);
    config.log.room_bytes_max = draw_size(prng, 9, 15);
    config.log.total_bytes_max = config.log.room_bytes_max * prng.between(1, 4);
    config.log.unlinked_bytes_max = draw_size(prng, 8, 14);
    config.span_bytes_max = draw_size(prng, 6, 13);
    config.span_bytes_slow_max = config.span_bytes_max >> prng.below(3);
    config.gather_bytes_max = draw_size(prng, 5, 11);
    plan.tight = prng.chance(25);
    if (plan.tight) config.stream_bytes_max = draw_size(prng, 9, 11);
    config.input_bytes_max = 64 * 1024;
    // Enough for an unfinished line of everybody: who is closed for want of it (1013) is not
    // modelled.
    config.reassembly_bytes_max = draw_size(prng, 18, 20);
    config.slow_reader = prng.chance(75) ? engine::SlowReader::oldest : engine::SlowReader::close;
    config.seed = prng.next();
    if (prng.chance(30)) config.listen_after = Duration::zero();
    if (prng.chance(30)) config.greet_after = Duration::zero();
    config.websocket_ping_interval = seconds(prng.chance(50) ? 0 : prng.between(1, 25));
    config.can_ask_unsent = prng.chance(50);
}

void draw_people(Prng& prng, Plan& plan) {
    plan.client_count = static_cast<std::uint32_t>(prng.between(2, prng.chance(20) ? 16 : 7));
    plan.room_count = static_cast<std::uint32_t>(prng.between(1, 4));
    plan.turn_count = static_cast<std::uint32_t>(prng.between(10, prng.chance(10) ? 250 : 70));
    plan.acts_per_turn_max = static_cast<std::uint32_t>(prng.between(1, prng.chance(20) ? 40 : 8));
    plan.websocket_percent = static_cast<std::uint32_t>(prng.chance(30) ? 0 : prng.below(101));
    plan.silent_percent = draw_percent(prng, 30);
    plan.stranger_percent = draw_percent(prng, 20);
    plan.body_bytes_max = static_cast<std::uint32_t>(draw_size(prng, 3, 8));
    plan.peer_count = static_cast<std::uint32_t>(prng.chance(60) ? 0 : prng.between(1, 6));
    plan.drains = prng.chance(20);
    plan.datagrams.peers_loopback_max = 0;
    plan.datagrams.train_segments_max = static_cast<std::uint32_t>(prng.between(1, 64));
}

void draw_weather(Prng& prng, Plan& plan) {
    plan.weather = {
        .send_short = draw_percent(prng, 50),
        .send_fails = draw_percent(prng, 3),
        .send_pauses = draw_percent(prng, 80),
        .send_pieces = draw_percent(prng, 90),
        .stall = draw_percent(prng, 10),
        .never_reads = draw_percent(prng, 20),
        .cancel_ignored = draw_percent(prng, 40),
        .input_pauses = draw_percent(prng, 60),
        .input_bytewise = draw_percent(prng, 20),
        .input_lines = plan.tight ? 90 : draw_percent(prng, 50),
        .datagram_lost = draw_percent(prng, 30),
        .datagram_doubled = draw_percent(prng, 30),
        .datagram_late = draw_percent(prng, 30),
    };
}

void draw_weights(Prng& prng, Plan& plan) {
    // In the order of Act. Saying is what all else is about: it is never off.
    constexpr std::array<std::uint32_t, act_count> usual{60, 8, 3, 4, 12, 10, 8, 3, 2, 6, 5,
                                                         1,  4, 2, 4, 3,  1,  2, 1, 4, 1, 1};
    for (std::size_t act = 0; act < act_count; ++act) {
        const bool on = act == 0 || prng.chance(60);
        plan.weights[act] = on ? usual[act] : 0;
    }
    // What the relay was given must be known at once, which a paused talker does not allow.
    if (plan.tight) plan.weights[static_cast<std::size_t>(Act::hex)] = 0;
    for (const std::uint32_t weight : plan.weights)
        plan.weight_sum += weight;
}

}  // namespace

Act Plan::draw_act(Prng& prng) const noexcept {
    std::uint64_t left = prng.below(weight_sum);
    std::size_t act = 0;
    while (left >= weights[act])
        left -= weights[act++];
    return static_cast<Act>(act);
}

Plan draw_plan(Prng& prng) {
    Plan plan;
    draw_limits(prng, plan);
    draw_people(prng, plan);
    draw_weather(prng, plan);
    draw_weights(prng, plan);
    return plan;
}

}  // namespace chatd::simulation
