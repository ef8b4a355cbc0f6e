#include "chatd/client/retry.hpp"

#include <algorithm>
#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::client;
using namespace std::chrono_literals;

namespace {

constexpr Time start{1000s};

std::string refusal(std::string_view text) {
    const auto policy = parse_retry(text);
    return policy ? "taken: " + policy->text() : policy.error();
}

}  // namespace

TEST_CASE("a back-off is read, what is not named stays", "[client][retry]") {
    CHECK(parse_retry("max=200,base=250ms,cap=36s") == RetryPolicy{});
    CHECK(parse_retry("max=3") == RetryPolicy{3, 250ms, 36s});
    CHECK(parse_retry("base=1s") == RetryPolicy{200, 1s, 36s});
    CHECK(parse_retry("cap=2m,max=0") == RetryPolicy{0, 250ms, 2min});
    CHECK(parse_retry("cap=1h,base=1m") == RetryPolicy{200, 1min, 1h});
}

TEST_CASE("a cap below the base moves the one that was not named", "[client][retry]") {
    CHECK(parse_retry("base=1m") == RetryPolicy{200, 1min, 1min});
    CHECK(parse_retry("cap=100ms") == RetryPolicy{200, 100ms, 100ms});
}

TEST_CASE("a back-off that is none is refused with what to write", "[client][retry]") {
    const std::string form =
        "it is max=N, base=TIME and cap=TIME, such as max=200,base=250ms,cap=36s.";
    CHECK(refusal("") == "\"\" is no back-off: " + form);
    CHECK(refusal("always") == "\"always\" is no back-off: " + form);
    CHECK(refusal("max=3,") == "\"max=3,\" is no back-off: " + form);
    CHECK(refusal("Max=3") == "\"Max=3\" is no back-off: " + form);
    CHECK(refusal("max=3,max=4") == "\"max=3,max=4\" is no back-off: max stands in it twice.");
    CHECK(refusal("base=2s,cap=1s") ==
          "\"base=2s,cap=1s\" is no back-off: the cap is below the base.");
    for (const char* const bad : {"max=", "max=x", "max=-1", "max=1.5", "max=1000000001", "max"}) {
        CHECK(refusal(bad) == "\"" + std::string(bad) +
                                  "\" is no back-off: max is a number of attempts, 0 to "
                                  "1000000000.");
    }
    for (const char* const bad : {"base=", "base=250", "base=0ms", "base=-1s", "base=1.5s",
                                  "base=25h", "base=99999999999999999999ms", "base=1 s"}) {
        CHECK(refusal(bad) == "\"" + std::string(bad) +
                                  "\" is no back-off: base is a whole number with ms, s, m or h, "
                                  "such as 250ms, from 1ms to 24h.");
    }
}

TEST_CASE("a policy is written as it is read", "[client][retry]") {
    CHECK(RetryPolicy{}.text() == "max=200,base=250ms,cap=36s");
    const RetryPolicy odd{7, 1500ms, 90s};
    CHECK(odd.text() == "max=7,base=1500ms,cap=90s");
    CHECK(parse_retry(odd.text()) == odd);
}

TEST_CASE("the longest wait doubles up to the cap", "[client][retry]") {
    const Backoff backoff({200, 250ms, 36s}, 1);
    CHECK(backoff.delay_max(0) == 250ms);
    CHECK(backoff.delay_max(1) == 500ms);
    CHECK(backoff.delay_max(7) == 32s);
    CHECK(backoff.delay_max(8) == 36s);
    CHECK(backoff.delay_max(4'000'000'000) == 36s);
    const Backoff endless({200, 24h, 24h}, 1);
    CHECK(endless.delay_max(4'000'000'000) == 24h);
}

TEST_CASE("waits are spread over all of the time from nothing to the longest", "[client][retry]") {
    // Mean of the uniform distribution: half the longest; and all eighths of it occur.
    std::vector<int> eighths(8);
    Duration sum{};
    constexpr int draws = 4000;
    for (int seed = 0; seed < draws; ++seed) {
        Backoff backoff({10, 800ms, 36s}, static_cast<std::uint64_t>(seed));
        const Duration delay = backoff.next_delay().value();
        REQUIRE(delay >= 0ms);
        REQUIRE(delay <= 800ms);
        sum += delay;
        ++eighths[static_cast<std::size_t>(std::min<Duration::rep>(delay / 100ms, 7))];
    }
    CHECK(sum / draws > 380ms);
    CHECK(sum / draws < 420ms);
    CHECK(*std::min_element(eighths.begin(), eighths.end()) > draws / 8 * 3 / 4);
}

TEST_CASE("equal seeds wait equally", "[client][retry]") {
    Backoff left({}, 7);
    Backoff right({}, 7);
    for (int attempt = 0; attempt < 20; ++attempt)
        CHECK(left.next_delay() == right.next_delay());
}

TEST_CASE("attempts are used up", "[client][retry]") {
    Backoff backoff({2, 250ms, 36s}, 1);
    CHECK(backoff.next_delay());
    CHECK(backoff.next_delay());
    CHECK_FALSE(backoff.next_delay());
    CHECK(backoff.attempts() == 2);
    Backoff never({0, 250ms, 36s}, 1);
    CHECK_FALSE(never.next_delay());
}

TEST_CASE("a connection that lived begins the count anew, one that did not does not",
          "[client][retry]") {
    Backoff backoff({5, 2s, 36s}, 1);
    backoff.next_delay();
    backoff.next_delay();  // up to 4 s
    backoff.connected(start);
    backoff.disconnected(start + 3999ms);
    CHECK(backoff.attempts() == 2);
    backoff.disconnected(start + 1h);  // of no connection
    CHECK(backoff.attempts() == 2);
    backoff.connected(start);
    backoff.disconnected(start + 4s);
    CHECK(backoff.attempts() == 0);
}

TEST_CASE("a server that accepts and hangs up uses attempts up", "[client][retry]") {
    Backoff backoff({3, 1ms, 1ms}, 1);
    Time time = start;
    int connections = 0;
    while (backoff.next_delay()) {
        backoff.connected(time);
        ++connections;
        time += 500ms;
        backoff.disconnected(time);
    }
    CHECK(connections == 3);
}
