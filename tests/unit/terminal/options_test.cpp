#include "options.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;
using namespace std::chrono_literals;

namespace {

template <class Wanted>
Wanted parsed(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "chatcli");
    const auto options = parse_options(static_cast<int>(arguments.size()), arguments.data());
    REQUIRE(options);
    return std::get<Wanted>(*options);
}

}  // namespace

TEST_CASE("a chat by default is on this machine", "[terminal][options]") {
    const auto options = parsed<ChatOptions>({});
    CHECK(options.at.servers == std::vector{client::Target{"localhost", 4399}});
    CHECK(options.nick.empty());
    CHECK(options.room.empty());
    CHECK_FALSE(options.plain);
    CHECK(options.wait_max == 15s);
}

TEST_CASE("a chat may have several servers", "[terminal][options]") {
    const auto options = parsed<ChatOptions>(
        {"--server", "a,b:4400", "--balance", "two-choices", "--retry", "max=3"});
    CHECK(options.at.servers == std::vector{client::Target{"a", 4399}, client::Target{"b", 4400}});
    CHECK(options.at.balance == client::Balance::two_choices);
    CHECK(options.at.retry.attempts_max == 3);
    const char* const both[]{"chatcli", "host", "--server", "a"};
    CHECK(parse_options(4, both).error() == client::ExitCode::usage);
    const char* const neither[]{"chatcli", "--server", "a:b:c,"};
    CHECK(parse_options(3, neither).error() == client::ExitCode::usage);
}

TEST_CASE("every option of a chat", "[terminal][options]") {
    const auto options = parsed<ChatOptions>(
        {"[::1]:7", "--nick", "ana", "--room=#dev", "--plain", "--wait", "0.5"});
    CHECK(options.at.servers == std::vector{client::Target{"::1", 7}});
    CHECK(options.nick == "ana");
    CHECK(options.room == "#dev");
    CHECK(options.plain);
    CHECK(options.wait_max == 500ms);
}

TEST_CASE("datagrams by default come from standard input and nothing is awaited",
          "[terminal][options]") {
    const auto options = parsed<UdpOptions>({"udp"});
    CHECK(options.target == client::Target{"localhost", 8080});
    CHECK(std::holds_alternative<StdinHexLines>(options.payload));
    CHECK(options.count == 1);
    CHECK_FALSE(options.waits());
    CHECK(options.print == PrintStyle::automatic);
}

TEST_CASE("every option of datagrams", "[terminal][options]") {
    const auto options =
        parsed<UdpOptions>({"udp",           "host",   "--text",       "-x",   "--count",   "0",
                            "--rate",        "2.5",    "--wait-reply", "250",  "--replies", "3",
                            "--expect-hex",  "de ad",  "--expect-hex", "be",   "--print",   "json",
                            "--allow-empty", "--stay", "--time",       "--raw"});
    CHECK(options.target == client::Target{"host", 8080});
    CHECK(std::get<TextPayload>(options.payload).text == "-x");
    CHECK(options.count == 0);
    CHECK(options.rate_hz == 2.5);
    CHECK(options.reply_wait == Duration(250ms));
    CHECK(options.replies == 3);
    CHECK(options.expected_hex == std::vector<std::string>{"de ad", "be"});
    CHECK(options.print == PrintStyle::json);
    CHECK(options.allow_empty);
    CHECK(options.stay);
    CHECK(options.show_time);
}

TEST_CASE("what is waited for follows from what is wanted", "[terminal][options]") {
    CHECK(parsed<UdpOptions>({"udp", "--hex", "01", "--expect-hex", "02"}).reply_wait ==
          Duration(1s));
    const auto listening = parsed<UdpOptions>({"udp", "--hex", "01", "--listen"});
    CHECK(listening.waits());
    CHECK_FALSE(listening.reply_wait);
    CHECK(listening.replies == 0);
    const auto counted = parsed<UdpOptions>({"udp", "--hex", "01", "--listen", "--replies", "2"});
    CHECK(counted.replies == 2);
    CHECK(std::holds_alternative<StdinRaw>(parsed<UdpOptions>({"udp", "--stdin", "raw"}).payload));
}
