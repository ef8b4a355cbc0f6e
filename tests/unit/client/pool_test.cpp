#include "chatd/client/pool.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace std::chrono_literals;

namespace {

constexpr Duration long_wait = 60s;  // for what comes at once, however slow the machine is

/// A dialled thing that counts itself as open while it lives.
class Fake {
public:
    Fake(int number_given, std::atomic<int>& open) : number(number_given), open_(&open) {
        ++*open_;
    }
    Fake(Fake&& other) noexcept
        : number(other.number), open_(std::exchange(other.open_, nullptr)) {}
    Fake& operator=(Fake&& other) noexcept {
        if (open_ != nullptr) --*open_;
        number = other.number;
        open_ = std::exchange(other.open_, nullptr);
        return *this;
    }
    ~Fake() {
        if (open_ != nullptr) --*open_;
    }

    int number;
    bool in_use = false;

private:
    std::atomic<int>* open_;
};

/// What a pool needs from outside, told by the test.
struct World {
    std::atomic<int> open = 0;
    std::atomic<int> dialled = 0;
    std::atomic<bool> refuses = false;
    std::atomic<int> sick = -1;  ///< this number fails its check
    Time time{1000s};

    Pool<Fake>::Functions functions() {
        return {[this](Duration) -> std::expected<Fake, std::string> {
                    if (refuses) return std::unexpected("nobody there.");
                    return Fake(dialled++, open);
                },
                [this](Fake& fake) { return fake.number != sick; }, [this] { return time; }};
    }
};

PoolOptions few(std::size_t open_max) {
    PoolOptions options;
    options.open_max = open_max;
    return options;
}

}  // namespace

TEST_CASE("what came back last is lent again", "[client][pool]") {
    World world;
    Pool<Fake> pool({}, world.functions());
    {
        auto first = pool.borrow(long_wait);
        auto second = pool.borrow(long_wait);
        REQUIRE(first);
        REQUIRE(second);
        CHECK((*first)->number == 0);
        CHECK((**second).number == 1);
        CHECK(pool.statistics().open == 2);
        CHECK(pool.statistics().idle == 0);
    }  // second goes back first, then first
    CHECK(pool.statistics().idle == 2);
    CHECK((*pool.borrow(long_wait))->number == 0);
    CHECK(world.dialled == 2);
    CHECK(pool.statistics().borrowed == 3);
    CHECK(pool.statistics().dialled == 2);
}

TEST_CASE("an expired connection is dialled anew when taken out", "[client][pool]") {
    World world;
    PoolOptions options;
    options.age_max = 10min;
    options.idle_timeout = 1min;
    Pool<Fake> pool(options, world.functions());
    CHECK((*pool.borrow(long_wait))->number == 0);
    world.time += 59s;
    CHECK((*pool.borrow(long_wait))->number == 0);
    world.time += 1min;
    CHECK((*pool.borrow(long_wait))->number == 1);  // lay idle too long
    CHECK(world.open == 1);
    for (int minute = 0; minute < 10; ++minute) {
        world.time += 59s;
        CHECK((*pool.borrow(long_wait))->number == 1);
    }
    world.time += 10s;
    CHECK((*pool.borrow(long_wait))->number == 2);  // grew too old in use
    CHECK(pool.statistics().expired == 2);
    CHECK(pool.statistics().open == 1);
}

TEST_CASE("one that grew too old while it was lent is closed when it comes back",
          "[client][pool]") {
    World world;
    PoolOptions options;
    options.age_max = 1min;
    Pool<Fake> pool(options, world.functions());
    {
        auto lease = pool.borrow(long_wait);
        world.time += 2min;
        CHECK(world.open == 1);
    }
    CHECK(world.open == 0);
    CHECK(pool.statistics().open == 0);
    CHECK(pool.statistics().expired == 1);
}

TEST_CASE("one that fails its check is closed and the next one tried", "[client][pool]") {
    World world;
    Pool<Fake> pool({}, world.functions());
    {
        auto first = pool.borrow(long_wait);
        auto second = pool.borrow(long_wait);
    }
    world.sick = 0;  // came back last
    CHECK((*pool.borrow(long_wait))->number == 1);
    CHECK(pool.statistics().unhealthy == 1);
    world.sick = 1;
    CHECK((*pool.borrow(long_wait))->number == 2);
    CHECK(world.open == 1);
}

TEST_CASE("a broken one is not lent again", "[client][pool]") {
    World world;
    Pool<Fake> pool({}, world.functions());
    {
        auto lease = pool.borrow(long_wait);
        lease->broken();
        auto moved = std::move(*lease);  // broken it stays
    }
    CHECK(world.open == 0);
    CHECK(pool.statistics().broken == 1);
    CHECK((*pool.borrow(long_wait))->number == 1);
}

TEST_CASE("a lease that is overwritten gives its connection back", "[client][pool]") {
    World world;
    Pool<Fake> pool({}, world.functions());
    auto first = pool.borrow(long_wait);
    auto second = pool.borrow(long_wait);
    *first = std::move(*second);
    CHECK((*first)->number == 1);
    CHECK(pool.statistics().idle == 1);
    CHECK(pool.statistics().open == 2);
}

TEST_CASE("no more than idle_max are kept", "[client][pool]") {
    World world;
    PoolOptions options;
    options.idle_max = 1;
    Pool<Fake> pool(options, world.functions());
    {
        auto first = pool.borrow(long_wait);
        auto second = pool.borrow(long_wait);
        auto third = pool.borrow(long_wait);
        CHECK(world.open == 3);
    }
    CHECK(world.open == 1);
    CHECK(pool.statistics().surplus == 2);
}

TEST_CASE("prune closes what lay idle too long and nothing else", "[client][pool]") {
    World world;
    PoolOptions options;
    options.idle_timeout = 1min;
    Pool<Fake> pool(options, world.functions());
    {
        auto early = pool.borrow(long_wait);
        {
            auto late = pool.borrow(long_wait);
        }
        world.time += 30s;
    }
    world.time += 30s;
    pool.prune();
    CHECK(world.open == 1);
    CHECK(pool.statistics().expired == 1);
    CHECK((*pool.borrow(long_wait))->number == 0);
}

TEST_CASE("a dial that fails gives its place back", "[client][pool]") {
    World world;
    Pool<Fake> pool(few(1), world.functions());
    world.refuses = true;
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto lease = pool.borrow(long_wait);
        REQUIRE_FALSE(lease);
        CHECK(lease.error().reason == PoolError::Reason::dial_failed);
        CHECK(lease.error().message == "nobody there.");
    }
    world.refuses = false;
    CHECK(pool.borrow(long_wait));
    CHECK(pool.statistics().dial_failures == 3);
    CHECK(pool.statistics().open == 1);
}

TEST_CASE("waiting for a connection has an end", "[client][pool]") {
    World world;
    Pool<Fake> pool(few(1), world.functions());
    const auto held = pool.borrow(long_wait);
    const Time begun = now();
    const auto lease = pool.borrow(50ms);
    REQUIRE_FALSE(lease);
    CHECK(lease.error().reason == PoolError::Reason::timed_out);
    CHECK(lease.error().message == "No connection of the pool came free in time.");
    CHECK(now() - begun >= 50ms);
    CHECK(pool.statistics().waiting == 0);
    CHECK(pool.statistics().refused == 1);
}

TEST_CASE("so has the queue of those who wait", "[client][pool]") {
    World world;
    PoolOptions options = few(1);
    options.waiting_max = 0;
    Pool<Fake> pool(options, world.functions());
    const auto held = pool.borrow(long_wait);
    const auto lease = pool.borrow(long_wait);
    REQUIRE_FALSE(lease);
    CHECK(lease.error().reason == PoolError::Reason::too_many);
}

TEST_CASE("dialling is told how much time is left", "[client][pool]") {
    World world;
    auto functions = world.functions();
    Duration told{};
    functions.dial = [&](Duration left) -> std::expected<Fake, std::string> {
        told = left;
        return Fake(0, world.open);
    };
    Pool<Fake> pool({}, functions);
    CHECK(pool.borrow(long_wait));
    CHECK(told <= long_wait);
    CHECK(told > 0s);
    Pool<Fake> patient({}, functions);
    CHECK(patient.borrow(Duration::max()));
    CHECK(told == pool_dial_time_max);  // what is added to the time of day stays a time
}

TEST_CASE("who waits without end does wait", "[client][pool]") {
    World world;
    Pool<Fake> pool(few(1), world.functions());
    auto held = pool.borrow(Duration::max());
    REQUIRE(held);
    std::atomic<bool> served = false;
    std::thread waiting([&] { served = pool.borrow(Duration::max()).has_value(); });
    while (pool.statistics().waiting != 1)
        std::this_thread::yield();
    held = std::unexpected(PoolError{});
    waiting.join();
    CHECK(served);
    CHECK(pool.statistics().refused == 0);
}

TEST_CASE("a function that throws costs no place and leaves nothing open", "[client][pool]") {
    World world;
    auto functions = world.functions();
    bool dial_throws = true;
    bool check_throws = false;
    functions.dial = [&, dial = functions.dial](Duration left) {
        if (dial_throws) throw std::runtime_error("no memory");
        return dial(left);
    };
    functions.healthy = [&](Fake&) {
        if (check_throws) throw std::runtime_error("no memory");
        return true;
    };
    Pool<Fake> pool(few(1), functions);
    CHECK_THROWS(pool.borrow(long_wait));
    CHECK(pool.statistics().open == 0);
    dial_throws = false;
    REQUIRE(pool.borrow(long_wait));
    check_throws = true;
    CHECK_THROWS(pool.borrow(long_wait));
    CHECK(pool.statistics().open == 0);
    CHECK(world.open == 0);
    check_throws = false;
    CHECK(pool.borrow(long_wait));
}

TEST_CASE("who waits is served in turn, with the very connection that came back",
          "[client][pool]") {
    World world;
    Pool<Fake> pool(few(1), world.functions());
    auto held = pool.borrow(long_wait);
    std::vector<int> order;
    std::vector<std::thread> threads;
    for (int who = 0; who < 4; ++who) {
        threads.emplace_back([&, who] {
            const auto lease = pool.borrow(long_wait);
            // The only connection is the lock of `order`.
            if (lease) order.push_back(who);
        });
        while (pool.statistics().waiting != static_cast<std::size_t>(who) + 1)
            std::this_thread::yield();
    }
    CHECK(pool.statistics().open == 1);
    held = std::unexpected(PoolError{});
    for (std::thread& thread : threads)
        thread.join();
    CHECK(order == std::vector{0, 1, 2, 3});
    CHECK(world.dialled == 1);
}

TEST_CASE("who waits for a connection that broke dials a new one", "[client][pool]") {
    World world;
    Pool<Fake> pool(few(1), world.functions());
    auto held = pool.borrow(long_wait);
    int number = -1;
    std::thread waiting([&] {
        auto lease = pool.borrow(long_wait);
        if (lease) number = (*lease)->number;
    });
    while (pool.statistics().waiting != 1)
        std::this_thread::yield();
    held->broken();
    held = std::unexpected(PoolError{});
    waiting.join();
    CHECK(number == 1);
    CHECK(world.open == 1);
}

TEST_CASE("many threads never hold one connection twice, nor more than open_max",
          "[client][pool]") {
    World world;
    PoolOptions options = few(3);
    options.idle_max = 2;
    Pool<Fake> pool(options, world.functions());
    std::atomic<int> wrong = 0;
    std::atomic<int> served = 0;
    std::vector<std::thread> threads;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        threads.emplace_back([&, seed] {
            Prng chance(seed);
            for (int turn = 0; turn < 300; ++turn) {
                auto lease = pool.borrow(long_wait);
                if (!lease) continue;
                wrong += (*lease)->in_use;
                wrong += world.open > 3;
                (*lease)->in_use = true;
                if (chance.chance(20)) std::this_thread::yield();
                (*lease)->in_use = false;
                if (chance.chance(10)) lease->broken();
                ++served;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK(wrong == 0);
    CHECK(served == 8 * 300);
    const PoolStatistics statistics = pool.statistics();
    CHECK(statistics.borrowed == 8 * 300);
    CHECK(statistics.open == statistics.idle);
    CHECK(statistics.idle <= 2);
    CHECK(world.open == static_cast<int>(statistics.open));
    CHECK(statistics.dialled == statistics.broken + statistics.surplus + statistics.open);
}
