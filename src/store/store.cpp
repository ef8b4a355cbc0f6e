#include "chatd/store/store.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include "chatd/base/assert.hpp"
#include "chatd/store/state_directory.hpp"
#include "store/exchange.hpp"
#include "store/keeper.hpp"

namespace chatd::store {

namespace {

using namespace std::chrono_literals;

// Between two steps of upkeep while nothing is asked for, and when there is none to do.
constexpr std::chrono::milliseconds upkeep_wait = 2ms;
constexpr std::chrono::milliseconds idle_wait = 1s;

// Where both want one core, delivery comes first; a store that is far behind still gets a quarter
// of it, so that what is said is kept.
constexpr int nice_more = 5;

// The nice value of a thread is its own (Linux; setpriority(2)), and anybody may raise theirs.
void yield_to_delivery() noexcept {
    constexpr id_t this_thread = 0;
    setpriority(PRIO_PROCESS, this_thread, getpriority(PRIO_PROCESS, this_thread) + nice_more);
}

// The store's thread: what it does, from its first group to its last.
class Worker {
public:
    Worker(Exchange& exchange, Keeper& keeper) : exchange_(exchange), keeper_(keeper) {}

    std::expected<void, StoreError> run() {
        bool tending = true;
        for (;;) {
            const auto group = exchange_.next_group(tending ? upkeep_wait : idle_wait);
            if (group.empty() && exchange_.stopping()) {
                if (!exchange_.stopped_whole()) return {};
                return keeper_.end();
            }
            if (!group.empty() && !carry_out(group)) return std::unexpected(given_up());
            std::vector<chat::StoreAnswer> answers;
            tending = keeper_.tend(answers);
            if (!answers.empty()) exchange_.answer(std::move(answers), keeper_.counters());
        }
    }

private:
    // Until it succeeds; false if it never did and the store is to stop.
    bool carry_out(std::span<Entry> group) {
        std::vector<chat::StoreAnswer> answers;
        std::chrono::milliseconds wait = limits::store_retry_wait_min;
        std::uint32_t stop_tries = 0;
        while (!keeper_.carry_out(group, answers)) {
            answers.clear();
            tell_trouble();
            if (exchange_.stopping()) {
                if (++stop_tries == limits::store_stop_tries_max) return false;
                if (stop_tries == 1) wait = limits::store_retry_wait_min;
            }
            exchange_.pause(wait);
            wait = std::min(2 * wait, limits::store_retry_wait_max);
        }
        if (std::exchange(keeper_.counters().troubled, false))
            answers.insert(answers.begin(), chat::StoreTrouble{});
        exchange_.finish(group, std::move(answers), keeper_.counters());
        return true;
    }

    void tell_trouble() {
        const bool first = !std::exchange(keeper_.counters().troubled, true);
        std::vector<chat::StoreAnswer> answers;
        if (first) answers.push_back(chat::StoreTrouble{keeper_.trouble()});
        exchange_.answer(std::move(answers), keeper_.counters());
        exchange_.refuse_reads(keeper_.trouble(), keeper_.counters());
    }

    StoreError given_up() const {
        return {StoreError::Kind::failed,
                fmt::format("{} writes could not be kept: {}", exchange_.unfinished_writes(),
                            keeper_.trouble())};
    }

    Exchange& exchange_;
    Keeper& keeper_;
};

// Signals are for the thread that waits for them.
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
    sigset_t before_;
};

}  // namespace

// Destroyed from the last to the first: the thread, the database, the lock of the directory.
struct Store::Parts {
    StateDirectory directory;
    std::unique_ptr<Keeper> keeper;
    std::unique_ptr<Exchange> exchange;
    chat::Restored restored;
    std::thread thread;
    std::expected<void, StoreError> ended;  ///< the thread's, until it is joined

    void end(bool whole) {
        exchange->stop(whole);
        thread.join();
    }
};

std::expected<std::unique_ptr<Store>, StoreError> Store::open(const StoreOptions& options) {
    CHATD_ASSERT(options.now != nullptr);
    auto directory = StateDirectory::open(options.directory);
    if (!directory) return std::unexpected(directory.error());
    chat::Restored restored;
    auto keeper = Keeper::open(options, restored);
    if (!keeper) return std::unexpected(keeper.error());
    auto exchange = Exchange::make(options);
    if (!exchange) return std::unexpected(exchange.error());

    std::unique_ptr<Parts> parts(new Parts{.directory = std::move(*directory),
                                           .keeper = std::move(*keeper),
                                           .exchange = std::move(*exchange),
                                           .restored = std::move(restored),
                                           .thread = {},
                                           .ended = {}});
    try {
        const SignalsBlocked blocked;
        parts->thread = std::thread([parts = parts.get()] {
            yield_to_delivery();
            parts->ended = Worker(*parts->exchange, *parts->keeper).run();
        });
        // For top, gdb and whoever measures it.
        pthread_setname_np(parts->thread.native_handle(), "store");
    } catch (const std::system_error& error) {
        return std::unexpected(StoreError{StoreError::Kind::failed,
                                          fmt::format("cannot start a thread: {}", error.what())});
    }
    return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

Store::~Store() {
    if (parts_->thread.joinable()) parts_->end(true);
}

chat::Restored Store::restored() {
    return std::exchange(parts_->restored, {});
}

std::optional<chat::Ticket> Store::push(chat::Persist&& request) {
    return parts_->exchange->push(std::move(request));
}

std::vector<chat::StoreAnswer> Store::take_answers() {
    return parts_->exchange->take_answers();
}

int Store::wake_descriptor() const noexcept {
    return parts_->exchange->wake_descriptor();
}

chat::StoreCounters Store::counters() const {
    return parts_->exchange->counters();
}

std::expected<void, StoreError> Store::stop(bool whole) {
    CHATD_ASSERT(parts_->thread.joinable());
    parts_->end(whole);
    return parts_->ended;
}

}  // namespace chatd::store
