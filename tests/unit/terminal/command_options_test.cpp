#include "command_options.hpp"

#include <string>
#include <vector>

#include "options.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;
using namespace std::chrono_literals;

namespace {

std::expected<Options, client::ExitCode> read_words(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "chatcli");
    return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

template <class Wanted>
Wanted read_as(const std::vector<const char*>& arguments) {
    const auto options = read_words(arguments);
    REQUIRE(options);
    return std::get<Wanted>(*options);
}

bool is_refused(const std::vector<const char*>& arguments) {
    const auto options = read_words(arguments);
    return !options && options.error() == client::ExitCode::usage;
}

}  // namespace

TEST_CASE("an errand by default goes to this machine and is not retried before it began",
          "[terminal][options]") {
    const auto options = read_as<SayOptions>({"say", "hello", "there"});
    CHECK(options.text == "hello there");
    CHECK(options.room == "lobby");
    CHECK_FALSE(options.from_input);
    CHECK_FALSE(options.action);
    CHECK(options.errand.at.servers == std::vector<client::Target>{{"localhost", 4399}});
    CHECK(options.errand.at.balance == client::Balance::first);
    CHECK(options.errand.at.dial.strategy == client::DialStrategy::eyeballs);
    CHECK(options.errand.at.retry == client::RetryPolicy{});
    CHECK_FALSE(options.errand.at.retry_first);
    CHECK(options.errand.wait_max == 15s);
    CHECK_FALSE(options.errand.json);
}

TEST_CASE("every option that chooses servers", "[terminal][options]") {
    const auto options =
        read_as<WhoOptions>({"who", "--server", "a,b:1,[::1]", "--balance", "two-choices", "--dial",
                             "serial", "--retry", "max=3,base=1s", "--keepalive", "0.5", "--nick",
                             "ana", "--json", "--wait", "0.5", "--room", "#dev"});
    CHECK(options.errand.at.servers ==
          std::vector<client::Target>{{"a", 4399}, {"b", 1}, {"::1", 4399}});
    CHECK(options.errand.at.balance == client::Balance::two_choices);
    CHECK(options.errand.at.dial.strategy == client::DialStrategy::serial);
    CHECK(options.errand.at.retry == client::RetryPolicy{3, 1s, 36s});
    CHECK(options.errand.at.retry_first);
    CHECK(options.errand.at.keepalive == 500ms);
    CHECK(options.errand.nick == "ana");
    CHECK(options.errand.json);
    CHECK(options.errand.wait_max == 500ms);
    CHECK(options.room == "#dev");
}

TEST_CASE("a silent server is asked, and has at most ten seconds to answer",
          "[terminal][options]") {
    const client::SessionOptions usual = ServerOptions{}.with({}).session;
    CHECK(usual.ping_interval == client::SessionOptions{}.ping_interval);
    CHECK(usual.silence_max == client::SessionOptions{}.silence_max);
    const auto hurried = read_as<TailOptions>({"tail", "--keepalive", "2"});
    const client::SessionOptions soon = hurried.errand.at.with({}).session;
    CHECK(soon.ping_interval == 2s);
    CHECK(soon.silence_max == 2s);
    CHECK(read_as<ForwardOptions>({"forward", "1", "a", "--keepalive", "60"}).at.silence_max() ==
          10s);
    CHECK(is_refused({"tail", "--keepalive", "0"}));
    CHECK(is_refused({"tail", "--keepalive", "often"}));
}

TEST_CASE("what is said comes from the words or from standard input", "[terminal][options]") {
    CHECK(read_as<SayOptions>({"say", "-"}).from_input);
    CHECK(read_as<SayOptions>({"say", "-", "b"}).text == "- b");
    CHECK(read_as<SayOptions>({"say", "--me", "--", "--waves"}).text == "--waves");
    CHECK(read_as<SayOptions>({"say", "--me", "waves"}).action);
    CHECK(is_refused({"say"}));
    CHECK(is_refused({"say", ""}));
    CHECK(is_refused({"say", "--room", "a b", "x"}));
    CHECK(is_refused({"say", "--nick", "a b", "x"}));
}

TEST_CASE("a tail begins somewhere", "[terminal][options]") {
    const auto usual = read_as<TailOptions>({"tail"});
    CHECK(usual.rooms == std::vector<std::string>{"lobby"});
    CHECK(usual.lines == 10);
    CHECK_FALSE(usual.since);
    CHECK_FALSE(usual.follow);
    const auto since =
        read_as<TailOptions>({"tail", "--room", "ops", "--since", "3:41", "--follow"});
    CHECK(since.since == Position{3, 41});
    CHECK(since.follow);
    CHECK_FALSE(since.all);
    CHECK(read_as<TailOptions>({"tail", "--since", "3:0"}).since == Position{3, 0});
    const auto all = read_as<TailOptions>({"tail", "--since", "all", "--room", "a", "--room", "b"});
    CHECK(all.all);
    CHECK(all.rooms == std::vector<std::string>{"a", "b"});
    CHECK(is_refused({"tail", "--since", "41"}));  // of which epoch?
    CHECK(is_refused({"tail", "--since", "yesterday"}));
    CHECK(is_refused({"tail", "--since", "3:41", "--room", "a", "--room", "b"}));
    CHECK(is_refused({"tail", "--since", "all", "--lines", "3"}));
    CHECK(is_refused({"tail", "--lines", "501"}));
}

TEST_CASE("questions have what they ask about", "[terminal][options]") {
    const auto msg = read_as<MsgOptions>({"msg", "bob", "just", "you"});
    CHECK(msg.to == "bob");
    CHECK(msg.text == "just you");
    CHECK(is_refused({"msg", "bob"}));
    const auto search = read_as<SearchOptions>({"search", "from:ana", "disk", "--limit", "5"});
    CHECK(search.query == "from:ana disk");
    CHECK(search.limit == 5);
    CHECK(search.room.empty());
    CHECK(is_refused({"search"}));
    CHECK(is_refused({"search", "x", "--limit", "0"}));
    CHECK(read_as<ExportOptions>({"export", "ops", "--since", "1:2"}).since == Position{1, 2});
    CHECK(is_refused({"export"}));
    CHECK(is_refused({"export", "ops", "--since", "all"}));
}

TEST_CASE("a forwarder has two sides", "[terminal][options]") {
    const auto options = read_as<ForwardOptions>({"forward", "4400", "chat.example.org,b:1"});
    CHECK(options.local == client::Target{"localhost", 4400});
    CHECK(options.at.servers == std::vector<client::Target>{{"chat.example.org", 4399}, {"b", 1}});
    CHECK(options.connections_max == 64);
    CHECK(read_as<ForwardOptions>({"forward", "[::]:4400", "b"}).local ==
          client::Target{"::", 4400});
    CHECK(is_refused({"forward", "4400"}));
    CHECK(is_refused({"forward", "localhost", "b"}));  // a port is missing
    CHECK(is_refused({"forward", "0", "b"}));
    CHECK(is_refused({"forward", "4400", "b", "--connections", "0"}));
    CHECK(is_refused({"forward", "4400", "b", "--server", "c"}));
}
