#include "chatd/server/options.hpp"

#include <cstdlib>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::server;
using namespace std::chrono_literals;

namespace {

std::expected<Options, OptionsExit> parsed(std::vector<const char*> flags) {
    flags.insert(flags.begin(), "chatd");
    return parse_options(static_cast<int>(flags.size()), flags.data());
}

Options accepted(const std::vector<const char*>& flags) {
    auto options = parsed(flags);
    if (!options) FAIL(options.error().text);
    return *options;
}

/// A variable of the environment, for the time of one test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { unsetenv(name_); }

private:
    const char* name_;
};

}  // namespace

TEST_CASE("without flags both default ports are on both loopbacks", "[server][options]") {
    const Options options = accepted({});
    REQUIRE(options.tcp.size() == 1);
    REQUIRE(options.udp.size() == 1);
    CHECK(options.tcp[0].both_loopbacks);
    CHECK(options.tcp[0].address.text() == "127.0.0.1:4399");
    CHECK(options.udp[0].both_loopbacks);
    CHECK(options.udp[0].address.text() == "127.0.0.1:8080");
    CHECK(options.engine.listen_after == 200ms);
    CHECK(options.engine.greet_after == 1s);
    CHECK(options.engine.slow_reader == engine::SlowReader::backfill);
    CHECK(options.state.history);
    CHECK(options.engine.keeps_history);
    CHECK(options.engine.room_kept == limits::room_kept_time);
    CHECK(options.engine.websocket_ping_interval == 25s);
    CHECK(options.engine.websocket_pong_timeout == 10s);
    CHECK(options.datagrams.policy == engine::RawPolicy::loopback);
    CHECK(options.tcp_user_timeout == 300s);
    CHECK(options.log_level == "info");
    CHECK_FALSE(options.mask_kernel_features);
    CHECK_FALSE(options.engine.version.empty());
}

TEST_CASE("who names one port gets that one alone", "[server][options]") {
    CHECK(accepted({"--tcp", "5000"}).udp.empty());
    CHECK(accepted({"--udp", "5000"}).tcp.empty());
    const Options options = accepted({"--tcp", "0", "--tcp", "0.0.0.0:5000", "--udp", "[::]:6000"});
    REQUIRE(options.tcp.size() == 2);
    CHECK(options.tcp[0].both_loopbacks);
    CHECK(options.tcp[0].address.port == 0);
    CHECK_FALSE(options.tcp[1].both_loopbacks);
    CHECK(options.tcp[1].address.text() == "0.0.0.0:5000");
    CHECK(options.udp[0].address.text() == "[::]:6000");
}

TEST_CASE("a bind target is a port, or an address and a port", "[server][options]") {
    struct Case {
        const char* text;
        const char* address;
        bool both_loopbacks;
    };
    for (const Case& target :
         {Case{"4399", "127.0.0.1:4399", true}, Case{"0", "127.0.0.1:0", true},
          Case{"65535", "127.0.0.1:65535", true}, Case{"127.0.0.1:80", "127.0.0.1:80", false},
          Case{"0.0.0.0:0", "0.0.0.0:0", false}, Case{"[::1]:4399", "[::1]:4399", false},
          Case{"[::]:4399", "[::]:4399", false}, Case{"[fe80::1%1]:9", "[fe80::1%1]:9", false}}) {
        CAPTURE(target.text);
        const auto parsed_target = parse_bind_target(target.text);
        REQUIRE(parsed_target);
        CHECK(parsed_target->address.text() == target.address);
        CHECK(parsed_target->both_loopbacks == target.both_loopbacks);
    }
}

TEST_CASE("what is no bind target is refused with a sentence", "[server][options]") {
    for (const char* text : {"",
                             ":",
                             ":80",
                             "x",
                             "65536",
                             "-1",
                             "+1",
                             "80x",
                             " 80",
                             "localhost:80",
                             "1.2.3:80",
                             "127.0.0.1:",
                             "127.0.0.1:x",
                             "127.0.0.1:65536",
                             "[::1]",
                             "[::1]:",
                             "[::1:80",
                             "::1:80",
                             "::1",
                             "[]:80",
                             "[127.0.0.1:80"}) {
        CAPTURE(text);
        const auto target = parse_bind_target(text);
        REQUIRE_FALSE(target);
        CHECK(target.error().size() > 10);
        CHECK(target.error().find('\n') == std::string::npos);
    }
    CHECK(parse_bind_target("::1:80").error() == "write an IPv6 address in brackets, [::1]:4399");
}

TEST_CASE("every flag is read", "[server][options]") {
    CHECK(accepted({"--listen-after", "0"}).engine.listen_after == 0s);
    CHECK(accepted({"--greet-after=2500"}).engine.greet_after == 2500ms);
    CHECK(accepted({"--slow-reader", "close"}).engine.slow_reader == engine::SlowReader::close);
    CHECK(accepted({"--room-log-bytes", "65536"}).engine.log.room_bytes_max == 65'536);
    CHECK(accepted({"--tcp-user-timeout", "7"}).tcp_user_timeout == 7s);
    CHECK(accepted({"--ws-ping-interval", "0.5"}).engine.websocket_ping_interval == 500ms);
    CHECK(accepted({"--ws-ping-interval", "0"}).engine.websocket_ping_interval == 0s);
    CHECK(accepted({"--ws-pong-timeout", "0.25"}).engine.websocket_pong_timeout == 250ms);
    const Options origins =
        accepted({"--origin", "https://a.example", "--origin", "https://b.example:8443"});
    CHECK(origins.engine.origins ==
          std::vector<std::string>{"https://a.example", "https://b.example:8443"});
    CHECK(accepted({"--log-level", "debug"}).log_level == "debug");
    CHECK(accepted({"--mask-kernel-features"}).mask_kernel_features);
}

TEST_CASE("every flag about what is kept is read", "[server][options]") {
    const Options off = accepted({"--history", "off"});
    CHECK_FALSE(off.state.history);
    CHECK_FALSE(off.engine.keeps_history);
    const Options kept =
        accepted({"--state", "/var/lib/chatd", "--history-sync", "full", "--retain-age", "30d",
                  "--retain-count", "5", "--retain-bytes", "6"});
    CHECK(kept.state.directory == "/var/lib/chatd");
    CHECK(kept.state.sync_full);
    CHECK(kept.state.retain_age == 30 * 24h);
    CHECK(kept.state.retain_count == 5);
    CHECK(kept.state.retain_bytes == 6);
    CHECK(accepted({"--slow-reader", "latest"}).engine.slow_reader == engine::SlowReader::latest);
    CHECK(accepted({"--slow-reader", "oldest"}).engine.slow_reader == engine::SlowReader::oldest);
}

TEST_CASE("what the program is called for", "[server][options]") {
    CHECK(accepted({}).mode == Mode::serve);
    CHECK(accepted({"--check-store", "--state", "/x"}).mode == Mode::check_store);
    const Options exporting = accepted({"export", "dev", "--state", "/x", "--format", "jsonl"});
    CHECK(exporting.mode == Mode::export_room);
    CHECK(exporting.room == "dev");
    CHECK(exporting.state.directory == "/x");
    CHECK(accepted({"export", "#dev"}).room == "#dev");
}

TEST_CASE("every flag of the datagram plane is read", "[server][options]") {
    using engine::RawPolicy;
    CHECK(accepted({"--udp-raw", "off"}).datagrams.policy == RawPolicy::off);
    CHECK(accepted({"--udp-raw", "loopback"}).datagrams.policy == RawPolicy::loopback);
    CHECK(accepted({"--udp-raw", "private"}).datagrams.policy == RawPolicy::private_networks);
    const Options allowed =
        accepted({"--udp-raw-allow", "10.0.0.0/8", "--udp-raw-allow", "fd00::/8"});
    REQUIRE(allowed.datagrams.allowed.size() == 2);
    CHECK(allowed.datagrams.allowed[0].contains(*parse_ip("10.1.2.3")));
    CHECK(allowed.datagrams.allowed[1].contains(*parse_ip("fd00::1")));
    CHECK(accepted({"--udp-raw-echo"}).datagrams.echo);
    CHECK(accepted({"--udp-raw-max", "1472"}).datagrams.datagram_bytes_max == 1'472);
    CHECK(accepted({"--udp-raw-peers", "0"}).datagrams.peers_max == 0);
    CHECK(accepted({"--udp-raw-peers-loopback", "5"}).datagrams.peers_loopback_max == 5);
    CHECK(accepted({"--udp-raw-peers-per-address", "6"}).datagrams.peers_per_address_max == 6);
    CHECK(accepted({"--udp-raw-packets", "7"}).datagrams.packets_per_second_max == 7);
    CHECK(accepted({"--udp-raw-bytes", "8"}).datagrams.bytes_per_second_max == 8);
    CHECK(accepted({"--udp-raw-out-bytes", "9"}).datagrams.out_bytes_per_second_max == 9);
    CHECK(accepted({"--udp-raw-idle", "10"}).datagrams.idle_timeout == 10s);
}

TEST_CASE("a mistake ends with 64 and one line that names it", "[server][options]") {
    struct Case {
        std::vector<const char*> flags;
        const char* named;
    };
    const std::vector<Case> cases = {
        {{"--nosuch"}, "--nosuch"},
        {{"stray"}, "stray"},
        {{"--tcp"}, "--tcp"},
        {{"--tcp", "x"}, "--tcp x: a port is a number from 0 to 65535"},
        {{"--tcp", "99999"}, "--tcp 99999"},
        {{"--udp", "localhost:80"}, "--udp localhost:80: that is no IP address"},
        {{"--udp-raw", "any"}, "--udp-raw any is refused"},
        {{"--udp-raw", "some"}, "--udp-raw some: choose off, loopback or private"},
        {{"--udp-raw-allow", "10.0.0.0/33"}, "--udp-raw-allow 10.0.0.0/33"},
        {{"--udp-raw-max", "1473"}, "--udp-raw-max"},
        {{"--udp-raw-max", "0"}, "--udp-raw-max"},
        {{"--udp-raw-peers", "-1"}, "--udp-raw-peers"},
        {{"--udp-raw-packets", "4294967296"}, "--udp-raw-packets"},
        {{"--udp-raw-idle", "0"}, "--udp-raw-idle"},
        {{"--slow-reader", "newest"}, "--slow-reader"},
        {{"--history", "maybe"}, "--history"},
        {{"--history-sync", "none"}, "--history-sync"},
        {{"--retain-age", "soon"}, "--retain-age soon: write a time like 30d"},
        {{"--retain-count", "-1"}, "--retain-count"},
        {{"export"}, "ROOM"},
        {{"export", "dev", "--format", "csv"}, "--format"},
        {{"export", "no room"}, "ROOM no room: A room name has "},
        {{"export", "##dev"}, "ROOM ##dev: A room name has "},
        {{"--listen-after", "-1"}, "--listen-after"},
        {{"--listen-after", "1s"}, "--listen-after"},
        {{"--greet-after", "86400001"}, "--greet-after"},
        {{"--room-log-bytes", "1"}, "--room-log-bytes"},
        {{"--tcp-user-timeout", "0"}, "--tcp-user-timeout"},
        {{"--ws-ping-interval", "-1"}, "--ws-ping-interval"},
        {{"--ws-pong-timeout", "0"}, "--ws-pong-timeout"},
        {{"--log-level", "loud"}, "--log-level"},
    };
    for (const auto& [flags, named] : cases) {
        CAPTURE(named);
        const auto options = parsed(flags);
        REQUIRE_FALSE(options);
        const OptionsExit& refused = options.error();
        CAPTURE(refused.text);
        CHECK(refused.code == 64);
        CHECK(refused.text.starts_with("chatd: "));
        CHECK(refused.text.find(named) != std::string::npos);
        CHECK(refused.text.ends_with("; see chatd --help\n"));
        CHECK(refused.text.find('\n') == refused.text.size() - 1);
    }
}

TEST_CASE("--help and --version are asked for and end with 0", "[server][options]") {
    for (const char* flag : {"--help", "-h"}) {
        const auto help = parsed({flag});
        REQUIRE_FALSE(help);
        CHECK(help.error().code == 0);
        for (const char* named :
             {"--tcp", "--udp", "--udp-raw-allow", "--slow-reader", "--origin", "CHATD_"}) {
            CAPTURE(named);
            CHECK(help.error().text.find(named) != std::string::npos);
        }
        CHECK(help.error().text.find("--mask-kernel-features") == std::string::npos);
    }
    const auto version = parsed({"--version"});
    REQUIRE_FALSE(version);
    CHECK(version.error().code == 0);
    CHECK(version.error().text.starts_with("chatd "));
    CHECK(version.error().text.ends_with("\n"));
}

TEST_CASE("the environment sets what no flag says", "[server][options]") {
    const Variable greet("CHATD_GREET_AFTER", "0");
    const Variable tcp("CHATD_TCP", "5001");
    const Variable reader("CHATD_SLOW_READER", "close");
    const Variable raw("CHATD_UDP_RAW", "off");
    const Variable ping("CHATD_WS_PING_INTERVAL", "3");
    const Options options = accepted({});
    CHECK(options.engine.greet_after == 0s);
    REQUIRE(options.tcp.size() == 1);
    CHECK(options.tcp[0].address.port == 5'001);
    CHECK(options.udp.empty());
    CHECK(options.engine.slow_reader == engine::SlowReader::close);
    CHECK(options.datagrams.policy == engine::RawPolicy::off);
    CHECK(options.engine.websocket_ping_interval == 3s);
    const Options flags =
        accepted({"--greet-after", "10", "--tcp", "5002", "--slow-reader", "oldest"});
    CHECK(flags.engine.greet_after == 10ms);
    REQUIRE(flags.tcp.size() == 1);
    CHECK(flags.tcp[0].address.port == 5'002);
    CHECK(flags.engine.slow_reader == engine::SlowReader::oldest);
}

TEST_CASE("every flag that is shown has a variable of the environment", "[server][options]") {
    // One sentence of help a flag; those without a variable, --help, --version and
    // --check-store, are called for by hand.
    const auto help = parsed({"--help"});
    REQUIRE_FALSE(help);
    const std::string& text = help.error().text;
    std::size_t flags = 0;
    for (std::size_t at = 0; (at = text.find("\n  --", at)) != std::string::npos; ++at) {
        const auto end = text.find_first_of(" \n", at + 3);
        std::string variable = "CHATD_" + text.substr(at + 5, end - at - 5);
        for (char& letter : variable) {
            letter = letter == '-'
                         ? '_'
                         : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        }
        if (variable == "CHATD_VERSION" || variable == "CHATD_CHECK_STORE") continue;
        ++flags;
        CAPTURE(variable);
        CHECK(text.find("(Env:" + variable + ")") != std::string::npos);
    }
    CHECK(flags >= 20);
}

TEST_CASE("a mistake in the environment ends with 64 too", "[server][options]") {
    const Variable greet("CHATD_GREET_AFTER", "soon");
    const auto options = parsed({});
    REQUIRE_FALSE(options);
    CHECK(options.error().code == 64);
    CHECK(options.error().text.find('\n') == options.error().text.size() - 1);
}
