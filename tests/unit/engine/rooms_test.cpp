// The epochs that rooms begin in.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

// Where the first thing stands that a newcomer says in a room.
Position first_said(EngineDriver& driver, const std::string& room) {
    Client& bot = driver.open();
    driver.say(bot, call(1, "join", R"({"room":")" + room + R"("})") +
                        notification("say", R"({"room":")" + room + R"(","body":"hi"})"));
    const Json told(lines_of(bot.take()).back());
    REQUIRE(told.at("method") == "message");
    driver.reset(bot);
    return {std::stoull(told.at("params", "epoch")), std::stoull(told.at("params", "seq"))};
}

}  // namespace

TEST_CASE("a room that a crash took away is made again in another epoch", "[engine][rooms]") {
    FakeStore store;
    Position before;
    for (const bool again : {false, true}) {
        EngineDriver driver(remembering(), {}, store.restart(false));
        driver.store = &store;
        store.stalled = true;  // nothing of it is ever committed
        const Position at = first_said(driver, "dev");
        CHECK(at.seq == 1);
        if (again) CHECK(at.epoch > before.epoch);
        before = at;
    }
}

TEST_CASE("with a store the rooms of a run begin in one epoch", "[engine][rooms]") {
    FakeStore store;
    EngineDriver driver(remembering(), {}, store.restart(false));
    driver.store = &store;
    CHECK(first_said(driver, "one").epoch == first_said(driver, "two").epoch);
}

TEST_CASE("without a store epochs come from the wall clock and increase", "[engine][rooms]") {
    engine::EngineConfig config;
    config.room_kept = Duration::zero();  // forgotten when all have left
    config.unix_start = 1'800'000'000'000;
    EngineDriver driver(config);
    const Position first = first_said(driver, "dev");
    CHECK(first.epoch >= 1'800'000'000);
    const Position second = first_said(driver, "dev");
    CHECK(second.seq == 1);
    CHECK(second.epoch > first.epoch);
    driver.pass(std::chrono::minutes{10});
    CHECK(first_said(driver, "dev").epoch >= 1'800'000'600);
}
