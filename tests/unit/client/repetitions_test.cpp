#include "chatd/client/repetitions.hpp"

#include <string>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::client;

namespace {

wire::KeptEvent message(Position at, std::string key, std::string body = "hello") {
    return {.room = "dev", .from = "ana", .body = std::move(body), .key = std::move(key), .at = at};
}

}  // namespace

TEST_CASE("the same line under the same key in a later epoch is a repetition",
          "[client][repetitions]") {
    Repetitions repetitions;
    CHECK_FALSE(repetitions.repeats(message({1, 7}, "k")));
    CHECK(repetitions.repeats(message({2, 3}, "k")));
    CHECK(repetitions.repeats(message({3, 1}, "k")));
}

TEST_CASE("what differs in anything but its number is another line", "[client][repetitions]") {
    Repetitions repetitions;
    CHECK_FALSE(repetitions.repeats(message({1, 7}, "k")));
    CHECK_FALSE(repetitions.repeats(message({2, 1}, "l")));
    CHECK_FALSE(repetitions.repeats(message({2, 2}, "k", "good bye")));
    auto elsewhere = message({2, 3}, "k");
    elsewhere.room = "lobby";
    CHECK_FALSE(repetitions.repeats(elsewhere));
    auto other = message({2, 4}, "k");
    other.from = "bob";
    CHECK_FALSE(repetitions.repeats(other));
}

TEST_CASE("within an epoch the server alone says what is a double", "[client][repetitions]") {
    Repetitions repetitions;
    CHECK_FALSE(repetitions.repeats(message({1, 7}, "k")));
    CHECK_FALSE(repetitions.repeats(message({1, 8}, "k")));
}

TEST_CASE("lines without a key never repeat each other", "[client][repetitions]") {
    Repetitions repetitions;
    CHECK_FALSE(repetitions.repeats(message({1, 7}, "")));
    CHECK_FALSE(repetitions.repeats(message({2, 1}, "")));
}

TEST_CASE("the oldest are forgotten", "[client][repetitions]") {
    Repetitions repetitions;
    CHECK_FALSE(repetitions.repeats(message({1, 1}, "first")));
    for (std::size_t number = 0; number < repetitions_max; ++number)
        CHECK_FALSE(repetitions.repeats(message({1, 2 + number}, std::to_string(number))));
    CHECK_FALSE(repetitions.repeats(message({2, 1}, "first")));
    CHECK(repetitions.repeats(message({2, 2}, std::to_string(repetitions_max - 1))));
}
