#include "signals.hpp"

#include <csignal>

#include "support/catch.hpp"

using namespace chatd::terminal;

TEST_CASE("signals are read one after the other, and only those asked for", "[terminal][signals]") {
    sigset_t before;
    REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &before) == 0);
    {
        const auto signals = open_signals({SIGUSR1, SIGUSR2});
        REQUIRE(signals);
        CHECK_FALSE(next_signal(signals));
        REQUIRE(raise(SIGUSR2) == 0);
        REQUIRE(raise(SIGUSR1) == 0);
        REQUIRE(raise(SIGUSR1) == 0);
        CHECK(next_signal(signals) == SIGUSR1);  // the lower number first, and once
        CHECK(next_signal(signals) == SIGUSR2);
        CHECK_FALSE(next_signal(signals));
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
