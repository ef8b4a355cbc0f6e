#include "resolving.hpp"

#include <fmt/core.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>

namespace chatd::client {

namespace {

std::atomic<int> lookups = 0;

// Signals are the business of the threads that know of them: a lookup takes none.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

bool is_literal(const Target& target) noexcept {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* list = nullptr;
    if (::getaddrinfo(target.host.c_str(), nullptr, &hints, &list) != 0) return false;
    ::freeaddrinfo(list);
    return true;
}

}  // namespace

struct Resolving::Shared {
    Socket done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::optional<Result> result;

    void finish(Result value) {
        {
            const std::lock_guard lock(mutex);
            result = std::move(value);
        }
        ::eventfd_write(done.fd(), 1);
    }
};

Resolving::Resolving(const Target& target) : shared_(std::make_shared<Shared>()) {
    std::string_view refusal;
    if (!shared_->done) {
        refusal = "no more descriptors; close something";
    } else if (is_literal(target)) {
        shared_->finish(resolve(target, Transport::tcp));
    } else if (!begin(target)) {
        refusal = "too many names are being looked up; try again later";
    }
    if (refusal.empty()) return;
    shared_->finish(std::unexpected(
        DialError{DialError::Reason::unresolved, fmt::format("{}: {}.", target.text(), refusal)}));
}

// False if there may be, or can be, no further thread.
bool Resolving::begin(const Target& target) {
    if (lookups.fetch_add(1) < lookups_max) {
        const SignalsBlocked blocked;
        try {
            std::thread([shared = shared_, target] {
                shared->finish(resolve(target, Transport::tcp));
                lookups.fetch_sub(1);
            }).detach();
            return true;
        } catch (const std::system_error&) {
        }
    }
    lookups.fetch_sub(1);
    return false;
}

Resolving::~Resolving() = default;

int Resolving::fd() const noexcept {
    return shared_->done.fd();
}

std::optional<Resolving::Result> Resolving::take() {
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->result, std::nullopt);
}

}  // namespace chatd::client
