#pragma once
// A pool of connections for a program that asks often and from several threads: borrow one, use it,
// and it goes back by itself. Any thread may call; a Lease belongs to one thread at a time. The
// pool outlives its leases.
//
//   open      idle + lent + being dialled; never above open_max
//   borrow()  takes the connection that came back last. One that is too old, lay idle too long or
//             fails its check is closed, and the next one tried; if there is none, it is dialled
//             anew. With open_max open it waits its turn (first come, first served), at most
//             `wait_max` for everything.
//   going     a lease gives its connection back, unless told that it is broken; past idle_max, or
//   back      too old, it is closed
//
// How to dial and how to check are functions given by the owner; they run on the borrowing thread,
// outside of the pool's lock, several at a time. What they throw goes to the borrower, and costs no
// place. `Connection` moves and closes when it goes.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chatd/base/assert.hpp"
#include "chatd/base/time.hpp"
#include "chatd/client/clock.hpp"

namespace chatd::client {

struct PoolOptions {
    std::size_t open_max = 8;                         ///< at least 1
    std::size_t idle_max = 8;                         ///< kept open without being used
    std::size_t waiting_max = 1024;                   ///< borrowers that wait; further are refused
    Duration age_max = std::chrono::minutes(30);      ///< since it was dialled
    Duration idle_timeout = std::chrono::minutes(5);  ///< since it came back
};

struct PoolError {
    enum class Reason : std::uint8_t {
        timed_out,    ///< none came free in time
        too_many,     ///< waiting_max wait already
        dial_failed,  ///< `message` is the dialling function's
    };
    Reason reason = Reason::timed_out;
    std::string message;  ///< one sentence
};

/// Counted since the pool was made, but for the first three.
struct PoolStatistics {
    std::size_t open = 0;     ///< now
    std::size_t idle = 0;     ///< now
    std::size_t waiting = 0;  ///< now
    std::uint64_t borrowed = 0;
    std::uint64_t dialled = 0;
    std::uint64_t dial_failures = 0;
    std::uint64_t expired = 0;    ///< closed for their age, or for lying idle
    std::uint64_t unhealthy = 0;  ///< closed for failing their check
    std::uint64_t broken = 0;     ///< given back as broken
    std::uint64_t surplus = 0;    ///< closed for idle_max
    std::uint64_t refused = 0;    ///< borrowers that timed out, or were too many
};

/// However long its borrower would wait: whoever adds this to a time gets a time.
inline constexpr Duration pool_dial_time_max = std::chrono::hours(24);

template <class Connection>
class Pool {
    struct Entry {
        Connection connection;
        Time dialled;
        Time returned;
    };

public:
    struct Functions {
        /// Dials one within `time_left`, pool_dial_time_max at most. The error is one sentence.
        std::function<std::expected<Connection, std::string>(Duration time_left)> dial;
        /// Whether one that was used before still works. To be quick: the borrower waits for it.
        std::function<bool(Connection&)> healthy = [](Connection&) { return true; };
        std::function<Time()> clock = now;  ///< for ages; waiting goes by the system's clock
    };

    /// A connection on loan. Gives it back when it goes.
    class Lease {
    public:
        Lease(Lease&& other) noexcept
            : pool_(std::exchange(other.pool_, nullptr)),
              entry_(std::move(other.entry_)),
              broken_(other.broken_) {}
        Lease& operator=(Lease&& other) noexcept {
            if (this == &other) return *this;
            end();
            pool_ = std::exchange(other.pool_, nullptr);
            entry_ = std::move(other.entry_);
            broken_ = other.broken_;
            return *this;
        }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { end(); }

        Connection& operator*() noexcept { return entry_.connection; }
        Connection* operator->() noexcept { return &entry_.connection; }
        /// It is of no more use: it will be closed, not lent again.
        void broken() noexcept { broken_ = true; }

    private:
        friend class Pool;
        Lease(Pool& pool, Entry entry) : pool_(&pool), entry_(std::move(entry)) {}
        void end() {
            if (pool_ != nullptr) pool_->give_back(std::move(entry_), broken_);
            pool_ = nullptr;
        }

        Pool* pool_;
        Entry entry_;
        bool broken_ = false;
    };

    Pool(const PoolOptions& options, Functions functions)
        : options_(options), functions_(std::move(functions)) {
        CHATD_ASSERT(options_.open_max > 0);
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    std::expected<Lease, PoolError> borrow(Duration wait_max) {
        const SystemTime deadline = after(SystemClock::now(), wait_max);
        std::optional<Entry> found;
        if (auto error = take_place(deadline, found)) return std::unexpected(std::move(*error));
        Place place(*this);
        std::optional<Entry> entry = std::move(found);  // closed before its place is left
        while (entry) {
            if (usable(*entry)) return lend(std::move(*entry), place);
            entry.reset();
            entry = take_idle();
        }
        return dial(deadline, place);
    }

    /// Closes what is too old or lay idle too long; borrow() does so only for what it comes upon.
    void prune() {
        std::vector<Entry> closed;  // goes after the lock
        const std::lock_guard lock(mutex_);
        std::vector<Entry> kept;
        for (Entry& entry : idle_)
            (expired(entry) ? closed : kept).push_back(std::move(entry));
        counted_.expired += closed.size();
        idle_ = std::move(kept);
    }

    PoolStatistics statistics() const {
        const std::lock_guard lock(mutex_);
        PoolStatistics statistics = counted_;
        statistics.open = taken_ + idle_.size();
        statistics.idle = idle_.size();
        statistics.waiting = waiting_.size();
        return statistics;
    }

private:
    using SystemClock = std::chrono::steady_clock;
    using SystemTime = SystemClock::time_point;

    struct Waiter {
        std::condition_variable turn;
        bool called = false;          ///< a place was left to this one
        std::optional<Entry> handed;  ///< with what stood there, unless that was broken
    };

    // However long somebody would wait: time_unlimited too.
    static SystemTime after(SystemTime from, Duration duration) noexcept {
        return duration >= SystemTime::max() - from ? SystemTime::max() : from + duration;
    }

    /// A place that was taken, until it is a lease's. It is left whatever happens.
    class Place {
    public:
        explicit Place(Pool& pool) : pool_(&pool) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            if (pool_ == nullptr) return;
            const std::lock_guard lock(pool_->mutex_);
            pool_->leave_place(std::nullopt);
        }
        void is_lent() noexcept { pool_ = nullptr; }

    private:
        Pool* pool_;
    };

    // A place among open_max, and an idle connection to go with it if there is one.
    std::optional<PoolError> take_place(SystemTime deadline, std::optional<Entry>& entry) {
        std::unique_lock lock(mutex_);
        if (taken_ + idle_.size() < options_.open_max || !idle_.empty()) {
            ++taken_;
            entry = newest_idle();
            return std::nullopt;
        }
        if (waiting_.size() >= options_.waiting_max) {
            ++counted_.refused;
            return PoolError{PoolError::Reason::too_many,
                             "Too many wait for a connection already; try again later."};
        }
        Waiter waiter;
        const auto place = waiting_.insert(waiting_.end(), &waiter);
        waiter.turn.wait_until(lock, deadline, [&] { return waiter.called; });
        if (waiter.called) {
            entry = std::move(waiter.handed);
            return std::nullopt;
        }
        waiting_.erase(place);
        ++counted_.refused;
        return PoolError{PoolError::Reason::timed_out,
                         "No connection of the pool came free in time."};
    }

    std::optional<Entry> take_idle() {
        const std::lock_guard lock(mutex_);
        return newest_idle();
    }

    std::optional<Entry> newest_idle() {
        if (idle_.empty()) return std::nullopt;
        std::optional<Entry> entry(std::move(idle_.back()));
        idle_.pop_back();
        return entry;
    }

    bool expired(const Entry& entry) const {
        const Time now = functions_.clock();
        return now - entry.dialled >= options_.age_max ||
               now - entry.returned >= options_.idle_timeout;
    }

    bool usable(Entry& entry) {
        const bool too_old = expired(entry);
        if (!too_old && functions_.healthy(entry.connection)) return true;
        const std::lock_guard lock(mutex_);
        ++(too_old ? counted_.expired : counted_.unhealthy);
        return false;
    }

    Lease lend(Entry entry, Place& place) {
        const std::lock_guard lock(mutex_);
        ++counted_.borrowed;
        place.is_lent();
        return Lease(*this, std::move(entry));
    }

    std::expected<Lease, PoolError> dial(SystemTime deadline, Place& place) {
        const Duration left =
            std::clamp<Duration>(deadline - SystemClock::now(), Duration(0), pool_dial_time_max);
        auto connection = functions_.dial(left);
        const Time now = functions_.clock();
        if (connection) {
            {
                const std::lock_guard lock(mutex_);
                ++counted_.dialled;
            }
            return lend({std::move(*connection), now, now}, place);
        }
        const std::lock_guard lock(mutex_);
        ++counted_.dial_failures;
        return std::unexpected(
            PoolError{PoolError::Reason::dial_failed, std::move(connection.error())});
    }

    void give_back(Entry returned, bool broken) {
        std::optional<Entry> entry(std::move(returned));
        std::unique_lock lock(mutex_);
        entry->returned = functions_.clock();
        const bool too_old = !broken && expired(*entry);
        const bool surplus =
            !broken && !too_old && waiting_.empty() && idle_.size() >= options_.idle_max;
        counted_.broken += broken;
        counted_.expired += too_old;
        counted_.surplus += surplus;
        if (broken || too_old || surplus) {
            lock.unlock();
            entry.reset();  // closed before its place is somebody else's
            lock.lock();
        }
        leave_place(std::move(entry));
    }

    // Under the lock: the place goes to who waits longest, else becomes free.
    void leave_place(std::optional<Entry> entry) {
        if (waiting_.empty()) {
            --taken_;
            if (entry) idle_.push_back(std::move(*entry));
            return;
        }
        Waiter& waiter = *waiting_.front();
        waiting_.pop_front();
        waiter.handed = std::move(entry);
        waiter.called = true;
        waiter.turn.notify_one();
    }

    const PoolOptions options_;
    const Functions functions_;
    mutable std::mutex mutex_;
    std::vector<Entry> idle_;  ///< the one that came back last at the back
    std::list<Waiter*> waiting_;
    std::size_t taken_ = 0;  ///< lent or being dialled
    PoolStatistics counted_;
};

}  // namespace chatd::client
