// Positions: who names one gets what follows it, or is told what is gone.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

/// A room in which ana said 1, 2, 3 …, and a bot that may come back.
struct World {
    engine::EngineConfig config = remembering();
    FakeStore store;
    std::unique_ptr<EngineDriver> driver;
    Client* ana = nullptr;
    Bot bot;

    World() { start({}); }
    explicit World(const engine::EngineConfig& chosen) : config(chosen) { start({}); }

    void start(chat::Restored&& restored) {
        driver =
            std::make_unique<EngineDriver>(config, engine::DatagramsConfig{}, std::move(restored));
        driver->store = &store;
        driver->settle();
        ana = &driver->join("ana");
    }
    void restart(bool clean, std::size_t newest_max = 1'000) {
        config.unix_start += 1'000'000;
        chat::Restored restored = store.restart(clean, newest_max);
        start(std::move(restored));
    }
    void say(int from, int to) {
        std::string lines;
        for (int number = from; number <= to; ++number)
            lines += std::to_string(number) + "\n";
        driver->say(*ana, lines);
    }
    /// 1 to 10 * blocks, ten lines a turn: a log of a few lines loses the older ones on the way.
    void say_in_blocks(int blocks) {
        for (int block = 0; block < blocks; ++block)
            say(block * 10 + 1, block * 10 + 10);
    }
    /// The position that a bot had which has just read everything.
    std::string epoch() {
        return Json(lines_of(driver->ask(driver->open(), call(1, "hello"))).at(0))
            .at("result", "rooms", 0, "epoch");
    }
    /// What comes for a connection that joins at a position: the answer, then the events.
    std::vector<std::string> join_at(const std::string& at_epoch, int seq) {
        Client& client = driver->open();
        return lines_of(
            driver->ask(client, call(1, "hello",
                                     R"({"rooms":[{"room":"lobby","since":{"epoch":)" + at_epoch +
                                         ",\"seq\":" + std::to_string(seq) + "}}]}")));
    }
};

/// "message 3", "gap 1-2", …
std::vector<std::string> events_of(const std::vector<std::string>& lines) {
    std::vector<std::string> events;
    for (std::size_t index = 1; index < lines.size(); ++index) {
        const Json event(lines[index]);
        if (event.at("method") == "gap") {
            events.push_back("gap " + event.at("params", "from") + "-" + event.at("params", "to"));
        } else {
            events.push_back(event.at("method") + " " + event.at("params", "body"));
        }
    }
    return events;
}

std::vector<std::string> messages(int from, int to) {
    std::vector<std::string> events;
    for (int number = from; number <= to; ++number)
        events.push_back("message " + std::to_string(number));
    return events;
}

std::string verdict_of(const std::vector<std::string>& lines) {
    return Json(lines.at(0)).at("result", "rooms", 0, "recovered");
}

}  // namespace

TEST_CASE("gone for nothing, for one, for all that memory holds", "[engine][resume]") {
    World world;
    const std::string epoch = world.epoch();
    world.say(1, 5);
    for (const int since : {5, 4, 0}) {
        const auto lines = world.join_at(epoch, since);
        CHECK(verdict_of(lines) == "true");
        CHECK(events_of(lines) == messages(since + 1, 5));
    }
}

TEST_CASE("a session without a message yet resumes from its join", "[engine][resume]") {
    World world;
    const std::string epoch = world.epoch();
    const auto lines = world.join_at(epoch, 0);
    CHECK(verdict_of(lines) == "true");
    CHECK(events_of(lines).empty());
}

TEST_CASE("what memory no longer holds comes from the store, in order, then the log",
          "[engine][resume]") {
    World world(remembering_little());
    const std::string epoch = world.epoch();
    world.say_in_blocks(200);
    const auto lines = world.join_at(epoch, 7);
    CHECK(verdict_of(lines) == "true");
    CHECK(events_of(lines) == messages(8, 2000));
}

TEST_CASE("what is said and trimmed while an empty page is on its way comes as well",
          "[engine][resume]") {
    World world(remembering_little());
    const std::string epoch = world.epoch();
    world.say(1, 3);
    world.restart(false, 0);
    world.store.stalled = true;
    Client& reader = world.driver->open();
    world.driver->say(
        reader, call(1, "hello",
                     R"({"rooms":[{"room":"lobby","since":{"epoch":)" + epoch + R"(,"seq":3}}]})"));
    for (int number = 1; number <= 40; ++number)
        world.say(number, number);
    world.store.stalled = false;
    world.driver->settle();
    CHECK(events_of(lines_of(reader.take())) == messages(1, 40));
}

TEST_CASE("what retention removed is declared, what is left comes", "[engine][resume]") {
    World world;
    const std::string epoch = world.epoch();
    world.say(1, 10);
    world.store.prune("lobby", {std::stoull(epoch), 4});
    world.restart(true, 0);
    const auto lines = world.join_at(epoch, 2);
    CHECK(verdict_of(lines) == "false");
    const Json standing(lines.at(0));
    CHECK(standing.at("result", "rooms", 0, "missing", "from", "seq") == "3");
    CHECK(standing.at("result", "rooms", 0, "missing", "to", "seq") == "4");
    CHECK(events_of(lines) == messages(5, 10));
}

TEST_CASE("a clean restart goes on in the same numbers", "[engine][resume]") {
    World world;
    const std::string epoch = world.epoch();
    world.say(1, 3);
    world.restart(true);
    CHECK(world.epoch() == epoch);
    world.say(4, 5);
    const auto lines = world.join_at(epoch, 1);
    CHECK(verdict_of(lines) == "true");
    CHECK(events_of(lines) == messages(2, 5));
    CHECK(Json(lines.back()).at("params", "seq") == "5");
}

TEST_CASE("after a crash a new epoch begins, and an older position goes on into it",
          "[engine][resume]") {
    for (const std::size_t newest : {0U, 1'000U}) {
        World world;
        const std::string epoch = world.epoch();
        world.say(1, 3);
        world.restart(false, newest);
        CHECK(world.epoch() != epoch);
        world.say(4, 5);
        const auto lines = world.join_at(epoch, 1);
        CHECK(verdict_of(lines) == "true");
        CHECK(events_of(lines) == messages(2, 5));
        CHECK(Json(lines.back()).at("params", "seq") == "2");
    }
}

TEST_CASE("a key holds across a restart, however long ago its session was seen",
          "[engine][resume]") {
    World world;
    const Bot bot = join_bot(*world.driver, "robo");
    const std::string say = call(2, "say", R"({"key":"k","body":"once"})");
    world.driver->ask(*bot.client, say);
    world.restart(false);
    world.driver->pass(std::chrono::seconds{90});
    Client& again = world.driver->open();
    world.driver->ask(again, call(1, "resume", "{\"token\":\"" + bot.token + "\"}"));
    const Json answer(lines_of(world.driver->ask(again, say)).at(0));
    CHECK(answer.at("result", "repeated") == "true");
}

TEST_CASE("who was at the beginning of a room that a restart forgot gets all, and no promise",
          "[engine][resume]") {
    World world;
    Client& early = world.driver->open();
    const auto join = [](const std::string& since) {
        return call(1, "hello", R"({"rooms":[{"room":"dev")" + since + "}]}");
    };
    const Json joined(lines_of(world.driver->ask(early, join(""))).at(0));
    const std::string epoch = joined.at("result", "rooms", 0, "epoch");
    world.restart(false);
    world.driver->unix_start = world.config.unix_start;
    world.driver->pass(std::chrono::seconds{1});
    world.driver->say(*world.ana, "/join dev\n1\n2\n");
    const auto lines = lines_of(world.driver->ask(
        world.driver->open(), join(",\"since\":{\"epoch\":" + epoch + ",\"seq\":0}")));
    CHECK(verdict_of(lines) == "false");
    CHECK(events_of(lines) == messages(1, 2));
}

TEST_CASE("a room that a crash kept from the store is made in a later epoch, however soon",
          "[engine][resume]") {
    World world;
    world.store.stalled = true;
    const auto said_at = [&] {
        Client& client = world.driver->open();
        (void)world.driver->ask(client, call(1, "hello", R"({"rooms":[{"room":"dev"}]})"));
        world.driver->say(client, notification("say", R"({"room":"dev","body":"gone"})"));
        return std::stoull(Json(lines_of(client.take()).back()).at("params", "epoch"));
    };
    const auto before = said_at();
    // Within the same second of the wall clock.
    world.start(world.store.restart(false));
    CHECK(said_at() > before);
}

TEST_CASE("nobody is told true over a tail that did not survive", "[engine][resume]") {
    World world;
    const std::string epoch = world.epoch();
    world.say(1, 3);
    world.store.stalled = true;
    world.say(4, 6);
    world.restart(false);
    world.store.stalled = false;
    world.say(7, 8);
    const auto lines = world.join_at(epoch, 5);
    CHECK(verdict_of(lines) == "false");
    const Json standing(lines.at(0));
    CHECK(standing.at("result", "rooms", 0, "missing", "from", "epoch") == epoch);
    CHECK(standing.at("result", "rooms", 0, "missing", "from", "seq") == "4");
    CHECK(standing.at("result", "rooms", 0, "missing", "to", "seq") == "5");
    CHECK(events_of(lines) == messages(7, 8));
}

TEST_CASE("what is missing behind the end of an epoch begins with the next one's first number",
          "[engine][resume]") {
    World world;
    const Epoch first = std::stoull(world.epoch());
    world.say(1, 3);
    world.restart(false);
    world.restart(false);  // an epoch of which no number was given is between
    const Epoch third = std::stoull(world.epoch());
    REQUIRE(third == first + 2);
    world.say(4, 6);
    world.driver->settle();
    world.store.prune("lobby", {third, 2});
    world.restart(true, 1);
    const auto missing_after = [&](Epoch epoch, int seq) {
        const auto lines = world.join_at(std::to_string(epoch), seq);
        CHECK(verdict_of(lines) == "false");
        CHECK(events_of(lines) == messages(6, 6));
        const Json answer(lines.at(0));
        return answer.at("result", "rooms", 0, "missing", "from", "epoch") + ":" +
               answer.at("result", "rooms", 0, "missing", "from", "seq") + "-" +
               answer.at("result", "rooms", 0, "missing", "to", "epoch") + ":" +
               answer.at("result", "rooms", 0, "missing", "to", "seq");
    };
    const std::string old = std::to_string(first);
    const std::string present = std::to_string(third);
    CHECK(missing_after(first, 3) == present + ":1-" + present + ":2");
    CHECK(missing_after(first, 2) == old + ":3-" + present + ":2");
    CHECK(missing_after(first + 1, 0) == present + ":1-" + present + ":2");
    CHECK(missing_after(third, 1) == present + ":2-" + present + ":2");
}

TEST_CASE("a number that is still to come and an epoch nobody knows are not recovered",
          "[engine][resume]") {
    World world;
    const std::string epoch = world.epoch();
    world.say(1, 3);
    for (const auto& [at_epoch, seq] :
         {std::pair{epoch, 4}, {std::string("5"), 1}, {std::string("9007199254740992"), 1}}) {
        const auto lines = world.join_at(at_epoch, seq);
        CHECK(verdict_of(lines) == "false");
        CHECK(Json(lines.at(0)).at("result", "rooms", 0, "seq") == "3");
        CHECK(events_of(lines).empty());
    }
}

TEST_CASE("without a store what memory lost is declared", "[engine][resume]") {
    engine::EngineConfig config = remembering_little();
    config.keeps_history = false;
    World world(config);
    const std::string epoch = world.epoch();
    world.say_in_blocks(5);
    const auto lines = world.join_at(epoch, 3);
    CHECK(verdict_of(lines) == "false");
    const auto events = events_of(lines);
    REQUIRE_FALSE(events.empty());
    const int edge = std::stoi(Json(lines.at(0)).at("result", "rooms", 0, "missing", "to", "seq"));
    CHECK(events == messages(edge + 1, 50));
}

TEST_CASE("a slow reader gets what was trimmed from the store, without a gap", "[engine][resume]") {
    World world(remembering_little());
    Client& bob = world.driver->join("bob");
    bob.stalled = true;
    world.say_in_blocks(10);
    world.driver->resume(bob);
    std::string expected;
    for (int number = 1; number <= 100; ++number)
        expected += "<ana> " + std::to_string(number) + "\n";
    CHECK(bob.take() == expected);
}

TEST_CASE("a text reader does not get its own lines back from the store", "[engine][resume]") {
    World world(remembering_little());
    Client& bob = world.driver->join("bob");
    bob.stalled = true;
    world.say(1, 2);
    world.driver->say(bob, "mine\n");
    world.say(3, 60);
    world.driver->resume(bob);
    const std::string got = bob.take();
    CHECK(got.find("mine") == std::string::npos);
    CHECK(got.find("<ana> 3\n") != std::string::npos);
    CHECK(got.find("GAP") == std::string::npos);
}

TEST_CASE("latest tells one gap up to now and goes on from there", "[engine][resume]") {
    engine::EngineConfig config = remembering_little();
    config.slow_reader = engine::SlowReader::latest;
    config.gather_bytes_max = 16;
    World world(config);
    Client& bob = world.driver->join("bob");
    bob.stalled = true;
    world.say_in_blocks(10);
    world.driver->resume(bob);
    CHECK(bob.take().find("-100 :") != std::string::npos);
    world.say(101, 101);
    CHECK(bob.take() == "<ana> 101\n");
}

TEST_CASE("a text client resumes by the number alone, and is told the verdict", "[engine][join]") {
    World world;
    const std::string epoch = world.epoch();
    world.say(1, 3);
    Client& bob = world.driver->join("bob");
    const auto lines = lines_of(world.driver->ask(bob, "/join lobby 1\n"));
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].starts_with("NOTE JOIN OK #lobby " + epoch + ":3 recovered :"));
    CHECK(lines[1] == "<ana> 2");
    CHECK(lines[2] == "<ana> 3");
    CHECK(world.driver->ask(bob, "/join lobby 9\n").find(":3 lost :") != std::string::npos);
}

TEST_CASE("a policy of one's own holds for that room alone", "[engine][join]") {
    engine::EngineConfig config = remembering_little();
    config.slow_reader = engine::SlowReader::backfill;
    World world(config);
    Client& bob = world.driver->join("bob");
    world.driver->say(bob, "/join lobby oldest\n");
    bob.received.clear();
    bob.stalled = true;
    world.say_in_blocks(10);
    world.driver->resume(bob);
    CHECK(bob.take().find("NOTE * GAP #lobby ") != std::string::npos);
}
