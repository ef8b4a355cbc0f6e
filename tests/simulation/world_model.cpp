// What a world tells its model after each call of the engine: who speaks text by now, who was made
// to wait, who was closed, and how far requests are carried out.

#include <algorithm>

#include "simulation/world.hpp"

namespace chatd::simulation {

namespace {

using std::chrono::milliseconds;

constexpr Duration timer_grain = milliseconds(25);  ///< more than two ticks of the engine's wheel

}  // namespace

// Bytes of a connection that has not shown what it speaks.
void World::note_bytes(Client& client, Bytes bytes) {
    if (client.sniffer.dialect() != wire::Dialect::undecided || client.kind == ClientKind::stranger)
        return;
    client.heard_at = now_;
    switch (client.sniffer.push(bytes)) {
        case wire::Dialect::undecided:
            return;
        case wire::Dialect::text:
            return begin_text(client);
        case wire::Dialect::http:
            // The request that makes a WebSocket of it joins the lobby.
            scan_outputs();
            if (client.listens && !client.ending) {
                model_.leave(client.person, lobby);
                client.reader.displaced(lobby);
            }
            client.listens = false;
            return;
        case wire::Dialect::json:
        case wire::Dialect::tls:
        case wire::Dialect::proxy:
            violate("ids", "a line that is no text");
    }
}

void World::begin_text(Client& client) {
    const std::uint64_t said = model_.room(lobby).said.size();
    const std::uint64_t told = model_.room(lobby).told.size();
    if (!client.listens) {
        model_.join(client.person, lobby);
        client.reader.placed(lobby, said, said, told);
    } else if (!client.listens_surely) {
        client.reader.placed_until(lobby, said);
    }
    client.listens_surely = true;
    client.person.current = lobby;
}

// A silent connection listens after a while; the timer's grain leaves open when exactly.
void World::listen(Client& client, std::uint64_t told_before) {
    // Who is greeted listens as well, if it did not before.
    const bool greets = client.delivered == 0 || client.listens;
    const Duration after = plan_.config.listen_after > Duration::zero() || !greets
                               ? plan_.config.listen_after
                               : plan_.config.greet_after;
    const bool undecided = client.sniffer.dialect() == wire::Dialect::undecided;
    if (after == Duration::zero() || !undecided || client.listens_surely || client.closed) return;
    if (client.kind == ClientKind::stranger || client.ending || client.person.gone) return;
    if (client.sniffer.http_method_begun() && !client.listens) return;
    if (now_ < client.heard_at + after && !client.listens) return;
    const std::uint64_t said = model_.room(lobby).said.size();
    if (!client.listens && !client.person.input_over) {
        client.listens = true;
        model_.join(client.person, lobby);
        client.reader.placed(lobby, said, said, told_before);
    }
    client.reader.placed_until(lobby, said);
    client.listens_surely = now_ >= client.heard_at + after + timer_grain;
}

// After every call: who was told to wait or closed, and what was carried out.
void World::sync(Client* client) {
    scan_outputs();
    const std::uint64_t published = engine_.counters().messages;
    const std::uint64_t said_in_call = published - messages_seen_;
    messages_seen_ = published;
    if (client == nullptr || client->kind == ClientKind::stranger) {
        if (said_in_call != 0) violate("published", "a line that nobody said");
        return;
    }
    const std::uint64_t target = model_.published() + said_in_call;
    const bool sure = !client->person.paused && !client->ending;
    if (!sure && client->has_ready_request()) model_.make_fuzzy();
    while (client->has_ready_request() && !client->person.input_over &&
           (sure || model_.published() < target)) {
        model_.take(client->person);
    }
    model_.note_pending(client->person, client->come());
    for (const std::string& payload : model_.posted())
        peers_.posted(payload);
    model_.clear_posted();
    if (model_.published() != target) {
        violate("published", "client " + std::to_string(client->person.number) + ": " +
                                 std::to_string(said_in_call) + " lines were published, " +
                                 std::to_string(model_.published() + said_in_call - target) +
                                 " were said");
    }
}

void World::scan_outputs() {
    using Kind = engine::Output::Kind;
    const auto outputs = engine_.outputs();
    for (; outputs_seen_ < outputs.size(); ++outputs_seen_) {
        const engine::Output& output = outputs[outputs_seen_];
        Client& client = client_of(output.connection);
        switch (output.kind) {
            case Kind::pause_reading:
                ++tally_.pauses;
                client.person.paused = true;
                client.pause_credit = prng_.chance(50) ? prng_.below(300) : 0;
                break;
            case Kind::resume_reading:
                client.person.paused = false;
                break;
            case Kind::shutdown_write:
                if (!client.person.gone) model_.leave_all(client.person);
                break;
            case Kind::close:
                close_came(client);
                break;
            case Kind::send:
            case Kind::cancel:
            case Kind::ask_unsent:
                break;
        }
    }
}

void World::close_came(Client& client) {
    client.ending = true;
    // Of one that was made to wait it is not known whether it has quit.
    const auto& requests = client.person.requests;
    const bool may_have_quit =
        std::any_of(requests.begin(), requests.end(), [](const Request& request) {
            return request.kind == RequestKind::quit ||
                   request.kind == RequestKind::websocket_close;
        });
    const bool told_to_go = may_have_quit || client.fails || client.reset_queued ||
                            client.fin_came || client.person.input_over || client.fin_delivered ||
                            drained_;
    const bool too_slow =
        plan_.config.slow_reader == engine::SlowReader::close || client.was_cancelled;
    const bool silent =
        client.kind == ClientKind::websocket &&
        (plan_.config.websocket_ping_interval > Duration::zero() || client.listens ||
         client.sniffer.dialect() == wire::Dialect::undecided || client.person.requests.size() > 0);
    if (!told_to_go && !too_slow && !silent && client.kind != ClientKind::stranger) {
        violate("needless_close", "client " + std::to_string(client.person.number));
    }
    if (!client.person.gone) model_.leave_all(client.person);
    model_.release_nick(client.person);
}

// An answer came that no request known to be carried out explains: the next one was.
bool World::resolve(Client& client) {
    if (!client.has_ready_request() || client.person.input_over) return false;
    const RequestKind kind = client.person.requests.front().kind;
    const bool says = kind == RequestKind::say || kind == RequestKind::action;
    if (says && client.person.current != no_room) return false;  // that would have been counted
    model_.take(client.person);
    return true;
}

}  // namespace chatd::simulation
