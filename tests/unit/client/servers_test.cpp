#include "chatd/client/servers.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "chatd/client/clock.hpp"
#include "support/catch.hpp"
#include "support/loopback.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace std::chrono_literals;

namespace {

const std::vector<Target> abc{{"a", 1}, {"b", 2}, {"c", 3}};

// "a b c" of a round with "+" between those dialled at once, to the empty answer that ends it.
std::string round(ServerList& list) {
    std::string text;
    for (auto chosen = list.next(); !chosen.empty(); chosen = list.next()) {
        if (!text.empty()) text += ' ';
        for (std::size_t at = 0; at < chosen.size(); ++at)
            text += (at > 0 ? "+" : "") + chosen[at].host;
    }
    return text;
}

std::string list_refusal(std::string_view text) {
    const auto servers = parse_servers(text, 4399);
    return servers ? "taken" : servers.error();
}

void run(ServerDialling& dialling) {
    while (dialling.state() == ServerDialling::State::dialling) {
        const auto polled = dialling.poll_fds();
        std::vector<pollfd> fds(polled.begin(), polled.end());
        ::poll(fds.data(), fds.size(), poll_timeout_ms(now(), dialling.deadline()));
        dialling.step(now());
    }
}

Target target_of(const Endpoint& endpoint) {
    return {endpoint.ip_text(), port_of(endpoint)};
}

}  // namespace

TEST_CASE("a list of servers is read in its order", "[client][servers]") {
    const auto servers = parse_servers("a,b:4400,[::1]:5000,::1", 4399);
    REQUIRE(servers);
    CHECK(*servers == std::vector<Target>{{"a", 4399}, {"b", 4400}, {"::1", 5000}, {"::1", 4399}});
    CHECK(parse_servers("", 4399) == std::vector<Target>{{"localhost", 4399}});
    CHECK(parse_servers(":4400", 4399) == std::vector<Target>{{"localhost", 4400}});
}

TEST_CASE("a list that is none is refused", "[client][servers]") {
    CHECK(list_refusal("a,,b") == "between two commas stands no server; write a,b,c.");
    CHECK(list_refusal("a,") == "between two commas stands no server; write a,b,c.");
    CHECK(list_refusal(",a") == "between two commas stands no server; write a,b,c.");
    CHECK(list_refusal("a,b,a:4399") == "a:4399 stands in the list twice.");
    CHECK(list_refusal("a,b:x").find("the port is a number from 1 to 65535") != std::string::npos);
    std::string many = "s0";
    for (std::size_t server = 1; server <= servers_max; ++server)
        many += ",s" + std::to_string(server);
    CHECK(list_refusal(many) == "a list has at most 64 servers.");
    CHECK(parse_balance("two-choices") == Balance::two_choices);
    CHECK(parse_balance("nearest").error() ==
          "\"nearest\" is no way to choose a server: write first, random or two-choices.");
}

TEST_CASE("first goes by the list, each server once a round", "[client][servers]") {
    ServerList list(abc, Balance::first, 1);
    CHECK(round(list) == "a b c");
    CHECK(round(list) == "a b c");
    ServerList one({{"a", 1}}, Balance::two_choices, 1);
    CHECK(round(one) == "a");
    CHECK(round(one) == "a");
}

TEST_CASE("random gives every server the first place equally often", "[client][servers]") {
    std::map<std::string, int> first;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        ServerList list(abc, Balance::random, seed);
        const std::string order = round(list);
        std::string sorted = order;
        std::sort(sorted.begin(), sorted.end());
        REQUIRE(sorted == "  abc");
        ++first[order.substr(0, 1)];
    }
    for (const auto& [server, count] : first)
        CHECK(count > 900);
    CHECK(first.size() == 3);
}

TEST_CASE("two-choices draws two different ones, all pairs equally often", "[client][servers]") {
    std::map<std::set<std::string>, int> pairs;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        ServerList list(abc, Balance::two_choices, seed);
        const auto chosen = list.next();
        REQUIRE(chosen.size() == 2);
        REQUIRE(chosen[0] != chosen[1]);
        ++pairs[{chosen[0].host, chosen[1].host}];
        CHECK(list.next().size() == 1);
        CHECK(list.next().empty());
    }
    CHECK(pairs.size() == 3);
    for (const auto& [pair, count] : pairs)
        CHECK(count > 900);
}

TEST_CASE("the server of a lost connection is asked first and alone", "[client][servers]") {
    const auto balance = GENERATE(Balance::first, Balance::random, Balance::two_choices);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        ServerList list(abc, balance, seed);
        list.next();
        list.connected({"c", 3});
        const std::string again = round(list);
        CHECK(again.starts_with("c "));
        if (balance == Balance::first) CHECK(again == "c a b");
        if (balance == Balance::two_choices) CHECK((again == "c a+b" || again == "c b+a"));
    }
}

TEST_CASE("a connection ends the round it came in", "[client][servers]") {
    ServerList list(abc, Balance::first, 1);
    CHECK(list.next() == std::vector<Target>{abc[0]});
    list.connected(abc[0]);
    CHECK(round(list) == "a b c");
}

TEST_CASE("of two servers the one that answers is taken, and named", "[client][servers]") {
    const SilentAddress silent(1);
    Endpoint refusing = loopback(3, 0);
    const Socket bound = bind_at(refusing, SOCK_STREAM);
    Endpoint accepting = loopback(2, 0);
    const Socket listener = listen_at(accepting);
    const Endpoint other = GENERATE(true, false) ? silent.endpoint : refusing;
    ServerDialling dialling({target_of(other), target_of(accepting)}, {});
    CHECK(dialling.deadline() == Time::min());
    const Time begun = now();
    run(dialling);
    REQUIRE(dialling.state() == ServerDialling::State::connected);
    CHECK(dialling.server() == target_of(accepting));
    CHECK(peer_of(dialling.take()) == accepting);
    CHECK(now() - begun < 9s);
    CHECK(dialling.poll_fds().empty());
}

TEST_CASE("when neither answers both are named", "[client][servers]") {
    Endpoint first = loopback(1, 0);
    Endpoint second = loopback(2, 0);
    const Socket first_bound = bind_at(first, SOCK_STREAM);
    const Socket second_bound = bind_at(second, SOCK_STREAM);
    ServerDialling dialling({target_of(first), target_of(second)}, {});
    run(dialling);
    REQUIRE(dialling.state() == ServerDialling::State::failed);
    const std::string& message = dialling.error().message;
    CHECK(message.starts_with(first.text() + ": 127.0.0.1 connection refused."));
    CHECK(message.find(second.text() + ": 127.0.0.2 connection refused.") != std::string::npos);
    CHECK(dialling.error().exit_code() == ExitCode::cannot_connect);
}
