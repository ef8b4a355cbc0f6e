#pragma once
// When to try which address of a name: the decisions of dialling without a socket and without a
// clock. The owner connects, tells what came of it, and asks again. Values in, values out; one
// thread.
//
//   serial     one after another, the next when the one before failed or was silent for its time
//   parallel   all at once
//   eyeballs   RFC 8305: the next when the newest failed or has taken `attempt_delay`, the earlier
//              ones going on meanwhile
//
// The first that connects wins; the owner closes the others.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/time.hpp"

namespace chatd::client {

enum class DialStrategy : std::uint8_t { serial, parallel, eyeballs };

/// "serial", "parallel", "eyeballs"; else the error is one sentence for the user.
std::expected<DialStrategy, std::string> parse_dial_strategy(std::string_view text);

struct DialOptions {
    Duration address_timeout = std::chrono::seconds(10);  ///< for each address
    DialStrategy strategy = DialStrategy::eyeballs;
    Duration attempt_delay = std::chrono::milliseconds(250);  ///< RFC 8305 section 8
    Duration resolve_timeout = std::chrono::seconds(15);      ///< for the name; blocking: none
};

class DialPlan {
public:
    /// Addresses are known by their place, 0 to `address_count` - 1, in the order to try them;
    /// with none the plan is exhausted.
    DialPlan(std::size_t address_count, const DialOptions& options);

    /// The address to connect to now; none: wait until deadline(), or for an attempt. Ask until
    /// there is none.
    std::optional<std::size_t> start_next(Time now);
    /// An attempt whose time is over; it has failed with ETIMEDOUT. Ask until there is none.
    std::optional<std::size_t> expire_next(Time now);
    /// A started attempt ended with this errno.
    void failed(std::size_t address, int error);

    /// When the plan wants to be asked again if no attempt ends before.
    Time deadline() const noexcept;
    /// Every address failed: error_of() tells how.
    bool exhausted() const noexcept { return failed_ == attempts_.size(); }
    int error_of(std::size_t address) const { return attempts_[address].error; }

private:
    enum class Stage : std::uint8_t { waiting, running, failed };
    struct Attempt {
        Stage stage = Stage::waiting;
        int error = 0;
        Time expires{};
    };

    bool due(Time now) const noexcept;

    DialOptions options_;
    std::vector<Attempt> attempts_;
    std::size_t started_ = 0;  ///< attempts begin in order: those from here on wait
    std::size_t failed_ = 0;
    Time next_start_ = Time::min();  ///< eyeballs: not before, unless an attempt fails
};

}  // namespace chatd::client
