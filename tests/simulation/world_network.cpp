// The fake kernel and network of a world: what comes, when sends complete, and how far.

#include <algorithm>
#include <array>
#include <cerrno>

#include "simulation/faults.hpp"
#include "simulation/trace.hpp"
#include "simulation/world.hpp"

namespace chatd::simulation {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t receive_bytes_max = 16 * 1024;  ///< handed over at a time
constexpr std::uint32_t receives_per_turn_max = 256;
constexpr std::int64_t canceled = -ECANCELED;
constexpr std::int64_t reset = -ECONNRESET;

}  // namespace

Client& World::client_of(ConnId id) {
    Client* client = id.index < by_index_.size() ? by_index_[id.index] : nullptr;
    if (client == nullptr || client->id != id) violate("ids", "an output for nobody");
    return *client;
}

void World::network() {
    if (clients_.empty()) return;
    const std::size_t start = prng_.below(clients_.size());
    for (std::size_t step = 0; step < clients_.size(); ++step) {
        Client& client = *clients_[(start + step) % clients_.size()];
        if (client.closed) continue;
        if (prng_.chance(50)) {
            feed(client);
            advance_flight(client);
        } else {
            advance_flight(client);
            feed(client);
        }
        answer_unsent(client);
        close(client);
    }
}

// How much of what the kernel took has not left: something while the reader stalls.
void World::answer_unsent(Client& client) {
    if (!client.asked_unsent || chance(50)) return;
    client.asked_unsent = false;
    ++busy_;
    engine_.unsent_reported(client.id, client.stalled_until > now_ ? prng_.below(1'000) : 0, now_);
    sync(&client);
}

void World::feed(Client& client) {
    if (client.closing || client.fails) return;
    if (client.reset_queued) {
        if (!chance(70)) fail(client);
        return;
    }
    for (std::string& payload : client.reader.take_pings())
        client.write_pong(prng_, payload);
    // A client that sees our FIN answers with its own, sooner or later.
    if (client.fin_came && !client.fin_queued && !chance(80)) client.fin_queued = true;
    if (chance(plan_.weather.input_pauses)) return;
    for (std::uint32_t calls = 0; calls < receives_per_turn_max && feed_some(client); ++calls) {
        if (client.closing || client.ending) return;
    }
    feed_fin(client);
}

// Hands over one piece; false when there is none to hand over.
bool World::feed_some(Client& client) {
    std::size_t bytes = client.pipe.size() - client.delivered;
    if (client.person.paused) bytes = std::min(bytes, client.pause_credit);
    if (bytes == 0) return false;
    bytes = std::min(bytes, receive_bytes_max);
    const auto& requests = client.person.requests;
    const auto next = std::find_if(requests.begin(), requests.end(), [&](const Request& request) {
        return request.ready_at > client.delivered;
    });
    // Guests are numbered as they are named: in which order must be known.
    const bool upgrades =
        plan_.tight && !requests.empty() && requests.front().kind == RequestKind::upgrade;
    if (upgrades) bytes = std::min(bytes, requests.front().ready_at - client.delivered);
    if (client.bytewise) {
        bytes = 1;
    } else if (prng_.chance(plan_.weather.input_lines) && next != requests.end()) {
        bytes = std::min(bytes, next->ready_at - client.delivered);
    } else if (!calm_ && prng_.chance(40)) {
        bytes = prng_.between(1, bytes);
    }
    // A buffer of its own, of exactly that size and gone after the call: nobody may read beyond it
    // or keep it.
    const auto begin = client.pipe.begin() + static_cast<std::ptrdiff_t>(client.delivered);
    const std::vector<char> piece(begin, begin + static_cast<std::ptrdiff_t>(bytes));
    const Bytes borrowed = as_bytes(std::string_view(piece.data(), piece.size()));
    if (client.person.paused) client.pause_credit -= bytes;
    client.delivered += bytes;
    ++busy_;
    trace(now_, client.person.number, "writes {}", as_text(borrowed));
    engine_.stream_received(client.id, borrowed, now_);
    note_bytes(client, borrowed);
    sync(&client);
    return true;
}

void World::feed_fin(Client& client) {
    if (!client.fin_queued || client.fin_delivered || client.delivered < client.pipe.size()) return;
    if (client.closing || client.ending) return;
    if (client.person.paused && client.pause_credit == 0) return;
    client.fin_delivered = true;
    ++busy_;
    const bool finishing = client.person.input_over || client.fin_came || drained_;
    const bool unfinished = !client.person.requests.empty();
    trace(now_, client.person.number, "half-closes");
    engine_.stream_ended(client.id, now_);
    // An unfinished last line may decide that it speaks text.
    if (unfinished) note_bytes(client, as_bytes("\n"));
    sync(&client);
    if (finishing || client.ending) return;
    if (client.person.paused) {
        client.end_unknown = true;
        return;
    }
    client.person.input_over = true;
    client.person.until = model_.now();
    // Whether the timer that makes a listener of it came first is not known within its grain.
    if (client.listens && !client.listens_surely) client.end_unknown = true;
}

// The peer is gone without a word.
void World::fail(Client& client) {
    client.fails = true;
    ++busy_;
    trace(now_, client.person.number, "resets");
    engine_.stream_failed(client.id, engine::StreamFailure::reset, now_);
    sync(&client);
}

void World::advance_flight(Client& client) {
    if (!client.flight) return;
    Flight& flight = *client.flight;
    if (client.closing || client.fails) {
        if (chance(50)) return;
        // Before the close or after it, what went out counts.
        if (!client.fails && prng_.chance(30))
            deliver(client, prng_.below(flight.bytes.size() - flight.done));
        const bool partial = flight.done > 0 && prng_.chance(70);
        return complete(client, partial ? static_cast<std::int64_t>(flight.done) : canceled);
    }
    if (flight.cancelled) {
        if (flight.cancel_ignored ? !calm_ : chance(60)) return;
        return complete(client,
                        flight.done > 0 ? static_cast<std::int64_t>(flight.done) : canceled);
    }
    if (!calm_ && (client.never_reads || client.stalled_until > now_)) return;
    if (chance(plan_.weather.stall))
        client.stalled_until = now_ + milliseconds(prng_.between(10, 20'000));
    if (chance(plan_.weather.send_pauses)) return;
    if (chance(plan_.weather.send_fails)) {
        complete(client, reset);
        if (!client.ending) fail(client);
        return;
    }
    const std::size_t left = flight.bytes.size() - flight.done;
    deliver(client, chance(plan_.weather.send_pieces)
                        ? std::min<std::size_t>(left, prng_.between(1, 40))
                        : left);
    if (flight.done == flight.bytes.size())
        return complete(client, static_cast<std::int64_t>(flight.done));
    if (chance(plan_.weather.send_short)) {
        std::int64_t told = static_cast<std::int64_t>(flight.done);
        if (faulty(Fault::rest_lost)) told = static_cast<std::int64_t>(flight.bytes.size());
        if (faulty(Fault::rest_repeated)) told -= 1;
        complete(client, told);
    }
}

// Reads the engine's bytes, which it promised to keep, and lets the client have them.
void World::deliver(Client& client, std::size_t bytes) {
    if (bytes == 0) return;
    Flight& flight = *client.flight;
    std::string read(as_text(flight.bytes.subspan(flight.done, bytes)));
    if (faulty(Fault::bytes_changed) && prng_.chance(10)) read[0] = static_cast<char>(read[0] ^ 1);
    if (read != std::string_view(flight.expected).substr(flight.done, bytes)) {
        violate("bytes_kept", "a send's bytes changed while it flew");
    }
    if (faulty(Fault::header_spoilt) && client.kind == ClientKind::websocket && prng_.chance(10)) {
        read[0] = static_cast<char>(read[0] ^ 0x40);
    }
    flight.done += bytes;
    trace(now_, client.person.number, "reads {}", read);
    ++busy_;
    client.reader.received(as_bytes(read), [&] { return resolve(client); });
}

void World::complete(Client& client, std::int64_t result) {
    client.flight.reset();
    ++busy_;
    trace(now_, client.person.number, "its send completes with {}", result);
    engine_.send_completed(client.id, result, now_);
    sync(&client);
}

// Output::close was carried out: the id is free when nothing is on its way any more.
void World::close(Client& client) {
    if (!client.closing || client.flight || client.asked_unsent || chance(50)) return;
    client.closed = true;
    by_index_[client.id.index] = nullptr;
    ++busy_;
    engine_.stream_closed(client.id);
}

void World::carry_out(const engine::Output& output) {
    using Kind = engine::Output::Kind;
    Client& client = client_of(output.connection);
    if (client.closing) violate("nothing_after_close", "an output after Output::close");
    constexpr std::array<std::string_view, 7> words{
        "send", "cancel", "pause reading", "resume", "shut for writing", "ask unsent", "close"};
    trace(now_, client.person.number, "engine: {} {} bytes",
          words[static_cast<std::size_t>(output.kind)], output.bytes.size());
    switch (output.kind) {
        case Kind::send:
            return begin_send(client, output.bytes);
        case Kind::cancel:
            ++tally_.cancels;
            if (!client.flight) violate("cancel", "nothing flies that could be cancelled");
            if (client.flight->cancelled) violate("cancel", "twice");
            client.flight->cancelled = true;
            client.flight->cancel_ignored = chance(plan_.weather.cancel_ignored);
            client.was_cancelled = true;
            return;
        case Kind::pause_reading:
        case Kind::resume_reading:
            return;
        case Kind::shutdown_write:
            return fin_came(client);
        case Kind::ask_unsent:
            client.asked_unsent = true;
            return;
        case Kind::close:
            client.closing = true;
            return;
    }
}

void World::begin_send(Client& client, Bytes bytes) {
    if (client.flight) violate("one_send", "a second send while one flies");
    if (client.fin_came) violate("nothing_after_close", "a send after the FIN");
    if (bytes.empty()) violate("one_send", "an empty send");
    client.flight = Flight{.bytes = bytes, .expected = std::string(as_text(bytes))};
    if (faulty(Fault::second_send) && prng_.chance(1)) begin_send(client, bytes);
}

// The server has said all it had to say to this client.
void World::fin_came(Client& client) {
    if (client.flight) violate("nothing_after_close", "a FIN while a send flies");
    if (client.fin_came) violate("nothing_after_close", "two FINs");
    client.fin_came = true;
    client.reader.ended();
    if (client.end_unknown) return;
    // Who quits leaves its rooms at once and is owed nothing of them.
    if (!client.person.until) {
        for (std::size_t room = 0; room < room_count_max; ++room)
            client.reader.displaced(room);
    }
    client.reader.check_complete();
}

}  // namespace chatd::simulation
