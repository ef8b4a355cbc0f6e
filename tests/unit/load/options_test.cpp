#include "load/options.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

std::variant<Options, client::ExitCode> parsed(std::vector<std::string> words) {
    words.insert(words.begin(), "chatload");
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

Options good(const std::vector<std::string>& words) {
    const auto options = parsed(words);
    REQUIRE(std::holds_alternative<Options>(options));
    return std::get<Options>(options);
}

}  // namespace

TEST_CASE("without arguments it is one to a hundred on this machine, for a bounded time",
          "[load][options]") {
    const Options options = good({});
    CHECK(options.protocol == Protocol::chatd);
    CHECK(options.target.text() == "localhost:4399");
    CHECK(options.listeners == 100);
    CHECK(options.publishers == 1);
    CHECK(options.connection_count() == 101);
    CHECK(options.seconds > 0);
    CHECK_FALSE(options.paced());
}

TEST_CASE("options say what to drive and how", "[load][options]") {
    const Options paced = good({"--protocol", "websocket", "--listeners", "10", "--rate", "1000",
                                "--size", "1024", "[::1]:80"});
    CHECK(paced.protocol == Protocol::websocket);
    CHECK(paced.target.text() == "[::1]:80");
    CHECK(paced.paced());
    CHECK(paced.body_bytes == 1024);

    const Options everyone = good({"--everyone", "-l", "50", "-w", "800"});
    CHECK(everyone.connection_count() == 50);
    CHECK(everyone.publisher_count() == 50);
    CHECK(everyone.window == 800);

    CHECK(good({"--protocol", "udp"}).target.port == client::udp_port_default);
    CHECK(good({"--idle", "100"}).connection_count() == 100);
}

TEST_CASE("publishers may speak something else than listeners", "[load][options]") {
    CHECK(good({}).publishing() == Protocol::chatd);
    CHECK(good({"--protocol", "json"}).publishing() == Protocol::json);
    CHECK(good({"--protocol", "sse"}).publishing() == Protocol::chatd);
    const Options mixed =
        good({"--protocol", "sse", "--publish-as", "websocket_json", "--unanswered"});
    CHECK(mixed.publishing() == Protocol::websocket_json);
    CHECK(mixed.unanswered);
    CHECK(adapter_of(mixed, {})->traits().echoes_own);
    CHECK_FALSE(adapter_of(good({"--protocol", "sse"}), {})->traits().listens_only);
}

TEST_CASE("what makes no sense is a usage error", "[load][options]") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"--protocol", "telnet"},
             {"--listeners", "0"},
             {"--listeners", "many"},
             {"--size", "10"},
             {"--size", "5000"},
             {"--seconds", "0"},
             {"--seconds", "1e9"},
             {"--window", "0"},
             {"--rate", "100", "--window", "2"},
             {"--protocol", "udp", "--size", "1201"},
             {"--protocol", "irc", "--size", "1024"},
             {"--publish-as", "telnet"},
             {"--publish-as", "sse"},
             {"--publish-as", "udp"},
             {"--protocol", "redis", "--publish-as", "chatd"},
             {"--protocol", "sse", "--everyone"},
             {"--protocol", "sse", "--unanswered"},
             {"--unanswered"},
             {"--nosuch"},
             {"localhost:99999"},
             {"--listeners", "99999"},  // more than there are descriptors for
         }) {
        CAPTURE(words);
        const auto options = parsed(words);
        REQUIRE(std::holds_alternative<client::ExitCode>(options));
        CHECK(std::get<client::ExitCode>(options) == client::ExitCode::usage);
    }
    CHECK(std::get<client::ExitCode>(parsed({"--help"})) == client::ExitCode::ok);
}
