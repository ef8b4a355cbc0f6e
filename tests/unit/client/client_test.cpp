// A client over real sockets: dialling, coming back, other servers, and how it ends.
#include "chatd/client/client.hpp"

#include <poll.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "chatd/client/clock.hpp"
#include "support/catch.hpp"
#include "support/loopback_chatd.hpp"

using namespace chatd;
using namespace chatd::client;
using chatd::test::LoopbackChatd;
using namespace std::chrono_literals;

namespace {

constexpr Duration patience = 20s;  // far more than anything here takes
const RetryPolicy quick{.attempts_max = 200, .base = 10ms, .cap = 50ms};

ClientOptions options(const LoopbackChatd& server, std::string nick) {
    return {.session = {.nick = std::move(nick)}, .servers = {server.target()}, .retry = quick};
}

/// Carries the client until `done`, and keeps what it was told.
struct Run {
    Client& client;
    std::vector<Event> events{};

    void until(const std::function<bool()>& done) {
        const Time end = now() + patience;
        std::vector<pollfd> polled;
        while (!done()) {
            REQUIRE(now() < end);
            client.turn(now());
            while (auto event = client.session().next_event())
                events.push_back(std::move(*event));
            if (done()) return;
            polled.clear();
            client.add_polled(polled);
            // No longer than a moment: other threads change what `done` looks at.
            const Time deadline = std::min(client.deadline(), now() + 5ms);
            (void)::poll(polled.data(), polled.size(), poll_timeout_ms(now(), deadline));
        }
    }
    void until(Client::State state) {
        until([&] { return client.state() == state; });
    }
    template <class Kind>
    std::size_t count() const {
        std::size_t found = 0;
        for (const Event& event : events)
            found += std::holds_alternative<Kind>(event) ? 1 : 0;
        return found;
    }
};

/// Gives other tokens than its like.
engine::EngineConfig another() {
    engine::EngineConfig config;
    config.token_seed = std::string(32, 'b');
    return config;
}

ClientOptions options_of_two(const LoopbackChatd& one, const LoopbackChatd& two) {
    ClientOptions both = options(one, "ana");
    both.servers.push_back(two.target());
    return both;
}

/// A port where nobody listens.
Target nobody() {
    LoopbackChatd server;
    return server.target();
}

/// Two of one nick: the first is online, the second refused.
struct RefusedNick {
    LoopbackChatd server;
    Client first{options(server, "ana")};
    Run first_run{first};
    Client second{options(server, "ana")};
    Run second_run{second};

    RefusedNick() {
        first_run.until(Client::State::online);
        second_run.until(Client::State::stopped);
    }
};

}  // namespace

TEST_CASE("a client dials, greets and says what it was given before", "[client][client_loop]") {
    LoopbackChatd server;
    Client client(options(server, "ana"));
    CHECK(client.state() == Client::State::dialling);
    REQUIRE(client.session().say("lobby", "hello"));
    Run run{client};
    run.until([&] { return run.count<Said>() == 1; });
    CHECK(client.state() == Client::State::online);
    CHECK(client.server() == server.target());
    CHECK(client.session().nick() == "ana");
    CHECK(run.count<Message>() == 1);
}

TEST_CASE("no line leaves before its owner could keep who one is", "[client][client_loop]") {
    LoopbackChatd server;
    Client client(options(server, "ana"));
    REQUIRE(client.session().say("lobby", "hello"));
    const Time end = now() + patience;
    while (!client.session().online()) {
        REQUIRE(now() < end);
        client.turn(now());
        std::this_thread::sleep_for(1ms);
    }
    CHECK(client.deadline() == Time::min());
    CHECK(as_text(client.session().to_send()).find("hello") != std::string_view::npos);
    Run run{client};
    while (auto event = client.session().next_event())
        run.events.push_back(std::move(*event));
    run.until([&] { return run.count<Said>() == 1; });
}

TEST_CASE("a client that is cut off comes back and says everything once", "[client][client_loop]") {
    LoopbackChatd server;
    Client client(options(server, "ana"));
    Run run{client};
    run.until(Client::State::online);
    for (std::size_t round = 1; round <= 5; ++round) {
        for (int line = 0; line < 10; ++line)
            REQUIRE(client.session().say("lobby", std::to_string(line)));
        client.flush(now());
        server.cut_all();
        run.until([&] { return run.count<Online>() == round + 1; });
        run.until([&] { return client.session().outbox().empty(); });
    }
    run.until([&] { return run.count<Message>() == 50; });
    CHECK(run.count<Said>() == 50);
    CHECK(run.count<Offline>() == 5);
    CHECK(server.accepted() == 6);
}

TEST_CASE("a client waits for a server that is not there, and leaves it alone meanwhile",
          "[client][client_loop]") {
    LoopbackChatd server;
    server.stop();
    Client client(options(server, "ana"));
    Run run{client};
    run.until([&] { return client.attempts() >= 3; });
    CHECK(client.failure().code == ExitCode::cannot_connect);
    CHECK(client.failure().text.find("refused") != std::string::npos);
    CHECK(client.retry_at() - now() <= 50ms);
    server.start();
    run.until(Client::State::online);
    CHECK(server.accepted() == 1);
}

TEST_CASE("a first round without a server can be the end, and so can the last attempt",
          "[client][client_loop]") {
    ClientOptions once{.servers = {nobody()}, .retry_first = false};
    Client client(once);
    Run run{client};
    run.until(Client::State::gave_up);
    CHECK(client.attempts() == 0);
    CHECK(client.failure().code == ExitCode::cannot_connect);
    CHECK(client.ended());
    CHECK(client.deadline() == time_never);

    ClientOptions thrice{.servers = {nobody()}, .retry = {.attempts_max = 2, .base = 1ms}};
    Client other(thrice);
    Run other_run{other};
    other_run.until(Client::State::gave_up);
    CHECK(other.attempts() == 2);
    other.dial();
    CHECK(other.state() == Client::State::dialling);
}

TEST_CASE("a client goes on to the next server, and resumes where it was",
          "[client][client_loop]") {
    LoopbackChatd second;
    ClientOptions both = options(second, "ana");
    both.servers = {nobody(), second.target()};
    Client client(both);
    Run run{client};
    run.until(Client::State::online);
    CHECK(client.server() == second.target());
    second.cut_all();
    run.until([&] { return run.count<Online>() == 2; });
    CHECK(client.server() == second.target());
}

TEST_CASE("whom a server has forgotten comes back from what is kept", "[client][client_loop]") {
    LoopbackChatd one;
    LoopbackChatd two(another());
    one.stop();
    const std::string forgotten(43, 'A');
    SessionState state{.server = two.target().text(),
                       .token = forgotten,
                       .nick = "ana",
                       .rooms = {{"lobby", {}}},
                       .elsewhere = {{"the same by another name", forgotten, {}}}};
    {
        Client client(options_of_two(one, two), state);
        Run run{client};
        run.until(Client::State::online);
        state = client.session_state();
    }
    CHECK(state.server == two.target().text());
    CHECK(state.token != forgotten);
    CHECK(state.elsewhere.empty());
    // Programs before this one kept both.
    state.elsewhere.push_back({two.target().text(), forgotten, {}});
    Client client(options_of_two(one, two), state);
    Run run{client};
    run.until([&] { return client.state() == Client::State::online || client.ended(); });
    CHECK(client.session().nick() == "ana");
    CHECK(run.count<Denied>() == 0);
}

TEST_CASE("who one is at each server outlives runs with other servers", "[client][client_loop]") {
    LoopbackChatd one;
    LoopbackChatd two(another());
    const auto token_at = [](const ClientOptions& options, SessionState& state) {
        Client client(options, state);
        Run run{client};
        run.until([&] { return client.state() == Client::State::online || client.ended(); });
        CHECK(client.session().nick() == "ana");
        state = parse_state(print_state(client.session_state())).value();
        CHECK(state.server == client.server()->text());
        return state.token;
    };
    SessionState state;
    const std::string at_one = token_at(options(one, "ana"), state);
    const std::string at_two = token_at(options(two, "ana"), state);
    CHECK(at_two != at_one);
    CHECK(token_at(options(one, "ana"), state) == at_one);
    CHECK(token_at(options_of_two(two, one), state) == at_two);
    CHECK(state.elsewhere.size() == 1);
    // A state of which no server is known was the only one's.
    state = {.token = at_one, .nick = "ana"};
    CHECK(token_at(options(one, "ana"), state) == at_one);
}

TEST_CASE("of too many servers those not listed are forgotten", "[client][client_loop]") {
    SessionState state{.server = "here", .token = "secret"};
    for (std::size_t number = 0; number < client_servers_known_max; ++number)
        state.elsewhere.push_back({std::to_string(number), "another", {}});
    const Target last{"z.example", 4399};
    state.elsewhere.push_back({last.text(), "the last", {}});
    const SessionState kept = Client({.servers = {last}}, state).session_state();
    CHECK(kept.server == "here");
    REQUIRE(kept.elsewhere.size() == client_servers_known_max - 1);
    CHECK(kept.elsewhere.back().token == "the last");
}

TEST_CASE("who got a nick before the cut is the same person there later", "[client][client_loop]") {
    LoopbackChatd one;
    LoopbackChatd two(another());
    Client client(options_of_two(one, two));
    Run run{client};
    run.until(Client::State::online);
    const std::string at_one = client.session_state().token;
    two.stop_after(3);  // a token that is not known, hello, the nick
    one.stop();
    run.until([&] { return two.stopped(); });
    run.until(Client::State::waiting);
    const SessionState between = client.session_state();
    CHECK(between.token != at_one);
    CHECK(between.server == two.target().text());
    CHECK_FALSE(between.token.empty());
    REQUIRE(between.elsewhere.size() == 1);
    CHECK(between.elsewhere[0].token == at_one);
    one.start();
    run.until(Client::State::online);
    CHECK(client.session_state().token == at_one);
    two.stop_after(0);
    two.start();
    one.stop();
    run.until([&] { return run.count<Online>() == 3 || client.ended(); });
    CHECK(client.session_state().token == between.token);
    CHECK(client.session().nick() == "ana");
}

TEST_CASE("a client that is refused stops until it has another nick", "[client][client_loop]") {
    RefusedNick nick;
    Client& second = nick.second;
    Run& second_run = nick.second_run;
    CHECK(second.ended());
    CHECK(second_run.count<Denied>() == 1);
    second.session().set_nick("bob");
    second_run.until(Client::State::online);
    CHECK(second.session().nick() == "bob");
}

TEST_CASE("a client that is refused may ask again for the same nick", "[client][client_loop]") {
    RefusedNick nick;
    Client& second = nick.second;
    Run& second_run = nick.second_run;
    second.dial();
    CHECK(second.state() == Client::State::dialling);
    second_run.until([&] { return second_run.count<Denied>() == 2; });
    second_run.until(Client::State::stopped);
    nick.first.leave();
    nick.first.session().call("quit");
    nick.first_run.until(Client::State::left);
    second_run.until([&] {
        if (second.state() == Client::State::stopped) second.dial();
        return second.state() == Client::State::online;
    });
    CHECK(second.session().nick() == "ana");
}

TEST_CASE("a server that drains is given the time it asks for", "[client][client_loop]") {
    LoopbackChatd server;
    Client client(options(server, "ana"));
    Run run{client};
    run.until(Client::State::online);
    server.drain();
    const Time drained = now();
    run.until(Client::State::waiting);
    CHECK(run.count<Draining>() == 1);
    CHECK(client.retry_at() >= drained + 900ms);
    client.dial();
    CHECK(client.state() == Client::State::dialling);
}

TEST_CASE("after leave() the end of the connection is the end", "[client][client_loop]") {
    LoopbackChatd server;
    Client client(options(server, "ana"));
    Run run{client};
    run.until(Client::State::online);
    client.leave();
    CHECK(client.state() == Client::State::online);
    client.session().call("quit");
    run.until(Client::State::left);
    CHECK(client.ended());
    CHECK(run.count<Offline>() == 1);

    Client never(options(server, "bob"));
    never.leave();
    CHECK(never.state() == Client::State::left);
}
