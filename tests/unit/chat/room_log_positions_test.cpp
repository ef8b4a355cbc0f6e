// Positions of a room's log: where a reader goes on, what stands at a number, what was taken back.
#include <map>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/chat/room_log.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::chat;
using wire::EventKind;
using wire::Form;

namespace {

struct EpochRoom {
    LogLimits log_limits{.segment_bytes_min = 64, .segment_bytes_max = 64};
    LogTotals totals;
    RoomLog log{"dev", log_limits, totals, 3};

    LogIndex say(std::string_view body, Author author = {1, 0}) {
        const LogIndex index =
            log.append({.kind = EventKind::message, .from = "ana", .body = body}, author);
        log.check_invariants();
        return index;
    }
    void join_event() { log.append({.kind = EventKind::joined, .from = "ana"}, Author{1, 0}); }

    std::string read(LogIndex cursor) {
        std::string text;
        while (true) {
            const Span span = log.gather(Form::text, cursor, log.end(), 1 << 20, {});
            if (span.segment == nullptr) return text;
            append(text, span.bytes);
            cursor = span.end_index();
        }
    }
};

}  // namespace

TEST_CASE("an empty log stands where it was told to go on", "[chat][room_log]") {
    EpochRoom room;
    CHECK(room.log.last() == Position{3, 0});
    CHECK(room.log.holds_after({3, 0}));
    CHECK(room.log.index_after({3, 0}) == 0);
    CHECK_FALSE(room.log.holds_after({3, 1}));
    CHECK_FALSE(room.log.holds_after({2, 9}));
    room.log.continue_at({3, 41});
    CHECK(room.say("next") == 0);
    CHECK(room.log.last() == Position{3, 42});
    CHECK(room.log.holds_after({3, 41}));
    CHECK_FALSE(room.log.holds_after({3, 40}));
}

TEST_CASE("a reader goes on just behind the number it has, past no event about people",
          "[chat][room_log]") {
    EpochRoom room;
    room.join_event();
    room.say("one");
    room.join_event();
    room.join_event();
    room.say("two");
    CHECK(room.log.index_after({3, 0}) == 0);
    CHECK(room.log.index_after({3, 1}) == 2);
    CHECK(room.log.index_after({3, 2}) == 5);
    for (Seq seq = 0; seq <= 2; ++seq)
        CHECK(room.log.before(room.log.index_after({3, seq})) == Position{3, seq});
}

TEST_CASE("positions of several epochs order as the log does", "[chat][room_log]") {
    EpochRoom room;
    room.say("a");
    room.say("b");
    room.log.continue_at({7, 0});
    CHECK(room.log.last() == Position{7, 0});
    CHECK(room.log.index_after({3, 2}) == 2);
    room.say("c");
    room.log.continue_at({9, 10});
    room.say("d");
    CHECK(room.log.find({7, 1})->event.body == "c");
    CHECK(room.log.find({9, 11})->event.body == "d");
    CHECK_FALSE(room.log.find({7, 2}));
    CHECK_FALSE(room.log.find({9, 10}));
    CHECK(room.read(room.log.index_after({3, 1})) == "#dev <ana> b\n#dev <ana> c\n#dev <ana> d\n");
    CHECK(room.read(room.log.index_after({3, 2})) == "#dev <ana> c\n#dev <ana> d\n");
    CHECK(room.read(room.log.index_after({7, 1})) == "#dev <ana> d\n");
}

TEST_CASE("a record is found by its number, with who said it", "[chat][room_log]") {
    EpochRoom room;
    room.join_event();
    room.say("one", {5, 77});
    const auto found = room.log.find({3, 1});
    REQUIRE(found);
    CHECK(found->event.body == "one");
    CHECK(found->event.at == Position{3, 1});
    CHECK(found->event.room == "dev");
    CHECK(found->author.serial == 5);
    CHECK(found->author.session == 77);
    CHECK_FALSE(room.log.find({3, 0}));
    CHECK_FALSE(room.log.find({3, 2}));
    CHECK_FALSE(room.log.find({4, 1}));
}

TEST_CASE("what was taken back is shown no more, but by the flight that has it",
          "[chat][room_log]") {
    EpochRoom room;
    room.say("secret");
    LogIndex cursor = 0;
    const Span flying = room.log.gather(Form::text, cursor, 1, 1 << 20, {});
    room.log.pin(flying);
    CHECK(room.log.remove({3, 1}));
    room.log.check_invariants();
    CHECK(as_text(flying.bytes) == "#dev <ana> secret\n");
    CHECK(room.read(0) == "#dev <ana> (removed)\n");
    CHECK(room.log.find({3, 1})->event.removed);
    CHECK(room.log.find({3, 1})->event.body.empty());
    room.log.unpin(flying);
    room.log.check_invariants();
    CHECK_FALSE(room.log.remove({3, 2}));
    while (room.log.segment_count() > 0)
        room.log.unlink_oldest();
    CHECK(room.totals.run_bytes == 0);
}

TEST_CASE("what was taken back takes its edits along", "[chat][room_log]") {
    EpochRoom room;
    room.say("frist secret");
    room.log.append({.kind = EventKind::edited, .from = "ana", .body = "secret", .target = {3, 1}},
                    Author{1, 0});
    room.say("other");
    CHECK(room.log.remove({3, 1}));
    CHECK(room.read(0).find("secret") == std::string::npos);
    CHECK(room.log.find({3, 2})->event.body.empty());
    CHECK(room.log.find({3, 3})->event.body == "other");
    CHECK_FALSE(room.log.remove({3, 2}));
}

TEST_CASE("a superseded run is freed with its last pin, trimmed or not", "[chat][room_log]") {
    for (const bool trimmed : {false, true}) {
        EpochRoom room;
        room.say("secret");
        LogIndex cursor = 0;
        const Span flying = room.log.gather(Form::text, cursor, 1, 1 << 20, {});
        room.log.pin(flying);
        room.log.pin(flying);
        room.log.remove({3, 1});
        if (trimmed) room.log.unlink_oldest();
        room.log.unpin(flying);
        CHECK(as_text(flying.bytes) == "#dev <ana> secret\n");
        room.log.unpin(flying);
        room.log.check_invariants();
        CHECK(room.totals.unlinked_bytes == 0);
        CHECK(room.totals.run_bytes == 0);
        CHECK_FALSE(room.log.pinned());
    }
}

TEST_CASE("every position that a log holds leads to what follows it", "[chat][room_log]") {
    Prng prng(11);
    for (int world = 0; world < 200; ++world) {
        EpochRoom room;
        std::map<Position, LogIndex> places{{room.log.last(), 0}};
        for (int step = 0; step < 60; ++step) {
            switch (prng.below(8)) {
                case 0:
                    room.join_event();
                    break;
                case 1:
                    room.log.continue_at({room.log.epoch() + 1 + prng.below(2), prng.below(3)});
                    places.emplace(room.log.last(), room.log.end());
                    break;
                case 2:
                    if (room.log.segment_count() > 1) room.log.unlink_oldest();
                    break;
                default:
                    room.say(std::to_string(step));
                    places.insert_or_assign(room.log.last(), room.log.end());
            }
        }
        for (const auto& [position, place] : places) {
            if (!room.log.holds_after(position)) {
                CHECK(place <= room.log.first());
                continue;
            }
            const LogIndex after = room.log.index_after(position);
            for (LogIndex index = room.log.first(); index < room.log.end(); ++index) {
                const wire::Event event = room.log.event_at(index);
                if (!wire::is_numbered(event.kind)) continue;
                CHECK((event.at > position) == (index >= after));
            }
        }
    }
}
