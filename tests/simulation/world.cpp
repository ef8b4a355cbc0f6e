#include "simulation/world.hpp"

#include <algorithm>

#include "simulation/faults.hpp"

namespace chatd::simulation {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t calm_turns_max = 20'000;
constexpr Duration parting_time_max = seconds(40);

ClientKind draw_kind(Prng& prng, const Plan& plan) {
    if (prng.chance(plan.stranger_percent)) return ClientKind::stranger;
    if (prng.chance(plan.silent_percent)) return ClientKind::silent;
    return prng.chance(plan.websocket_percent) ? ClientKind::websocket : ClientKind::text;
}

}  // namespace

World::World(std::uint64_t seed, Tally& tally)
    : prng_(seed),
      plan_(draw_plan(prng_)),
      tally_(tally),
      engine_(plan_.config, plan_.datagrams, now_),
      model_(plan_.tight),
      peers_(plan_, engine_, prng_) {}

World::~World() {
    const engine::Counters& counters = engine_.counters();
    ++tally_.worlds;
    tally_.connections += counters.connections_opened;
    tally_.messages += counters.messages;
    tally_.deliveries += counters.deliveries;
    tally_.sends += counters.sends;
    tally_.sends_short += counters.sends_short;
    tally_.gaps += counters.gaps;
    tally_.segments_unlinked += engine_.log_totals().segments_unlinked;
    tally_.slow_closed += counters.dropped[static_cast<std::size_t>(engine::Drop::slow_closed)];
    tally_.private_messages += counters.private_messages;
    tally_.events += counters.events;
    tally_.datagrams += peers_.relayed_count();
}

void World::run() {
    for (std::uint32_t count = 0; count < plan_.turn_count; ++count)
        turn(draw_step());
    calm_down();
    part();
    check_end();
}

// Mostly short steps, now and then up to the engine's next deadline or far beyond it.
Duration World::draw_step() {
    const std::uint64_t kind = prng_.below(100);
    if (kind < 60) return microseconds(prng_.below(2'000));
    if (kind < 85) return milliseconds(prng_.below(50));
    if (kind < 95) {
        const Time next = engine_.next_deadline();
        return std::clamp<Duration>(next == time_never ? Duration::zero() : next - now_,
                                    Duration::zero(), seconds(3));
    }
    return milliseconds(prng_.below(5'000));
}

void World::turn(Duration step) {
    now_ += step;
    busy_ = 0;
    ++tally_.turns;
    if (!calm_) {
        populate();
        act();
        peers_.speak(now_);
    }
    network();
    end_turn();
    check_turn();
}

// -- clients -------------------------------------------------------------------------------------

void World::populate() {
    const auto present = static_cast<std::uint32_t>(std::count_if(
        clients_.begin(), clients_.end(), [](const auto& client) { return client->writes(); }));
    if (present >= plan_.client_count || !prng_.chance(40)) return;
    auto owned = std::make_unique<Client>(model_, draw_kind(prng_, plan_),
                                          static_cast<std::uint32_t>(clients_.size()));
    Client& client = *owned;
    clients_.push_back(std::move(owned));
    client.heard_at = now_;
    client.id = engine_.stream_opened(true, now_);
    if (by_index_.size() <= client.id.index) by_index_.resize(client.id.index + 1);
    if (by_index_[client.id.index] != nullptr) violate("ids", "an id is given twice");
    by_index_[client.id.index] = &client;
    model_.enter(client.person);
    client.open(prng_, plan_);
}

void World::act() {
    if (clients_.empty()) return;
    for (std::uint64_t count = prng_.below(plan_.acts_per_turn_max + 1); count > 0; --count) {
        Client& client = *clients_[prng_.below(clients_.size())];
        if (client.writes()) client.act(prng_, plan_, model_, plan_.draw_act(prng_));
    }
}

// -- the turn ------------------------------------------------------------------------------------

void World::end_turn() {
    // Timers run before connections are ended, so what is told of those comes after who then joins.
    const std::uint64_t told_before = model_.room(lobby).told.size();
    engine_.turn_ended(now_);
    sync(nullptr);
    for (const auto& client : clients_)
        listen(*client, told_before);
    for (const engine::Output& output : engine_.outputs())
        carry_out(output);
    busy_ += engine_.outputs().size();
    engine_.clear_outputs();
    outputs_seen_ = 0;
    peers_.turn_ended(now_);
}

void World::check_turn() {
    engine_.check_invariants();
    const chat::LogTotals& totals = engine_.log_totals();
    const chat::LogLimits& limits = plan_.config.log;
    if (totals.canonical_bytes > limits.total_bytes_max)
        violate("bounds", "canonical bytes of all rooms");
    std::uint64_t flights = 0;
    bool going = false;
    for (const auto& client : clients_) {
        if (!client->flight) continue;
        ++flights;
        going |= client->flight->cancelled || client->closing;
    }
    if (totals.pins > flights) violate("pins", "more spans are pinned than sends fly");
    if (totals.unlinked_bytes > limits.unlinked_bytes_max && !going) {
        violate("bounds", "unlinked bytes, and no send that holds them was cancelled");
    }
}

// Faults stop: everything must arrive.
void World::calm_down() {
    calm_ = true;
    std::uint32_t idle = 0;
    for (std::uint32_t count = 0; idle < 3; ++count) {
        if (count == calm_turns_max) violate("settles", "the world does not come to rest");
        turn(microseconds(200));
        idle = busy_ == 0 ? idle + 1 : 0;
    }
    for (const auto& owned : clients_) {
        Client& client = *owned;
        if (client.ending || client.fails || client.fin_came || client.person.input_over) continue;
        if (client.kind == ClientKind::stranger || client.end_unknown) continue;
        if (client.person.paused) violate("resumes", "reading stays paused");
        if (client.has_ready_request()) violate("all_answers", "a request was not carried out");
        client.reader.check_complete();
    }
}

void World::part() {
    if (plan_.drains) {
        engine_.drain_begun(now_);
        drained_ = true;
        for (const auto& client : clients_) {
            if (client->closed || client->ending || client->person.input_over) continue;
            client->person.input_over = true;
            client->person.requests.clear();
            if (!client->end_unknown) client->person.until = model_.now();
        }
        sync(nullptr);
    }
    for (const auto& client : clients_) {
        if (plan_.drains && prng_.chance(50)) continue;
        (prng_.chance(70) ? client->fin_queued : client->reset_queued) = true;
    }
    const Time latest = now_ + parting_time_max;
    while (engine_.connection_count() > 0) {
        if (now_ > latest) violate("ends", "connections are left after all have gone");
        const Time next = engine_.next_deadline();
        const Duration wait = next == time_never ? Duration(seconds(1)) : next - now_;
        turn(std::clamp<Duration>(wait, milliseconds(1), milliseconds(500)));
    }
}

void World::check_end() {
    const chat::LogTotals& totals = engine_.log_totals();
    if (totals.pins != 0) violate("pins", "spans stay pinned after all have gone");
    if (totals.unlinked_bytes != 0) violate("pins", "unlinked bytes stay after all have gone");
    for (const auto& client : clients_) {
        if (!client->closed) violate("ends", "an id is not free after all have gone");
    }
    engine_.check_invariants();
    if (engine_.metrics().empty()) violate("ends", "no metrics");
}

}  // namespace chatd::simulation
