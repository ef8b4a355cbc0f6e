#pragma once
// One Engine, virtual time and a fake kernel, for unit tests and the engine's fuzz target.
//
// Clients collect the bytes that reach them. The fake kernel takes every send whole before the
// next turn, unless a client is told to stall or to take little. The engine's invariants are
// checked after every turn. Clients live as long as their driver.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/base/assert.hpp"
#include "chatd/engine/engine.hpp"
#include "chatd/wire/websocket.hpp"
#include "support/fake_store.hpp"

namespace chatd::test {

using namespace std::chrono_literals;

/// The far end of one connection.
struct Client {
    ConnId id;
    std::string received;
    std::vector<std::size_t> sends;  ///< the size of each send, in order

    bool stalled = false;             ///< takes nothing until it is told to
    std::size_t take_max = SIZE_MAX;  ///< of each send; more makes it short
    bool ignores_cancel = false;      ///< a cancelled send does not come back
    std::size_t taken_at_cancel = 0;  ///< what a cancelled send had got rid of by then
    std::size_t unsent_bytes =
        0;  ///< what the kernel says when asked (EngineConfig::can_ask_unsent)

    bool refused = false;  ///< there was no place for it
    bool paused = false;   ///< the engine reads no more from it
    bool got_fin = false;
    bool closed = false;   ///< and its id is free
    bool closing = false;  ///< Close is out, its send is still flying
    std::optional<Bytes> flying;

    /// What came since the last call.
    std::string take() { return std::exchange(received, {}); }
    bool ended() const { return got_fin || closed; }
};

/// Overhears the clients of a driver: the bytes that each sends and gets, as they go.
struct Witness {
    virtual ~Witness() = default;
    virtual void sent(const Client& client, std::string_view bytes) = 0;
    virtual void received(const Client& client, std::string_view bytes) = 0;
};

class EngineDriver {
public:
    /// Gives every driver that is made from now on its witness; null: none. A test program's own,
    /// set before its first driver.
    inline static std::unique_ptr<Witness> (*make_witness)() = nullptr;

    explicit EngineDriver(const engine::EngineConfig& config = {},
                          const engine::DatagramsConfig& datagrams_config = {},
                          chat::Restored&& restored = {})
        : engine(config, datagrams_config, start, std::move(restored)), now(start) {}

    engine::Engine engine;
    Time now;
    bool transports_stalled = false;  ///< what the engine asks of connections stays unanswered
    FakeStore* store = nullptr;       ///< carries out what the engine wants kept, if there is one
    UnixMs unix_start = 1'800'000'000'000;  ///< the wall clock when time began

    // -- inputs, without a turn ----------------------------------------------------------------

    Client& open(bool loopback = true) {
        Client& client = clients.emplace_back();
        client.id = engine.stream_opened(loopback, now);
        client.refused = !client.id;
        return client;
    }
    void receive(Client& client, std::string_view bytes) {
        if (client.closing || client.closed) return;
        if (witness_) witness_->sent(client, bytes);
        engine.stream_received(client.id, as_bytes(bytes), now);
    }
    void end_input(Client& client) {
        if (!client.closing && !client.closed) engine.stream_ended(client.id, now);
    }
    void fail(Client& client, engine::StreamFailure failure = engine::StreamFailure::reset) {
        if (!client.closing && !client.closed) engine.stream_failed(client.id, failure, now);
    }

    // -- inputs, and turns until nothing moves -------------------------------------------------

    Client& connect(bool loopback = true) {
        Client& client = open(loopback);
        settle();
        return client;
    }
    /// A text client that has its nick and has read its welcome.
    Client& join(const std::string& nick) {
        Client& client = open();
        say(client, "/nick " + nick + "\n");
        client.received.clear();
        return client;
    }
    void say(Client& client, std::string_view bytes) {
        receive(client, bytes);
        settle();
    }
    void say_bytewise(Client& client, std::string_view bytes) {
        for (const char byte : bytes)
            say(client, {&byte, 1});
    }
    /// What comes back for these bytes.
    std::string ask(Client& client, std::string_view bytes) {
        client.received.clear();
        say(client, bytes);
        return client.take();
    }
    void half_close(Client& client) {
        end_input(client);
        settle();
    }
    void reset(Client& client) {
        fail(client);
        settle();
    }
    void drain() {
        engine.drain_begun(now);
        settle();
    }
    /// A stalled client takes what is flying, up to take_max bytes of it.
    void resume(Client& client) {
        client.stalled = false;
        settle();
    }

    // -- time ----------------------------------------------------------------------------------

    /// Lets time pass from one deadline of the engine to the next.
    void pass(Duration duration) {
        const Time end = now + duration;
        for (Time next; (next = engine.next_deadline()) <= end;) {
            now = std::max(now, next);
            settle();
        }
        now = end;
        settle();
    }

    // -- turns ---------------------------------------------------------------------------------

    /// One turn: outputs carried out, sends of those who take any completed.
    void turn() {
        using std::chrono::duration_cast;
        engine.clock_read(
            unix_start + duration_cast<std::chrono::milliseconds>(now - start).count(), 0);
        engine.turn_ended(now);
        ++turns;
        exchange_with_store();
        report_transports();
        const std::vector<engine::Output> outputs(engine.outputs().begin(), engine.outputs().end());
        engine.clear_outputs();
        for (const engine::Output& output : outputs)
            carry_out(output);
        for (auto trains = engine.datagram_trains(now); !trains.empty();
             trains = engine.more_datagram_trains()) {
            for (const engine::Train& train : trains)
                keep(train);
        }
        for (Client& client : clients)
            complete(client);
        engine.check_invariants();
    }

    void settle() {
        for (int count = 0; count < turns_max; ++count) {
            turn();
            if (!progress_ && engine.next_deadline() > now) return;
            progress_ = false;
        }
        assertion_failed("the engine comes to rest", __FILE__, __LINE__);
    }

    std::deque<Client> clients;
    std::vector<std::string> datagrams;  ///< that left for raw UDP peers
    std::uint64_t turns = 0;

private:
    static constexpr Time start{1'000h};
    static constexpr int turns_max = 100'000;

    Client& client_of(ConnId id) {
        for (auto client = clients.rbegin(); client != clients.rend(); ++client) {
            if (client->id == id) return *client;
        }
        assertion_failed("an output is for somebody", __FILE__, __LINE__);
    }

    void exchange_with_store() {
        if (store == nullptr) return;
        store->take(engine.take_persists());
        for (chat::StoreAnswer& answer : store->answers()) {
            engine.store_answered(std::move(answer), now);
            progress_ = true;
        }
    }

    /// The port that a client comes from, of 127.0.0.1.
    static std::uint16_t port_of(ConnId id) noexcept {
        return static_cast<std::uint16_t>(10'000 + id.index);
    }
    void report_transports() {
        if (auto query = transports_stalled ? std::nullopt : engine.take_transport_query()) {
            std::vector<Transport> transports;
            for (const ConnId id : *query) {
                TcpInfo tcp{.state = TcpState::established, .rtt_us = 45, .cwnd = 10};
                const bool gone = client_of(id).closing || client_of(id).closed;
                transports.push_back(gone ? Transport{}
                                          : Transport{ipv4_loopback(port_of(id)), tcp});
            }
            engine.transports_reported(transports, now);
            progress_ = true;
        }
    }

    void carry_out(const engine::Output& output) {
        using Kind = engine::Output::Kind;
        Client& client = client_of(output.connection);
        CHATD_ASSERT(!client.closed);
        CHATD_ASSERT(!client.closing);
        switch (output.kind) {
            case Kind::send:
                CHATD_ASSERT(!client.flying);
                CHATD_ASSERT(!client.got_fin);
                CHATD_ASSERT(!output.bytes.empty());
                client.flying = output.bytes;
                client.sends.push_back(output.bytes.size());
                return;
            case Kind::cancel:
                if (client.flying && !client.ignores_cancel)
                    finish_send(client, client.taken_at_cancel);
                return;
            case Kind::pause_reading:
                client.paused = true;
                return;
            case Kind::resume_reading:
                client.paused = false;
                return;
            case Kind::shutdown_write:
                client.got_fin = true;
                return;
            case Kind::ask_unsent:
                progress_ = true;
                engine.unsent_reported(client.id, client.unsent_bytes, now);
                return;
            case Kind::close:
                client.closing = true;
                return;
        }
    }

    /// The bytes are read only now, as late as a kernel may read them.
    void finish_send(Client& client, std::size_t bytes_max) {
        const Bytes taken = client.flying->first(std::min(bytes_max, client.flying->size()));
        append(client.received, taken);
        if (witness_) witness_->received(client, as_text(taken));
        client.flying.reset();
        progress_ = true;
        const auto result = static_cast<std::int64_t>(taken.size());
        engine.send_completed(client.id, result > 0 ? result : -ECANCELED, now);
    }

    void complete(Client& client) {
        if (client.closed) return;
        if (client.flying && (client.closing || !client.stalled)) {
            finish_send(client, client.stalled ? 0 : client.take_max);
        }
        if (client.closing && !client.flying) {
            engine.stream_closed(client.id);
            client.closed = true;
            progress_ = true;
        }
    }

    void keep(const engine::Train& train) {
        std::string payload;
        for (const Bytes part : train.parts)
            append(payload, part);
        const std::size_t segment_bytes =
            train.segment_bytes == 0 ? payload.size() : train.segment_bytes;
        for (std::size_t at = 0; at < payload.size(); at += segment_bytes) {
            datagrams.push_back(payload.substr(at, segment_bytes));
        }
    }

    std::unique_ptr<Witness> witness_ = make_witness ? make_witness() : nullptr;
    bool progress_ = false;
};

// -- WebSocket clients -------------------------------------------------------------------------

inline constexpr std::string_view upgrade_request =
    "GET /ws HTTP/1.1\r\nHost: localhost:4399\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// The same for another path.
inline std::string upgrade_to(std::string_view path) {
    std::string request(upgrade_request);
    return request.replace(4, 3, path);
}

inline std::string masked(wire::WebSocketOpcode opcode, std::string_view payload,
                          bool final = true) {
    std::string frame;
    constexpr wire::MaskKey key{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    wire::append_masked_frame(frame, opcode, as_bytes(payload), key, final);
    return frame;
}
inline std::string masked_text(std::string_view text) {
    return masked(wire::WebSocketOpcode::text, text);
}

/// What a WebSocket client saw, one readable entry each: "text hello", "ping ", "close 1001 why".
/// An HTTP answer before the frames is skipped; what is no frame gives "broken".
inline std::vector<std::string> frames_of(std::string_view received) {
    if (received.starts_with("HTTP/")) {
        received.remove_prefix(std::min(received.find("\r\n\r\n"), received.size() - 4) + 4);
    }
    std::vector<std::string> frames;
    wire::WebSocketDecoder decoder(wire::WebSocketRole::client);
    std::string message;
    std::string scratch;
    using Kind = wire::WebSocketStep::Kind;
    for (Bytes rest = as_bytes(received); !rest.empty();) {
        const auto step =
            decoder.step(rest, {.message_bytes_max = 64 << 20, .fragments_max = 1 << 20},
                         {message, scratch, 64 << 20});
        rest = rest.subspan(step.consumed);
        const std::string payload(as_text(step.payload));
        switch (step.kind) {
            case Kind::none:
                break;
            case Kind::text:
                frames.push_back("text " + payload);
                break;
            case Kind::binary:
                frames.push_back("binary " + payload);
                break;
            case Kind::ping:
                frames.push_back("ping " + payload);
                break;
            case Kind::pong:
                frames.push_back("pong " + payload);
                break;
            case Kind::close:
                frames.push_back("close " + std::to_string(step.code) + " " + payload);
                break;
            case Kind::failed:
                frames.push_back("broken");
                return frames;
        }
    }
    return frames;
}

}  // namespace chatd::test
