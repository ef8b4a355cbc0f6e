#include "load/meter.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include "load/clock.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

constexpr std::uint64_t busy_ns = 100 * millisecond_ns;

std::uint64_t cpu_ns(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * second_ns +
           static_cast<std::uint64_t>(time.tv_nsec);
}

/// Until this thread has had so much of a core.
void be_busy(std::uint64_t nanoseconds) {
    const std::uint64_t end = cpu_ns(CLOCK_THREAD_CPUTIME_ID) + nanoseconds;
    while (cpu_ns(CLOCK_THREAD_CPUTIME_ID) < end) {
    }
}

bool kernel_keeps_schedstat() {
    return std::ifstream("/proc/self/schedstat").good();
}

}  // namespace

TEST_CASE("the first thread's time is part of the process's", "[load][meter]") {
    if (!kernel_keeps_schedstat()) return;
    const auto meter = Meter::of(::getpid());
    REQUIRE(meter);
    REQUIRE(::gettid() == ::getpid());  // this is the first thread

    const Reading start = meter->read();
    std::thread([] { be_busy(busy_ns); }).join();
    const Reading middle = meter->read();
    be_busy(busy_ns);
    ::usleep(1000);  // off the core, so that what was used is booked
    const Reading end = meter->read();

    CHECK(middle.server_cpu_ns - start.server_cpu_ns >= busy_ns);
    CHECK(middle.first_thread_cpu_ns - start.first_thread_cpu_ns < busy_ns / 2);
    CHECK(end.first_thread_cpu_ns - middle.first_thread_cpu_ns >= busy_ns);
}

TEST_CASE("without a server nothing of one is read, and one that is not there is said so",
          "[load][meter]") {
    const Reading reading = Meter().read();
    CHECK(reading.server_cpu_ns == 0);
    CHECK(reading.first_thread_cpu_ns == 0);
    CHECK(reading.time_ns > 0);

    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK_FALSE(Meter::of(child));
}
