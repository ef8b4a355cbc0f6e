#pragma once
// The command line of chatcli top as plain values. Parsing prints help and complaints itself and
// says how the program ends then.

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>

#include "chatd/base/time.hpp"
#include "chatd/client/exit_code.hpp"
#include "chatd/client/target.hpp"

namespace chatd::terminal {

/// What rows are in the order of: the largest first, names from a to z.
enum class TopOrder : std::uint8_t { rate, in, out, queue, behind, rtt, retrans, age, nick, peer };
inline constexpr std::size_t top_order_count = 10;

std::string_view word_of(TopOrder order) noexcept;

struct TopOptions {
    client::Target target;
    TopOrder order = TopOrder::rate;
    bool once = false;
    bool json = false;
    std::optional<Duration> interval{};  ///< unset: 2 s on a terminal, once elsewhere
};

/// `argv[0]` is the word `top`. The error is how main() ends.
std::expected<TopOptions, client::ExitCode> parse_top_options(int argc, const char* const* argv);

}  // namespace chatd::terminal
