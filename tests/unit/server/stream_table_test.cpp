// Ring, engine and stream table together, over real sockets on loopback: the pitfalls of closing,
// of fairness, and of pausing.

#include "server/stream_table.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "chatd/io/listener.hpp"
#include "chatd/io/socket_address.hpp"
#include "chatd/io/system_clock.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::server;
using namespace std::chrono_literals;

namespace {

io::RingOptions small_ring() {
    io::RingOptions options;
    options.submission_entries = 64;
    options.completion_entries = 256;
    options.slots_max = 32;
    options.stream_buffers = 8;
    options.stream_buffer_bytes = 4'096;
    options.datagram_buffers = 4;
    return options;
}

/// The server's loop around one engine, turned by hand, and clients with plain sockets.
class House {
public:
    explicit House(const io::RingOptions& ring_options = small_ring(),
                   engine::EngineConfig config = {}) {
        auto made = io::Ring::create(ring_options);
        if (!made) FAIL(made.error().text());
        ring = std::move(*made);
        config.connections_max = ring->slot_count();
        config.can_ask_unsent = ring->can_install_ordinary();
        engine = std::make_unique<engine::Engine>(config, engine::DatagramsConfig{}, io::now());
        table = std::make_unique<StreamTable>(*ring, *engine);
        const auto listener = io::open_listener(ipv4_loopback(0), {});
        if (!listener) FAIL(listener.error().text());
        listener_ = *listener;
    }
    House(const House&) = delete;
    House& operator=(const House&) = delete;
    ~House() {
        for (const int client : clients)
            close(client);
        close(listener_);
    }

    /// A client's socket, its other end in the table.
    int connect() {
        const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const io::SocketAddress name = io::to_sockaddr(io::bound_address(listener_).value());
        REQUIRE(::connect(client, name.get(), name.length) == 0);
        const int accepted = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        REQUIRE(accepted >= 0);
        last_id = engine->stream_opened(true, io::now());
        REQUIRE(last_id);
        const Ends ends{.local = io::bound_address(accepted).value(),
                        .peer = io::peer_address(accepted).value()};
        table->open(last_id, accepted, ends, io::now());
        clients.push_back(client);
        return client;
    }
    int join(const std::string& nick) {
        const int client = connect();
        say(client, "/nick " + nick + "\n");
        REQUIRE(read(client, "NOTE NICK OK " + nick + " :You are " + nick + ".\n"));
        return client;
    }
    void say(int client, std::string_view text) {
        REQUIRE(::send(client, text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }
    void close_client(int client) {
        std::erase(clients, client);
        close(client);
    }

    void turn(Duration patience = 10ms) {
        const Time deadline = engine->next_deadline();
        const Duration wait =
            deadline == time_never ? patience : std::min(patience, deadline - io::now());
        ring->submit_and_wait(wait);
        const Time now = io::now();
        std::array<io::Completion, 64> batch;
        while (const std::size_t count = ring->take_completions(batch)) {
            for (const io::Completion& completion : std::span(batch).first(count)) {
                table->completed(completion, now);
            }
        }
        engine->turn_ended(now);
        for (const engine::Output& output : engine->outputs())
            table->carry_out(output);
        engine->clear_outputs();
        table->turn_ended();
        engine->check_invariants();
    }

    /// Turns until `done`, or for three seconds; whether it was done.
    template <class Done>
    bool until(Done&& done) {
        for (const Time end = io::now() + 3s; io::now() < end;) {
            if (done()) return true;
            turn();
        }
        return done();
    }

    /// Turns until the client has been sent `text`; false if anything else comes.
    bool read(int client, std::string_view text) {
        std::string received;
        const bool came = until([&] {
            received += take(client, text.size() - received.size());
            return received.size() == text.size();
        });
        INFO(received);
        return came && received == text;
    }
    std::string take(int client, std::size_t bytes_max) {
        std::string text(bytes_max, '\0');
        const ssize_t got = recv(client, text.data(), text.size(), MSG_DONTWAIT);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    /// Turns until the client sees the end: FIN or a reset.
    bool sees_end(int client) {
        return until([&] {
            char byte;
            const ssize_t got = recv(client, &byte, 1, MSG_DONTWAIT);
            return got == 0 || (got < 0 && errno != EAGAIN);
        });
    }
    bool everyone_gone() {
        return until([&] { return engine->connection_count() == 0; });
    }

    std::unique_ptr<io::Ring> ring;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<StreamTable> table;
    std::vector<int> clients;
    ConnId last_id;

private:
    int listener_ = -1;
};

}  // namespace

TEST_CASE("a line goes from one socket to the others", "[server][stream_table]") {
    House house;
    const int ana = house.join("ana");
    const int bob = house.join("bob");
    const int eve = house.join("eve");
    house.say(ana, "hello\n");
    CHECK(house.read(bob, "<ana> hello\n"));
    CHECK(house.read(eve, "<ana> hello\n"));
    house.say(bob, "hi\n");
    CHECK(house.read(ana, "<bob> hi\n"));
}

TEST_CASE("pitfall 4: a half-closed client is answered to the end", "[server][stream_table]") {
    House house;
    const int bob = house.join("bob");
    const int script = house.connect();
    house.say(script, "/ping 1\nhi");
    REQUIRE(shutdown(script, SHUT_WR) == 0);
    CHECK(house.read(script, "NOTE PING PONG :1\n"));
    CHECK(house.read(bob, "<guest-1> hi\n"));
    CHECK(house.sees_end(script));
    CHECK(house.until([&] { return house.engine->connection_count() == 1; }));
}

TEST_CASE("pitfall 2: a slot is given back when nothing of its connection flies",
          "[server][stream_table]") {
    House house;
    const int ana = house.join("ana");
    const int never_reads = house.join("never");
    const ConnId stuck = house.last_id;
    const std::string body(4'000, 'x');
    // Its socket fills until a send is stuck in the kernel.
    for (int line = 0; line < 2'000; ++line) {
        house.say(ana, body + "\n");
        house.turn(0ms);
    }
    REQUIRE(house.until([&] { return house.engine->counters().messages == 2'000; }));
    CHECK(house.engine->log_totals().pins == 1);
    // A reset by the peer ends the receive, and the stuck send with it; then only is the id free.
    linger abort_on_close{.l_onoff = 1, .l_linger = 0};
    REQUIRE(setsockopt(never_reads, SOL_SOCKET, SO_LINGER, &abort_on_close,
                       sizeof abort_on_close) == 0);
    house.close_client(never_reads);
    CHECK(house.until([&] { return house.engine->connection_count() == 1; }));
    CHECK(house.engine->log_totals().pins == 0);
    // The next connection takes the same slot under another generation and gets nothing old.
    const int bob = house.join("bob");
    CHECK(house.last_id.index == stuck.index);
    CHECK(house.last_id.generation != stuck.generation);
    house.say(ana, "hello\n");
    CHECK(house.read(bob, "<ana> hello\n"));
}

TEST_CASE("pitfall 2: a late completion of an earlier owner reaches nobody, its buffer comes back",
          "[server][stream_table]") {
    House house;
    const int ana = house.join("ana");
    const ConnId id = house.last_id;
    // As many late completions as there are buffers: if one leaked, ana would soon be deaf.
    for (std::uint16_t buffer = 0; buffer < 8; ++buffer) {
        const io::Operation stale{io::OperationKind::receive, id.index, id.generation + 1};
        house.table->completed({.operation = stale, .result = -ECANCELED}, io::now());
    }
    house.table->completed(
        {.operation = {io::OperationKind::send, id.index, id.generation - 1}, .result = -EPIPE},
        io::now());
    house.table->completed({.operation = {io::OperationKind::receive, 31, 9}, .result = 0},
                           io::now());
    house.say(ana, "/ping still here\n");
    CHECK(house.read(ana, "NOTE PING PONG :still here\n"));
}

TEST_CASE("slots are reused over and over by clients of every manner", "[server][stream_table]") {
    House house;
    const int ana = house.join("ana");
    for (int round = 0; round < 200; ++round) {
        const int client = house.connect();
        if (round % 2 == 0) house.say(client, "hello\n");
        if (round % 3 == 0) house.turn(0ms);
        if (round % 5 == 0) {
            linger abort_on_close{.l_onoff = 1, .l_linger = 0};
            REQUIRE(setsockopt(client, SOL_SOCKET, SO_LINGER, &abort_on_close,
                               sizeof abort_on_close) == 0);
        }
        house.close_client(client);
        REQUIRE(house.until([&] { return house.engine->connection_count() <= 16; }));
    }
    CHECK(house.until([&] { return house.engine->connection_count() == 1; }));
    house.close_client(ana);
    CHECK(house.everyone_gone());
    CHECK(house.engine->log_totals().pins == 0);
}

TEST_CASE("pitfall 1: when all talk and buffers run out, every line arrives in order",
          "[server][stream_table]") {
    io::RingOptions options = small_ring();
    options.stream_buffers = 2;
    options.stream_buffer_bytes = 64;
    House house(options);
    const int listener = house.join("listener");
    std::vector<int> talkers;
    for (int talker = 0; talker < 6; ++talker)
        talkers.push_back(house.join("t" + std::to_string(talker)));
    constexpr int lines_each = 300;
    for (const int talker : talkers) {
        std::string script;
        for (int line = 0; line < lines_each; ++line)
            script += "line " + std::to_string(line) + "\n";
        house.say(talker, script);
    }
    std::string received;
    const std::size_t total = talkers.size() * lines_each;
    std::size_t lines = 0;
    CHECK(house.until([&] {
        const std::string more = house.take(listener, 1 << 16);
        lines += static_cast<std::size_t>(std::count(more.begin(), more.end(), '\n'));
        received += more;
        for (const int talker : talkers)
            house.take(talker, 1 << 16);
        return lines == total;
    }));
    for (std::size_t talker = 0; talker < talkers.size(); ++talker) {
        std::size_t at = 0;
        for (int line = 0; line < lines_each; ++line) {
            const std::string wanted =
                "<t" + std::to_string(talker) + "> line " + std::to_string(line) + "\n";
            at = received.find(wanted, at);
            REQUIRE(at != std::string::npos);
        }
    }
    CHECK(house.table->buffers_exhausted() > 0);
}

TEST_CASE("pitfall 8: one talker does not take the turns of the others", "[server][stream_table]") {
    io::RingOptions options = small_ring();
    options.stream_buffers = 256;
    House house(options);
    const int flood = house.join("flood");
    const int ana = house.join("ana");
    const int bob = house.join("bob");
    house.say(flood, "/leave\n");
    house.turn();
    int bytes = 4 << 20;
    REQUIRE(setsockopt(flood, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) == 0);
    const std::string piece(256 * 1'024, 'x');
    std::size_t sent = 0;
    for (ssize_t taken; (taken = ::send(flood, piece.data(), piece.size(), MSG_DONTWAIT)) > 0;) {
        sent += static_cast<std::size_t>(taken);
    }
    REQUIRE(sent > limits::turn_bytes_max);
    house.say(ana, "hello\n");
    CHECK(house.read(bob, "<ana> hello\n"));
    // What was held back is read in later turns.
    CHECK(house.until([&] { return house.engine->counters().bytes_received >= sent; }));
}

TEST_CASE("reading pauses while answers are not taken, and nothing is lost",
          "[server][stream_table]") {
    engine::EngineConfig config;
    config.stream_bytes_max = 2'000;
    House house(small_ring(), config);
    const int ana = house.join("ana");
    std::string answers;
    std::string script;
    for (int count = 0; count < 4'000; ++count) {
        const std::string number = std::to_string(count);
        script += "/ping " + number + "\n";
        answers += "NOTE PING PONG :" + number + "\n";
    }
    house.say(ana, script);
    std::string received;
    CHECK(house.until([&] {
        received += house.take(ana, 1'500);
        return received.size() >= answers.size();
    }));
    CHECK(received == answers);
}

TEST_CASE("a drain ends every socket", "[server][stream_table]") {
    House house;
    const int ana = house.join("ana");
    const int silent = house.connect();
    house.turn();
    house.engine->drain_begun(io::now());
    CHECK(house.read(ana, "NOTE * DRAIN :chatd is stopping; reconnect in a moment.\n"));
    CHECK(house.sees_end(ana));
    CHECK(house.sees_end(silent));
    house.close_client(ana);
    house.close_client(silent);
    CHECK(house.everyone_gone());
}

TEST_CASE("a ping that the kernel still holds is asked about", "[server][stream_table]") {
    engine::EngineConfig config;
    config.websocket_ping_interval = 100ms;
    config.websocket_pong_timeout = 100ms;
    House house(small_ring(), config);
    if (!house.ring->can_install_ordinary()) return;
    const int client = house.connect();
    house.say(
        client,
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    // The client's kernel takes the ping and the client stays silent: nothing is unsent, so it is
    // ended after one question.
    CHECK(house.everyone_gone());
    CHECK(house.engine->counters().pings_sent == 1);
}
