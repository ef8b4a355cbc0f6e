// Engine and store together at the end of a process: what a stop does when the store's queue is
// full. The disk fails by the limit on the size of files, which is this process's own.

#include "server/store_link.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <string>

#include "chatd/engine/engine.hpp"
#include "chatd/io/system_clock.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace chatd;
using namespace chatd::server;
using namespace chatd::test;
using namespace std::chrono_literals;

namespace {

/// While it lives no file can grow.
class FullDisk {
public:
    FullDisk() {
        ::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit full = before_;
        full.rlim_cur = 1;
        REQUIRE(setrlimit(RLIMIT_FSIZE, &full) == 0);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

constexpr Seq beyond_queue = 5'000;
constexpr Seq line_count = limits::store_queue_max + beyond_queue;

/// An engine that lets more be said than the store's queue takes.
struct LinkedStore {
    std::unique_ptr<StoreLink> link;
    std::unique_ptr<engine::Engine> engine;

    explicit LinkedStore(const std::string& directory) {
        auto opened = StoreLink::open(StateOptions{.directory = directory});
        if (!opened) FAIL(opened.error().text);
        link = std::move(*opened);
        engine::EngineConfig config;
        config.keeps_history = true;
        config.store_queue_max = 2 * limits::store_queue_max;
        config.store_queue_bytes_max = 2 * limits::store_queue_bytes_max;
        config.unix_start = io::unix_ms();
        engine = std::make_unique<engine::Engine>(config, engine::DatagramsConfig{}, io::now(),
                                                  link->restored());
    }
    void say(std::string_view body) {
        const ConnId ana = engine->stream_opened(true, io::now());
        engine->stream_received(ana, as_bytes(std::string(body) + "\n"), io::now());
        engine->turn_ended(io::now());
        engine->clear_outputs();
        link->turn_ended(*engine);
    }
    /// In one turn, so that nothing is handed over before all is said.
    void say_all() {
        const ConnId ana = engine->stream_opened(true, io::now());
        std::string lines = "/nick ana\n";
        for (Seq number = 1; number <= line_count; ++number)
            lines += "x\n";
        engine->stream_received(ana, as_bytes(lines), io::now());
        REQUIRE(engine->counters().messages == line_count);
        engine->turn_ended(io::now());
        engine->clear_outputs();
        link->turn_ended(*engine);
        REQUIRE(link->counters().queue_refused > 0);
    }
};

chat::RestoredRoom lobby_in(const std::string& directory) {
    auto link = StoreLink::open(StateOptions{.directory = directory});
    if (!link) FAIL(link.error().text);
    chat::Restored restored = (*link)->restored();
    REQUIRE(restored.rooms.size() == 1);
    return restored.rooms[0];
}

}  // namespace

TEST_CASE("a stop behind a full queue hands over all that was said", "[server][store_link]") {
    const TemporaryDirectory directory;
    {
        LinkedStore house(directory.path());
        {
            const FullDisk disk;
            house.say_all();
        }
        CHECK(house.link->stop(*house.engine));
    }
    const chat::RestoredRoom lobby = lobby_in(directory.path());
    CHECK(lobby.last == line_count);
    CHECK(lobby.ended.empty());
    CHECK(lobby.kept.holes.empty());
}

TEST_CASE("a stop on a disk that stays full ends in time, says so, and is no clean one",
          "[server][store_link]") {
    const TemporaryDirectory directory;
    {
        LinkedStore house(directory.path());
        house.say("kept");
        REQUIRE(house.link->stop(*house.engine));
    }
    {
        LinkedStore house(directory.path());
        const FullDisk disk;
        house.say_all();
        const Time begun = io::now();
        CHECK_FALSE(house.link->stop(*house.engine));
        CHECK(io::now() - begun < 20s);
    }
    // The numbers were seen: the next ones are of another epoch.
    const chat::RestoredRoom lobby = lobby_in(directory.path());
    CHECK(lobby.last == 0);
    REQUIRE(lobby.ended.size() == 1);
    CHECK(lobby.ended[0].last == 1);
}
