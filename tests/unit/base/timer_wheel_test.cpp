#include "chatd/base/timer_wheel.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace std::chrono_literals;

namespace {

const Time start = Time(1'000'003ms);
constexpr Duration tick = TimerWheel::tick_default;

std::vector<std::uint32_t> due_at(TimerWheel& wheel, Time now) {
    std::vector<std::uint32_t> due;
    wheel.advance(now, [&due](std::uint32_t key) { due.push_back(key); });
    std::sort(due.begin(), due.end());
    return due;
}
using Keys = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a wheel with nothing armed needs no tick", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    CHECK(wheel.next() == time_never);
    CHECK(due_at(wheel, start + 1h).empty());
    wheel.arm(3, start + 2h);
    CHECK(wheel.armed_count() == 1);
    wheel.cancel(3);
    CHECK(wheel.next() == time_never);
    CHECK(wheel.armed_count() == 0);
}

TEST_CASE("a wheel told the time after a long rest asks for no early tick", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    CHECK(due_at(wheel, start + 1h).empty());
    wheel.arm(1, start + 1h + 1s);
    CHECK(wheel.next() >= start + 1h + 1s);
    CHECK(due_at(wheel, wheel.next()) == Keys{1});
}

TEST_CASE("a deadline is due by the end of its tick and not before its time",
          "[base][timer_wheel]") {
    TimerWheel wheel(start);
    const Time deadline = start + 200ms;
    wheel.arm(7, deadline);
    CHECK(wheel.armed(7));
    CHECK(wheel.deadline(7) == deadline);
    CHECK(wheel.next() >= deadline);
    CHECK(wheel.next() < deadline + tick);
    CHECK(due_at(wheel, deadline - 1ns).empty());
    CHECK(due_at(wheel, wheel.next()) == Keys{7});
    CHECK_FALSE(wheel.armed(7));
    CHECK(wheel.deadline(7) == time_never);
    CHECK(wheel.next() == time_never);
    CHECK(due_at(wheel, deadline + 1h).empty());
}

TEST_CASE("a deadline pushed later holds, one pulled earlier too", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    wheel.arm(1, start + 1s);
    wheel.arm(1, start + 5s);
    CHECK(wheel.next() < start + 1s + tick);  // it is looked at where it hung
    CHECK(due_at(wheel, start + 4s).empty());
    CHECK(wheel.next() >= start + 5s);
    wheel.arm(1, start + 4500ms);
    CHECK(due_at(wheel, start + 4500ms + tick) == Keys{1});
    CHECK(due_at(wheel, start + 10s).empty());
}

TEST_CASE("a deadline far beyond the wheel goes round until it is due", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    const Time deadline = start + 24h;
    wheel.arm(0, deadline);
    Time now = start;
    int wakes = 0;
    while (wheel.armed(0)) {
        REQUIRE(wheel.next() > now);
        now = wheel.next();
        const auto due = due_at(wheel, now);
        REQUIRE(due.empty() == (now < deadline));
        ++wakes;
    }
    CHECK(now < deadline + tick);
    CHECK(wakes < 24 * 3600 / 40 + 2);
}

TEST_CASE("a deadline in the past is due with the next tick", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    wheel.arm(1, Time());
    CHECK(wheel.next() > start);
    CHECK(wheel.next() <= start + tick);
    CHECK(due_at(wheel, start + tick) == Keys{1});
}

TEST_CASE("time_never is no deadline", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    wheel.arm(1, time_never);
    CHECK_FALSE(wheel.armed(1));
    wheel.arm(1, start + 1s);
    wheel.arm(1, time_never);
    CHECK_FALSE(wheel.armed(1));
    wheel.arm(1, time_never - 1ns);  // far, but a deadline
    CHECK(wheel.armed(1));
    CHECK(due_at(wheel, start + 1h).empty());
    CHECK(wheel.armed(1));
}

TEST_CASE("what is due may arm and cancel any key", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    for (const std::uint32_t key : {1U, 2U, 3U})
        wheel.arm(key, start + 1s);
    std::vector<std::uint32_t> due;
    const auto note = [&](std::uint32_t key) {
        due.push_back(key);
        for (const std::uint32_t other : {1U, 2U, 3U})
            wheel.cancel(other);
        wheel.arm(key, start);          // past: comes with the next tick, not at once
        wheel.arm(100, start + 500ms);  // a new key, past as well
    };
    wheel.advance(start + 2s, note);
    CHECK(due.size() == 1);
    CHECK(wheel.armed_count() == 2);
    CHECK(wheel.next() <= start + 2s + tick);
    CHECK(due_at(wheel, start + 2s + tick) == Keys{due.front(), 100});
}

TEST_CASE("a key that re-arms itself in the past comes once in a call", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    wheel.arm(1, start + 1s);
    int calls = 0;
    const auto again = [&](std::uint32_t key) {
        ++calls;
        wheel.arm(key, start);
    };
    wheel.advance(start + 100h, again);
    CHECK(calls == 1);
    wheel.advance(start + 100h + tick, again);
    CHECK(calls == 2);
}

TEST_CASE("a burst is visited in portions", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    for (std::uint32_t key = 0; key < 1'000; ++key)
        wheel.arm(key, start + 1s);
    std::set<std::uint32_t> due;
    const auto note = [&due](std::uint32_t key) { CHECK(due.insert(key).second); };
    const Time now = start + 1s + tick;
    for (int call = 0; call < 4; ++call) {
        CHECK(wheel.next() <= now);
        CHECK(wheel.advance(now, note, 250) == 250);
    }
    CHECK(due.size() == 1'000);
    CHECK(wheel.next() == time_never);
    CHECK(wheel.advance(now, note, 250) == 0);
}

TEST_CASE("a clock that goes back changes nothing", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    wheel.arm(1, start + 3s);
    CHECK(due_at(wheel, start + 2s).empty());
    CHECK(due_at(wheel, start - 500s).empty());
    CHECK(wheel.next() >= start + 3s);
    wheel.arm(2, start + 1s);
    CHECK(due_at(wheel, start + 2s + tick) == Keys{2});
    CHECK(due_at(wheel, start + 3s + tick) == Keys{1});
}

TEST_CASE("the wheel agrees with a sorted map of deadlines", "[base][timer_wheel]") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        Prng prng(seed);
        const Duration ticks[] = {1ms, 10ms, 100ms, 7ns};
        const Duration step = ticks[prng.below(std::size(ticks))];
        const auto some = [&](std::uint64_t ticks_max) {
            return Duration(std::int64_t(prng.below(ticks_max * std::uint64_t(step.count()))));
        };
        const std::uint32_t key_count = std::uint32_t(prng.between(1, 300));
        const std::uint64_t reach =
            prng.chance(50) ? 200 : 20'000;  // within the wheel, or round it
        TimerWheel wheel(start, step);
        std::map<std::uint32_t, Time> model;
        Time now = start;
        for (int round = 0; round < 3'000; ++round) {
            const auto key = std::uint32_t(prng.below(key_count));
            const std::uint64_t action = prng.below(10);
            if (action < 6) {
                const Time deadline = now + some(reach);
                wheel.arm(key, deadline);
                model[key] = deadline;
            } else if (action == 6) {
                wheel.cancel(key);
                model.erase(key);
            } else {
                // Time goes a little, to the tick asked for, or far beyond the wheel.
                const Time next = wheel.next();
                now += prng.chance(2) ? some(50'000) : some(50);
                if (prng.chance(30) && next != time_never) now = std::max(now, next);
                const auto visits_max =
                    prng.chance(20) ? std::uint32_t(prng.between(1, 5)) : UINT32_MAX;
                const auto visits = wheel.advance(
                    now,
                    [&](std::uint32_t due) {
                        REQUIRE(model.contains(due));
                        REQUIRE(model[due] <= now);  // never early
                        model.erase(due);
                        if (prng.chance(30)) {
                            model[due] = now + some(reach);
                            wheel.arm(due, model[due]);
                        }
                    },
                    visits_max);
                REQUIRE(visits <= visits_max);
                if (visits < visits_max) {
                    for (const auto& [late, deadline] : model) {
                        REQUIRE(deadline > now - step);  // one tick late at most
                    }
                }
            }
            REQUIRE(wheel.armed_count() == model.size());
            REQUIRE((wheel.next() == time_never) == model.empty());
            for (const auto& [armed, deadline] : model)
                REQUIRE(wheel.next() < deadline + 2 * step);
        }
    }
}

TEST_CASE("a million timers cost 16 bytes each and are all due", "[base][timer_wheel]") {
    TimerWheel wheel(start);
    constexpr std::uint32_t count = 1'000'000;
    Prng prng(3);
    for (std::uint32_t key = 0; key < count; ++key) {
        wheel.arm(key, start + Duration(std::int64_t(prng.below(30'000'000'000U))));
    }
    std::uint64_t due_count = 0;
    Time now = start;
    while (wheel.next() != time_never) {
        now = std::max(now, wheel.next());
        wheel.advance(now, [&due_count](std::uint32_t) { ++due_count; }, 10'000);
    }
    CHECK(due_count == count);
    CHECK(now <= start + 30s + tick);
}
