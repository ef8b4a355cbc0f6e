// What there is here, as lists that end with their number.
#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"
#include "support/text_lines.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("/who lists the people of a room one is in", "[engine][lists]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    driver.ask(bob, "/join dev\n");
    CHECK(driver.ask(bob, "/who\n") == "-- bob\nNOTE WHO END 1 :1 in all.\n");
    CHECK(driver.ask(bob, "/who lobby\n") == "-- ana\n-- bob\nNOTE WHO END 2 :2 in all.\n");
    CHECK(driver.ask(bob, "/who #LOBBY\n") == "-- ana\n-- bob\nNOTE WHO END 2 :2 in all.\n");
    CHECK(driver.ask(ana, "/who dev\n").starts_with("FAIL WHO NOT_IN_ROOM :"));
    CHECK(driver.ask(ana, "/who nowhere\n").starts_with("FAIL WHO NOT_IN_ROOM :"));
}

TEST_CASE("/rooms lists the rooms with people in them, and the lobby always", "[engine][lists]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    CHECK(driver.ask(ana, "/rooms\n") == "-- #lobby 1\nNOTE ROOMS END 1 :1 in all.\n");
    driver.ask(ana, "/join dev\n");
    driver.ask(ana, "/leave lobby\n");
    CHECK(driver.ask(ana, "/rooms\n") == "-- #lobby 0\n-- #dev 1\nNOTE ROOMS END 2 :2 in all.\n");
}

TEST_CASE("a list is cut at its bound and says so", "[engine][lists]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    for (std::uint32_t number = 0; number < limits::list_lines_max + 4; ++number) {
        driver.receive(driver.open(), "/ping\n");
    }
    driver.settle();
    const std::string answer = driver.ask(ana, "/who\n");
    CHECK(count_of(answer, "-- ") == limits::list_lines_max);
    CHECK(answer.ends_with("NOTE WHO END 1005 :The first 1000 of 1005 in all.\n"));
}
