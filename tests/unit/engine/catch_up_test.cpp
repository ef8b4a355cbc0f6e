// Readers that get older records from the store before they go on in the log.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

/// A room whose log holds a few lines only, and somebody who speaks in it.
struct World {
    FakeStore store;
    EngineDriver driver{remembering_little()};
    Client* ana = nullptr;

    World() {
        driver.store = &store;
        driver.settle();
        ana = &driver.join("ana");
    }
    void say(int from, int to) {
        for (int number = from; number <= to; ++number)
            driver.say(*ana, std::to_string(number) + "\n");
    }
    /// A bot that joins before the first number; its answer has come.
    Client& from_the_beginning() {
        const std::string epoch = Json(lines_of(driver.ask(driver.open(), call(1, "hello"))).at(0))
                                      .at("result", "rooms", 0, "epoch");
        Client& reader = driver.open();
        driver.say(reader, call(1, "hello",
                                R"({"rooms":[{"room":"lobby","since":{"epoch":)" + epoch +
                                    R"(,"seq":0}}]})"));
        return reader;
    }
    /// One that has ended its side after 40 lines, its page not there yet. Then so much more is
    /// said that the log begins long behind its end.
    Client& half_closed_at_40() {
        say(1, 40);
        store.stalled = true;
        Client& reader = from_the_beginning();
        driver.half_close(reader);
        say(41, 80);
        return reader;
    }
};

/// "1 2 gap 4-5", behind the answer of its hello.
std::string heard(const std::string& received) {
    std::string heard;
    for (const std::string& line : lines_of(received)) {
        const Json event(line);
        if (event.at("method") == "message") heard += event.at("params", "body") + " ";
        if (event.at("method") == "gap") {
            heard += "gap " + event.at("params", "from") + "-" + event.at("params", "to") + " ";
        }
    }
    return heard;
}

std::string numbers(int from, int to) {
    std::string numbers;
    for (int number = from; number <= to; ++number)
        numbers += std::to_string(number) + " ";
    return numbers;
}

}  // namespace

TEST_CASE("after its FIN a reader gets the pages up to where the log stood then, and no more",
          "[engine][catch_up]") {
    World world;
    Client& reader = world.half_closed_at_40();
    CHECK_FALSE(reader.ended());
    world.store.stalled = false;  // it has all of them
    world.driver.settle();
    CHECK(heard(reader.take()) == numbers(1, 40));
    CHECK(reader.ended());
}

TEST_CASE("a catch-up after FIN of what was not kept is told up to the end, and no further",
          "[engine][catch_up]") {
    World world;
    Client& reader = world.half_closed_at_40();
    // The page is refused, as it is while the disk fails.
    for (const chat::Persist& request : world.store.take_waiting()) {
        if (const auto* read = std::get_if<chat::ReadHistory>(&request)) {
            world.driver.engine.store_answered(
                chat::HistoryPage{.query = read->query, .error = "disk full"}, world.driver.now);
        }
    }
    world.driver.settle();
    CHECK(heard(reader.take()) == "gap 1-40 ");
    CHECK(reader.ended());
}
