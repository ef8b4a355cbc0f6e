#include "chatd/client/blocking_client.hpp"

#include <string>

#include "chatd/client/clock.hpp"
#include "support/catch.hpp"
#include "support/loopback_chatd.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::client;
using chatd::test::LoopbackChatd;
using namespace std::chrono_literals;

namespace {

ClientOptions waiting_options(const LoopbackChatd& server, std::string nick) {
    return {.session = {.nick = std::move(nick)},
            .servers = {server.target()},
            .retry = {.base = 10ms, .cap = 50ms}};
}

/// The next message, other events left out.
std::optional<Message> next_message(BlockingClient& client, Duration time_max = 20s) {
    while (auto event = client.next_event(time_max)) {
        if (auto* message = std::get_if<Message>(&*event)) return std::move(*message);
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("two blocking clients talk", "[client][blocking_client]") {
    LoopbackChatd server;
    BlockingClient ana(waiting_options(server, "ana"));
    BlockingClient bob(waiting_options(server, "bob"));
    const auto online = ana.connect(20s);
    REQUIRE(online.has_value());
    CHECK(online->nick == "ana");
    CHECK(ana.connect(0s)->token == online->token);
    REQUIRE(bob.connect(20s));
    const auto said = ana.say("lobby", "hi bob");
    REQUIRE(said.has_value());
    const auto heard = next_message(bob);
    REQUIRE(heard.has_value());
    CHECK(heard->body == "hi bob");
    CHECK(heard->at == said->at);
    CHECK(heard->key == said->key);
    CHECK_FALSE(heard->own);
    const auto who = ana.call("who", R"({"room":"lobby"})");
    REQUIRE(who.has_value());
    CHECK(test::Json(*who).at("total") == "2");
    // What came while it waited for something else is not lost.
    CHECK(next_message(ana)->own);
}

TEST_CASE("what the server refuses is an error with its words", "[client][blocking_client]") {
    LoopbackChatd server;
    BlockingClient ana(waiting_options(server, "ana"));
    CHECK(ana.say("dev", "not there").error().code == "NOT_IN_ROOM");
    CHECK(ana.say("lobby", "").error().code == "NOT_TAKEN");
    CHECK(ana.call("nosuch").error().code == "METHOD_NOT_FOUND");
    BlockingClient double_ana(waiting_options(server, "ana"));
    const auto refused = double_ana.connect(20s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "NICK_IN_USE");
    while (double_ana.next_event(20s)) {
    }
    CHECK(double_ana.client().ended());
}

TEST_CASE("without a server the time is over, or the attempts are", "[client][blocking_client]") {
    LoopbackChatd server;
    server.stop();
    BlockingClient patient(waiting_options(server, "ana"));
    const Time began = now();
    const auto late = patient.connect(100ms);
    CHECK(now() - began >= 100ms);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == "TIMED_OUT");
    CHECK(late.error().retry);
    CHECK(late.error().text.find("refused") != std::string::npos);
    ClientOptions once = waiting_options(server, "ana");
    once.retry.attempts_max = 0;
    BlockingClient hasty(once);
    const auto never = hasty.call("ping");
    REQUIRE_FALSE(never);
    CHECK(never.error().code == "GAVE_UP");
}

TEST_CASE("a line that timed out is said by later calls", "[client][blocking_client]") {
    LoopbackChatd server;
    BlockingClient ana(waiting_options(server, "ana"));
    REQUIRE(ana.connect(20s));
    server.stop();
    const auto late = ana.say("lobby", "later", {}, 50ms);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == "TIMED_OUT");
    server.start();
    CHECK(next_message(ana)->body == "later");
    CHECK(ana.session().outbox().empty());
}

TEST_CASE("waiting for an event ends with the time", "[client][blocking_client]") {
    LoopbackChatd server;
    BlockingClient ana(waiting_options(server, "ana"));
    REQUIRE(ana.connect(20s));
    while (ana.next_event(10ms)) {
    }
    const Time began = now();
    CHECK_FALSE(ana.next_event(30ms));
    CHECK(now() - began >= 30ms);
}
