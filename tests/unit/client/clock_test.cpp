#include "chatd/client/clock.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace chatd;
using namespace std::chrono_literals;

TEST_CASE("a deadline becomes the milliseconds that poll() waits", "[client][clock]") {
    const Time start(5s);
    CHECK(client::poll_timeout_ms(start, start + 250ms) == 250);
    CHECK(client::poll_timeout_ms(start, start) == 0);
    CHECK(client::poll_timeout_ms(start, start - 1s) == 0);
    CHECK(client::poll_timeout_ms(start, time_never) == -1);
    CHECK(client::poll_timeout_ms(start, start + 24h * 365) == std::numeric_limits<int>::max());
}

TEST_CASE("a fraction of a millisecond is waited for, not spun through", "[client][clock]") {
    CHECK(client::poll_timeout_ms(Time(5s), Time(5s) + 1ns) == 1);
    CHECK(client::poll_timeout_ms(Time(5s), Time(5s) + 1001us) == 2);
}

TEST_CASE("the clock never runs backwards", "[client][clock]") {
    Time before = client::now();
    for (int count = 0; count < 1000; ++count) {
        const Time after = client::now();
        REQUIRE(after >= before);
        before = after;
    }
}
