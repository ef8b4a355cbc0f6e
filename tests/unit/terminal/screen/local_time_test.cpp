#include "screen/local_time.hpp"

#include <cstdlib>
#include <ctime>

#include "support/catch.hpp"

using namespace chatd::terminal;

TEST_CASE("times are those of the clock on the wall", "[terminal][screen][local_time]") {
    constexpr chatd::UnixMs moment = 1795820400000;  // 2026-11-27T23:00:00Z
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    CHECK(time_of_day(moment) == "23:00");
    CHECK(day_of(moment) == "Friday, 27 November 2026");
    ::setenv("TZ", "CET-1", 1);
    ::tzset();
    CHECK(time_of_day(moment) == "00:00");
    CHECK(day_of(moment) == "Saturday, 28 November 2026");
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}
