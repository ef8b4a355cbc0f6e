#include "signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace chatd::terminal {

client::Socket open_signals(std::initializer_list<int> numbers) {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int number : numbers)
        sigaddset(&wanted, number);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    return client::Socket(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
}

std::optional<int> next_signal(const client::Socket& signals) noexcept {
    signalfd_siginfo info{};
    if (::read(signals.fd(), &info, sizeof info) != sizeof info) return {};
    return static_cast<int>(info.ssi_signo);
}

}  // namespace chatd::terminal
