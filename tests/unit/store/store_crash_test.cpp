#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include "chatd/base/prng.hpp"
#include "chatd/store/check.hpp"
#include "chatd/store/export.hpp"
#include "support/store_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

// What the child tells before the kill: an event that was acknowledged.
struct Acknowledged {
    Epoch epoch;
    Seq seq;
    std::uint64_t key;
};

// Restores, then says keyed lines for ever, and tells each of them once it is committed.
[[noreturn]] void say_until_killed(const store::StoreOptions& options, int tell,
                                   std::uint64_t seed) {
    auto opened = store::Store::open(options);
    if (!opened) _exit(1);
    store::Store& store = **opened;
    Prng prng(seed);
    chat::Restored restored = store.restored();
    if (restored.rooms.empty()) {
        store.push(chat::KeepRoom{"dev", 1});
        restored.rooms.push_back({.room = "dev", .epoch = 1});
    }
    const Epoch epoch = restored.rooms[0].epoch;
    Seq seq = restored.rooms[0].last;
    std::map<chat::Ticket, Acknowledged> waiting;
    for (;;) {
        for (auto count = prng.below(300); count > 0; --count) {
            ++seq;
            auto write = said("dev", {epoch, seq}, "word" + std::to_string(seq));
            const std::uint64_t key = prng.next();
            write.event.key = std::to_string(key);
            if (const auto ticket = store.push(std::move(write)))
                waiting[*ticket] = {epoch, seq, key};
            else
                --seq;
        }
        for (const auto& answer : store.take_answers()) {
            const auto* committed = std::get_if<chat::Committed>(&answer);
            while (committed != nullptr && !waiting.empty() &&
                   waiting.begin()->first <= committed->ticket) {
                if (write(tell, &waiting.begin()->second, sizeof(Acknowledged)) < 0) _exit(1);
                waiting.erase(waiting.begin());
            }
        }
    }
}

// All that the child told before it was killed.
std::vector<Acknowledged> run_and_kill(const store::StoreOptions& options, std::uint64_t seed,
                                       std::uint64_t after_us) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        close(pipe_ends[0]);
        say_until_killed(options, pipe_ends[1], seed);
    }
    close(pipe_ends[1]);
    std::vector<Acknowledged> told;
    Acknowledged one{};
    // The first acknowledgement shows that it is under way; then it lives a little longer.
    if (read(pipe_ends[0], &one, sizeof one) == sizeof one) told.push_back(one);
    std::thread killer([child, after_us] {
        usleep(static_cast<useconds_t>(after_us));
        kill(child, SIGKILL);
    });
    while (read(pipe_ends[0], &one, sizeof one) == sizeof one)
        told.push_back(one);
    killer.join();
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    close(pipe_ends[0]);
    return told;
}

}  // namespace

TEST_CASE(
    "over kills at random moments every acknowledged event is there, numbers are never given "
    "twice, and epochs grow",
    "[store][store]") {
    StoreFixture fixture;
    Prng prng(11);
    std::map<Position, std::uint64_t> told;
    Epoch epoch_before = 0;
    constexpr std::uint64_t rounds = 12;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        for (const Acknowledged& one :
             run_and_kill(fixture.options, prng.next(), prng.below(30'000))) {
            // The same number twice would be two promises for one place.
            REQUIRE(told.emplace(Position{one.epoch, one.seq}, one.key).second);
        }
        REQUIRE(told.rbegin()->first.epoch > epoch_before);
        epoch_before = told.rbegin()->first.epoch;
    }

    CHECK(store::check_store(fixture.directory.path()) == "ok");
    std::set<std::pair<std::uint64_t, std::uint64_t>> positions;
    std::size_t found = 0;
    const auto exported =
        store::export_room(fixture.directory.path(), "dev", [&](std::string_view line) {
            Position at;
            std::uint64_t key = 0;
            char id[40];
            char time[32];
            REQUIRE(sscanf(std::string(line).c_str(),
                           R"({"room":"dev","epoch":%lu,"seq":%lu,"id":"%36s","ts":"%24s",)"
                           R"("from":"ana","kind":"message","body":"word%*u","key":"%lu"})",
                           &at.epoch, &at.seq, id, time, &key) == 5);
            CHECK(positions.emplace(at.epoch, at.seq).second);
            if (const auto promised = told.find(at); promised != told.end()) {
                CHECK(promised->second == key);
                ++found;
            }
            return true;
        });
    REQUIRE(exported);
    CHECK(found == told.size());
    CHECK(told.size() > rounds);  // how many more is a matter of the machine

    fixture.open();
    const auto restored = fixture.store->restored();
    CHECK(restored.rooms[0].epoch > epoch_before);
    CHECK(restored.rooms[0].ended.size() == 12);
}
