#include "chatd/client/dial_plan.hpp"

#include <cerrno>
#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace std::chrono_literals;

namespace {

constexpr Time start{1000s};

DialOptions by(DialStrategy strategy) {
    DialOptions options;
    options.strategy = strategy;
    options.address_timeout = 10s;
    options.attempt_delay = 250ms;
    return options;
}

// All that the plan wants started at `now`.
std::vector<std::size_t> started(DialPlan& plan, Time now) {
    std::vector<std::size_t> addresses;
    while (const auto address = plan.start_next(now))
        addresses.push_back(*address);
    return addresses;
}

using Places = std::vector<std::size_t>;

}  // namespace

TEST_CASE("serial: the next begins when the one before failed", "[client][dial_plan]") {
    DialPlan plan(3, by(DialStrategy::serial));
    CHECK(plan.deadline() <= start);
    CHECK(started(plan, start) == Places{0});
    CHECK(started(plan, start + 9s).empty());
    CHECK(plan.deadline() == start + 10s);
    plan.failed(0, ECONNREFUSED);
    CHECK(plan.deadline() <= start);
    CHECK(started(plan, start + 9s) == Places{1});
    CHECK(plan.deadline() == start + 19s);
}

TEST_CASE("serial: the next begins when the one before was silent for its time",
          "[client][dial_plan]") {
    DialPlan plan(2, by(DialStrategy::serial));
    CHECK(started(plan, start) == Places{0});
    CHECK_FALSE(plan.expire_next(start + 9999ms));
    CHECK(plan.expire_next(start + 10s) == 0U);
    CHECK_FALSE(plan.expire_next(start + 10s));
    CHECK(started(plan, start + 10s) == Places{1});
    CHECK_FALSE(plan.exhausted());
    CHECK(plan.expire_next(start + 20s) == 1U);
    CHECK(plan.exhausted());
    CHECK(plan.error_of(0) == ETIMEDOUT);
    CHECK(plan.error_of(1) == ETIMEDOUT);
    CHECK(plan.deadline() == time_never);
}

TEST_CASE("parallel: all begin at once", "[client][dial_plan]") {
    DialPlan plan(3, by(DialStrategy::parallel));
    CHECK(started(plan, start) == Places{0, 1, 2});
    CHECK(plan.deadline() == start + 10s);
    plan.failed(1, ENETUNREACH);
    plan.failed(0, ECONNREFUSED);
    CHECK_FALSE(plan.exhausted());
    plan.failed(2, ECONNREFUSED);
    CHECK(plan.exhausted());
    CHECK(plan.error_of(1) == ENETUNREACH);
}

TEST_CASE("eyeballs: the next begins 250 ms later, while the first goes on",
          "[client][dial_plan]") {
    DialPlan plan(3, by(DialStrategy::eyeballs));
    CHECK(started(plan, start) == Places{0});
    CHECK(plan.deadline() == start + 250ms);
    CHECK(started(plan, start + 249ms).empty());
    CHECK(started(plan, start + 250ms) == Places{1});
    CHECK(plan.deadline() == start + 500ms);
    CHECK(started(plan, start + 500ms) == Places{2});
    // Nothing more to begin: only their times are left to wait for.
    CHECK(plan.deadline() == start + 10s);
    CHECK(plan.expire_next(start + 10s) == 0U);
    CHECK(plan.deadline() == start + 10s + 250ms);
}

TEST_CASE("eyeballs: a failure of the newest hastens the next, one of an older does not",
          "[client][dial_plan]") {
    DialPlan plan(4, by(DialStrategy::eyeballs));
    CHECK(started(plan, start) == Places{0});
    plan.failed(0, ECONNREFUSED);
    CHECK(plan.deadline() <= start + 1ms);
    CHECK(started(plan, start + 1ms) == Places{1});
    CHECK(started(plan, start + 251ms) == Places{2});
    plan.failed(1, ECONNREFUSED);
    CHECK(started(plan, start + 252ms).empty());
    CHECK(plan.deadline() == start + 501ms);
    plan.failed(2, ECONNREFUSED);
    CHECK(started(plan, start + 253ms) == Places{3});
}

TEST_CASE("eyeballs late: however late it is asked, one begins at a time", "[client][dial_plan]") {
    DialPlan plan(3, by(DialStrategy::eyeballs));
    CHECK(started(plan, start) == Places{0});
    CHECK(started(plan, start + 5s) == Places{1});
    CHECK(plan.deadline() == start + 5s + 250ms);
}

TEST_CASE("strategies have the names they are written by", "[client][dial_plan]") {
    CHECK(parse_dial_strategy("serial") == DialStrategy::serial);
    CHECK(parse_dial_strategy("parallel") == DialStrategy::parallel);
    CHECK(parse_dial_strategy("eyeballs") == DialStrategy::eyeballs);
    CHECK(parse_dial_strategy("fast\x1b").error() ==
          "\"fast␛\" is no way to dial: write serial, parallel or eyeballs.");
}
