#include "chatd/io/scheduling.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstdio>
#include <thread>

#include "support/catch.hpp"

using namespace chatd::io;

namespace {

bool kernel_has_short_turns() {
    utsname name{};
    int major = 0;
    int minor = 0;
    REQUIRE(uname(&name) == 0);
    REQUIRE(std::sscanf(name.release, "%d.%d", &major, &minor) == 2);
    return major > 6 || (major == 6 && minor >= 12);
}

}  // namespace

TEST_CASE("short turns are asked for where the kernel knows them, and nothing else changes",
          "[io][scheduling]") {
    const bool known = kernel_has_short_turns();
    // A thread of its own, so that no other test runs in short turns.
    std::thread([known] {
        constexpr id_t this_thread = 0;
        const int nice_before = getpriority(PRIO_PROCESS, this_thread);
        const int policy_before = sched_getscheduler(0);
        const auto usual = turn_length();
        CHECK(usual != short_turn);
        ask_for_short_turns();
        CHECK(turn_length() == (known ? short_turn : usual));
        CHECK(getpriority(PRIO_PROCESS, this_thread) == nice_before);
        CHECK(sched_getscheduler(0) == policy_before);
    }).join();
}
