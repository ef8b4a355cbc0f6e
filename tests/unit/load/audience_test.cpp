#include "load/audience.hpp"

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

constexpr std::uint32_t run_tag = 77;

/// A room of which each test decides who sits in it and what is delivered.
struct Room {
    explicit Room(std::vector<Seat> seats, bool echoes_own = false)
        : form(64), audience(std::move(seats), form, run_tag, echoes_own) {}

    std::string say(std::uint16_t publisher) { return body(publisher, audience.said(publisher)); }
    std::string body(std::uint16_t publisher, std::uint64_t sequence) {
        return std::string(form.write(
            {.run = run_tag, .publisher = publisher, .sequence = sequence, .due_ns = 1000}));
    }

    BodyForm form;
    Audience audience;
};

const Seat hearer{.hears = true};

Seat speaker(std::uint32_t publisher, bool hears) {
    return {.hears = hears, .publisher = publisher};
}

}  // namespace

TEST_CASE("the window waits for the slowest listener", "[load][audience]") {
    Room room({hearer, hearer, speaker(0, false)});
    const std::string first = room.say(0);
    const std::string second = room.say(0);
    CHECK(room.audience.in_flight() == 2);
    room.audience.heard(0, first, 2000);
    room.audience.heard(0, second, 2000);
    CHECK(room.audience.in_flight() == 2);
    room.audience.heard(1, first, 2000);
    CHECK(room.audience.in_flight() == 1);
    room.audience.heard(1, second, 3000);
    CHECK(room.audience.in_flight() == 0);
    CHECK(room.audience.tally().received == 4);
    CHECK(room.audience.tally().clean());
    CHECK(room.audience.latency().count() == 4);
    CHECK(room.audience.latency().max() == 2000);
}

TEST_CASE("who speaks is not expected to hear itself", "[load][audience]") {
    Room room({speaker(0, true), speaker(1, true)});
    const std::string from_first = room.say(0);
    const std::string from_second = room.say(1);
    CHECK(room.audience.in_flight() == 1);
    room.audience.heard(1, from_first, 2000);
    room.audience.heard(0, from_second, 2000);
    CHECK(room.audience.in_flight() == 0);
    CHECK(room.audience.tally().clean());
    SECTION("and an echo is a fault") {
        room.audience.heard(0, from_first, 2000);
        CHECK(room.audience.tally().duplicates == 1);
    }
}

TEST_CASE("where the server echoes, one's own words are awaited", "[load][audience]") {
    Room room({speaker(0, true), hearer}, true);
    const std::string said = room.say(0);
    room.audience.heard(1, said, 2000);
    CHECK(room.audience.in_flight() == 1);
    room.audience.heard(0, said, 2000);
    CHECK(room.audience.in_flight() == 0);
}

TEST_CASE("giving up counts what is missing, for each listener", "[load][audience]") {
    Room room({hearer, hearer, speaker(0, true)});
    room.say(0);
    const std::string second = room.say(0);
    room.audience.heard(0, second, 2000);
    room.audience.give_up();
    CHECK(room.audience.in_flight() == 0);
    CHECK(room.audience.tally().lost == 3);
    room.audience.give_up();
    CHECK(room.audience.tally().lost == 3);
}

TEST_CASE("other people's words are no fault", "[load][audience]") {
    Room room({hearer, speaker(0, false)});
    room.audience.heard(0, "hello", 2000);
    room.audience.heard(0, room.body(0, 0), 2000);  // never said
    room.audience.heard(0, room.body(9, 0), 2000);  // no such publisher
    BodyForm other(64);
    room.say(0);
    room.audience.heard(0, other.write({.run = run_tag + 1}), 2000);
    CHECK(room.audience.tally().foreign == 4);
    CHECK(room.audience.tally().clean());
}

TEST_CASE("changed bytes are damage", "[load][audience]") {
    Room room({hearer, speaker(0, false)});
    std::string said = room.say(0);
    said.back() = '!';
    room.audience.heard(0, said, 2000);
    CHECK(room.audience.tally().damaged == 1);
    CHECK(room.audience.in_flight() == 0);
}

TEST_CASE("the measured part begins with nothing counted and nothing forgotten",
          "[load][audience]") {
    Room room({hearer, speaker(0, false)});
    room.audience.heard(0, room.say(0), 2000);
    room.audience.gaps_declared(2);
    room.audience.answered(3);
    CHECK(room.audience.answers() == 3);
    room.audience.begin_measurement();
    CHECK(room.audience.tally().received == 0);
    CHECK(room.audience.gap_notices() == 0);
    CHECK(room.audience.answers() == 0);
    CHECK(room.audience.latency().count() == 0);
    room.audience.heard(0, room.say(0), 2000);
    CHECK(room.audience.tally().clean());
    CHECK(room.audience.published() == 2);
}
