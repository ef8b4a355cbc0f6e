#include "chatd/engine/engine.hpp"

#include <algorithm>
#include <utility>

#include "engine/core.hpp"

namespace chatd::engine {

namespace {

// A burst of deadlines is spread over turns: a thousand visits take well under a millisecond.
constexpr std::uint32_t timer_visits_max = 1000;

}  // namespace

Engine::Engine(const EngineConfig& config, const DatagramsConfig& datagrams_config, Time now,
               chat::Restored&& restored)
    : core_(std::make_unique<Core>(config, datagrams_config, now, std::move(restored))) {}

Engine::~Engine() {
    // Spans still on their way pin their segments; the process that ends doesn't wait for them.
    Core& core = *core_;
    for (std::uint32_t index = 0; index < core.flights.index_end(); ++index) {
        InFlight* flight = core.flights.at_index(index);
        if (flight != nullptr && flight->span.segment != nullptr) {
            core.rooms[flight->room].log.unpin(flight->span);
        }
    }
}

ConnId Engine::stream_opened(bool from_loopback, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    if (core.connections.full() || core.draining) {
        core.counters.drop(Drop::busy);
        return {};
    }
    const ConnId id = core.connections.emplace();
    Connection& connection = core.connections[id];
    connection.id = id;
    if (++core.last_serial == 0) ++core.last_serial;
    connection.serial = core.last_serial;
    connection.loopback = from_loopback;
    connection.heard_at = now;
    connection.opened_s = static_cast<std::uint32_t>((now - core.began) / std::chrono::seconds{1});
    ++core.counters.connections_opened;
    arm_timer(core, connection);
    return id;
}

void Engine::stream_received(ConnId id, Bytes bytes, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    core.counters.bytes_received += bytes.size();
    if (Connection* connection = core.connections.find(id)) take_input(core, *connection, bytes);
}

void Engine::stream_ended(ConnId id, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    Connection* connection = core.connections.find(id);
    if (connection == nullptr || connection->peer_ended) return;
    connection->peer_ended = true;
    // What was kept back is taken first, once its sender's stream has room again.
    if (connection->open() && !connection->paused) finish(core, *connection, Ending::closed);
    if (connection->phase == Phase::lingering) abandon(core, *connection, connection->ending);
}

void Engine::stream_failed(ConnId id, StreamFailure failure, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    Connection* connection = core.connections.find(id);
    if (connection == nullptr) return;
    // Once we have said goodbye, a reset only says that they did not wait for it.
    const bool ended = connection->ending != Ending::none;
    const Ending reason = failure == StreamFailure::reset ? Ending::reset : Ending::timed_out;
    abandon(core, *connection, ended ? connection->ending : reason);
}

void Engine::send_completed(ConnId id, std::int64_t result, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    complete_send(core, core.connections[id], result);
}

void Engine::unsent_reported(ConnId id, std::size_t bytes, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    Connection* connection = core.connections.find(id);
    if (connection == nullptr || !connection->open() || !connection->framed()) return;
    websocket_unsent(core, *connection, bytes);
}

void Engine::stream_closed(ConnId id) noexcept {
    Core& core = *core_;
    Connection& connection = core.connections[id];
    CHATD_ASSERT(connection.phase == Phase::closed);
    CHATD_ASSERT(connection.flight == no_index);
    CHATD_ASSERT(connection.memberships == chat::no_membership);
    if (connection.stream != no_index)
        core.streams.erase(core.streams.handle_at(connection.stream));
    core.connections.erase(id);
}

void Engine::add_own_datagram_address(const Address& address) {
    core_->datagrams.add_own_address(address);
}

void Engine::datagram_received(const DatagramIn& datagram, Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    const DatagramOutcome outcome = core.datagrams.received(datagram, now);
    if (!outcome.relays() || core.datagram_view.reader_count() == 0) return;
    core.datagram_view.offer_peer(outcome.slot, datagram.payload, now);
    core.datagrams_offered = true;
}

std::span<const Train> Engine::datagram_trains(Time now) noexcept {
    return core_->datagrams.turn_ended(now);
}

std::span<const Train> Engine::more_datagram_trains() noexcept {
    return core_->datagrams.more_trains();
}

void Engine::datagram_send_failed(const Address& to, std::size_t datagram_count,
                                  bool no_trains) noexcept {
    core_->datagrams.send_failed(to, datagram_count, no_trains);
}

void Engine::turn_ended(Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    if (core.wheel.next() <= now) {
        core.wheel.advance(
            now,
            [&](std::uint32_t index) {
                Connection* connection = core.connections.at_index(index);
                if (connection != nullptr) timer_due(core, *connection);
            },
            timer_visits_max);
    }
    if (core.datagrams.next_deadline() <= now) core.datagrams.advance(now);
    tell_untold_events(core);
    fire_schedules(core);
    sweep_sessions(core);
    forget_old_rooms(core);
    show_datagrams(core);
    flush(core);
    enforce_bounds(core);
    tell_holes(core, false);
    ++core.turn;
}

std::span<const Output> Engine::outputs() const noexcept {
    return core_->outputs;
}
void Engine::clear_outputs() noexcept {
    core_->outputs.clear();
}

Time Engine::next_deadline() const noexcept {
    const Core& core = *core_;
    if (!core.ready.empty() || !core.dirty_rooms.empty()) return core.now;
    return std::min({core.wheel.next(), core.datagrams.next_deadline(), next_untold(core),
                     next_schedule(core), next_sweep(core), next_forgetting(core)});
}

void Engine::drain_begun(Time now) noexcept {
    Core& core = *core_;
    core.now = now;
    core.draining = true;
    for (std::uint32_t index = 0; index < core.connections.index_end(); ++index) {
        Connection* connection = core.connections.at_index(index);
        if (connection == nullptr || !connection->open()) continue;
        const bool listens = connection->speech == Speech::text ||
                             (connection->json && connection->began) ||
                             (connection->speech == Speech::undecided && connection->handed);
        if (listens) tell_draining(core, *connection);
        finish(core, *connection, Ending::shutdown);
    }
}

void Engine::store_stopping() noexcept {
    tell_holes(*core_, true);
}

std::vector<chat::Persist> Engine::take_persists() noexcept {
    return std::exchange(core_->persists, {});
}

void Engine::store_answered(chat::StoreAnswer&& answer, Time now) noexcept {
    core_->now = now;
    engine::store_answered(*core_, std::move(answer));
}

std::optional<std::vector<ConnId>> Engine::take_transport_query() noexcept {
    Core& core = *core_;
    if (core.transport_query_state != Core::QueryState::to_be_taken) return {};
    core.transport_query_state = Core::QueryState::taken;
    return core.transport_query;
}

void Engine::transports_reported(const std::vector<Transport>& transports, Time now) noexcept {
    core_->now = now;
    engine::transports_reported(*core_, transports);
}

void Engine::clock_read(UnixMs unix_now, std::int32_t zone_offset_s) noexcept {
    core_->unix_now = unix_now;
    core_->zone_offset_s = zone_offset_s;
}

std::uint32_t Engine::connection_count() const noexcept {
    return core_->connections.size();
}
void Engine::io_reported(const IoReport& report) noexcept {
    core_->io = report;
}
const Counters& Engine::counters() const noexcept {
    return core_->counters;
}
std::string Engine::metrics() const {
    return metrics_text(*core_);
}
const chat::LogTotals& Engine::log_totals() const noexcept {
    return core_->log_totals;
}

void Engine::check_invariants() const {
    Core& core = *core_;
    std::uint64_t pins = 0;
    for (std::uint32_t index = 0; index < core.flights.index_end(); ++index) {
        const InFlight* flight = core.flights.at_index(index);
        if (flight == nullptr) continue;
        CHATD_ASSERT(core.connections[flight->connection].flight == index);
        if (flight->span.segment != nullptr) ++pins;
    }
    CHATD_ASSERT(pins == core.log_totals.pins);
    for (std::uint32_t index = 0; index < core.rooms.index_end(); ++index) {
        const chat::Room* room = core.rooms.at_index(index);
        if (room == nullptr) continue;
        room->log.check_invariants();
        std::uint32_t named = 0;
        for (std::uint32_t place = 0; place < room->members.size(); ++place) {
            const chat::Membership& membership = *core.memberships.at_index(room->members[place]);
            CHATD_ASSERT(membership.place == place);
            CHATD_ASSERT(membership.cursor <= room->log.end());
            CHATD_ASSERT(membership.flying || membership.cursor >= room->log.first());
            if (membership.named) ++named;
        }
        CHATD_ASSERT(named == room->named_count);
    }
    std::size_t reassembly = 0;
    std::size_t input = 0;
    for (std::uint32_t index = 0; index < core.connections.index_end(); ++index) {
        const Connection* connection = core.connections.at_index(index);
        if (connection == nullptr) continue;
        if (connection->input) input += connection->input->size();
        if (connection->framed()) reassembly += connection->websocket->held_bytes;
        if (connection->flight != no_index)
            CHATD_ASSERT(core.flights.at_index(connection->flight) != nullptr);
        std::uint32_t count = 0;
        for (auto member = connection->memberships; member != chat::no_membership; ++count) {
            CHATD_ASSERT(core.memberships.at_index(member)->connection == connection->id);
            member = core.memberships.at_index(member)->next;
        }
        CHATD_ASSERT(count == connection->membership_count);
    }
    CHATD_ASSERT(reassembly == core.reassembly_bytes);
    CHATD_ASSERT(input == core.input_bytes);
}

}  // namespace chatd::engine
