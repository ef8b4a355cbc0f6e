// Lines that are said later, and when their readers get them.
#include <variant>

#include "support/catch.hpp"
#include "support/remembering_world.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

/// An engine whose writes are counted, and committed up to one of them, when it is told to.
struct World {
    EngineDriver driver{remembering()};
    chat::Ticket given = 0;
    std::vector<chat::FireSchedule> fired;  ///< that the store was given
    std::vector<chat::Ticket> fired_tickets;

    World() { commit_all(); }

    void take() {
        driver.settle();
        for (const chat::Persist& request : driver.engine.take_persists()) {
            if (chat::is_read(request)) continue;
            ++given;
            const auto* fire = std::get_if<chat::FireSchedule>(&request);
            if (fire == nullptr) continue;
            fired.push_back(*fire);
            fired_tickets.push_back(given);
        }
    }
    void commit(chat::Ticket ticket) {
        driver.engine.store_answered(chat::Committed{ticket}, driver.now);
        driver.settle();
    }
    void commit_all() {
        take();
        commit(given);
    }
    void trouble(const std::string& text) {
        driver.engine.store_answered(chat::StoreTrouble{text}, driver.now);
        driver.settle();
    }
    /// Time passes, and what falls due is given to the store.
    void pass(std::chrono::seconds time) {
        driver.pass(time);
        take();
    }
};

}  // namespace

TEST_CASE("a scheduled line is said on time, once, when its commit is there",
          "[engine][schedules]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    CHECK(world.driver.ask(ana, "/in 10m tea\n").starts_with("NOTE IN OK 1 "));
    world.driver.pass(std::chrono::seconds{599});
    CHECK(bob.take().empty());
    world.store.stalled = true;
    world.driver.pass(std::chrono::seconds{2});
    CHECK(bob.take().empty());  // it waits for its commit …
    world.driver.say(ana, "meanwhile\n");
    CHECK(bob.take().empty());  // … and what follows it waits behind it
    world.unstall();
    CHECK(bob.take() == "<ana> tea\n<ana> meanwhile\n");
    CHECK(world.store.schedules.empty());
    world.driver.pass(std::chrono::hours{1});
    CHECK(bob.take().empty());
}

TEST_CASE("a scheduled line that finds no place for its room comes later and says so",
          "[engine][schedules]") {
    engine::EngineConfig config = remembering();
    config.rooms_max = 2;
    RememberingWorld world(config);
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/join later\n/in #later 1m tea\n/leave later\n");
    world.driver.say(bob, "/join other\nfirst\n");
    world.driver.pass(std::chrono::seconds{90});
    CHECK(world.driver.ask(ana, "/schedules\n").find(" #later ") != std::string::npos);
    world.driver.say(bob, "/leave other\n");
    world.driver.pass(std::chrono::minutes{2});
    const auto said = lines_of(world.driver.ask(ana, "/join later\n/history\n"));
    REQUIRE(said.size() >= 3);
    CHECK(said[1].find("<ana> tea (late: due ") != std::string::npos);
    CHECK(world.store.schedules.empty());
}

TEST_CASE("a schedule that repeats goes on until it is taken out", "[engine][schedules]") {
    RememberingWorld world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/every 1m tick\n");
    world.driver.pass(std::chrono::seconds{185});
    CHECK(bob.take() == "<ana> tick\n<ana> tick\n<ana> tick\n");
    CHECK(world.driver.ask(bob, "/unschedule 1\n").starts_with("FAIL UNSCHEDULE NO_SUCH"));
    CHECK(world.driver.ask(ana, "/unschedule 1\n").find("NOTE UNSCHEDULE OK") != std::string::npos);
    bob.received.clear();
    world.driver.pass(std::chrono::hours{1});
    CHECK(bob.take().empty());
}

TEST_CASE(
    "of two fired lines each is handed out with its own commit, and what follows with the last",
    "[engine][schedules]") {
    World world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    for (const char* const command : {"/in 10m tea\n", "/in 11m cake\n", "/in 11m pie\n"}) {
        world.driver.say(ana, command);
        world.commit_all();
    }
    world.pass(std::chrono::seconds{601});
    world.driver.say(ana, "between\n");
    world.pass(std::chrono::seconds{60});
    world.driver.say(ana, "meanwhile\n");
    world.take();
    REQUIRE(world.fired.size() == 3);
    CHECK(bob.take().empty());
    // The line and the end of its schedule are one write.
    CHECK(world.fired[0].line.event.body == "tea");
    CHECK(world.fired[0].id == 1);
    CHECK_FALSE(world.fired[0].next);

    world.commit(world.fired_tickets[0] - 1);
    CHECK(bob.take().empty());
    world.commit(world.fired_tickets[0]);
    CHECK(bob.take() == "<ana> tea\n<ana> between\n");
    world.commit(world.fired_tickets[1]);
    CHECK(bob.take() == "<ana> cake\n");
    world.commit(world.fired_tickets[2]);
    CHECK(bob.take() == "<ana> pie\n<ana> meanwhile\n");
    world.driver.say(ana, "later\n");
    CHECK(bob.take() == "<ana> later\n");
}

TEST_CASE("a fired line holds up no other room", "[engine][schedules]") {
    World world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(bob, "/join dev\n");
    world.driver.say(ana, "/in 10m tea\n");
    world.commit_all();
    world.driver.say(ana, "/join dev\n");
    bob.received.clear();
    world.pass(std::chrono::seconds{601});
    REQUIRE(world.fired.size() == 1);
    world.driver.say(ana, "here\n");
    CHECK(bob.take() == "#dev <ana> here\n");
}

TEST_CASE("when the disk fails people go first: what was fired is handed out without its commit",
          "[engine][schedules]") {
    World world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/in 10m tea\n");
    world.commit_all();
    world.pass(std::chrono::seconds{601});
    world.driver.say(ana, "meanwhile\n");
    CHECK(bob.take().empty());
    world.trouble("disk full");
    CHECK(bob.take() == "<ana> tea\n<ana> meanwhile\n");
    // Its commit, once it comes, changes nothing.
    world.trouble("");
    world.commit_all();
    CHECK(bob.take().empty());
    world.driver.say(ana, "later\n");
    CHECK(bob.take() == "<ana> later\n");
}

TEST_CASE("what falls due while the disk fails waits for it, and is late", "[engine][schedules]") {
    World world;
    Client& ana = world.driver.join("ana");
    Client& bob = world.driver.join("bob");
    world.driver.say(ana, "/in 10m tea\n");
    world.commit_all();
    world.trouble("disk full");
    world.pass(std::chrono::seconds{660});
    CHECK(world.fired.empty());
    CHECK(bob.take().empty());
    world.trouble("");
    world.commit_all();
    REQUIRE(world.fired.size() == 1);
    CHECK(bob.take().starts_with("<ana> tea (late: due "));
}
