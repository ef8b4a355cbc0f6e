#include "top_options.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;
using namespace std::chrono_literals;

namespace {

std::expected<TopOptions, client::ExitCode> parsed_top(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "top");
    return parse_top_options(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("top by default is of this machine, by rate", "[terminal][top]") {
    const auto options = parsed_top({});
    REQUIRE(options);
    CHECK(options->target == client::Target{"localhost", 4399});
    CHECK(options->order == TopOrder::rate);
    CHECK_FALSE(options->once);
    CHECK_FALSE(options->json);
    CHECK_FALSE(options->interval);
}

TEST_CASE("every option of top", "[terminal][top]") {
    const auto options = parsed_top({"[::1]:7", "--sort", "rtt", "--json", "--interval", "0.5"});
    REQUIRE(options);
    CHECK(options->target == client::Target{"::1", 7});
    CHECK(options->order == TopOrder::rtt);
    CHECK(options->json);
    CHECK(options->interval == 500ms);
    CHECK(parsed_top({"--once"})->once);
    CHECK(parsed_top({"--server", "[::1]:7"})->target == options->target);
    for (std::size_t order = 0; order < top_order_count; ++order) {
        const std::string word(word_of(static_cast<TopOrder>(order)));
        CHECK(parsed_top({"--sort", word.c_str()})->order == static_cast<TopOrder>(order));
    }
}

TEST_CASE("what does not fit is a mistake of usage", "[terminal][top]") {
    using Arguments = std::vector<const char*>;
    for (const Arguments& wrong :
         {Arguments{"--sort", "size"}, Arguments{"--sort"}, Arguments{"--interval", "0"},
          Arguments{"--interval", "x"}, Arguments{"--once", "--interval", "1"},
          Arguments{"--nosuch"}, Arguments{"a:b"}, Arguments{"one", "two"}}) {
        const auto options = parsed_top(wrong);
        REQUIRE_FALSE(options);
        CHECK(options.error() == client::ExitCode::usage);
    }
}
