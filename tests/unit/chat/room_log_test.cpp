#include "chatd/chat/room_log.hpp"

#include <array>
#include <string>
#include <vector>

#include "chatd/chat/record.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::chat;
using wire::Event;
using wire::EventKind;
using wire::Form;

namespace {

constexpr std::size_t unbounded = 1 << 20;
constexpr OwnLines nobodys{};

struct Fixture {
    LogLimits log_limits;
    LogTotals totals;
    RoomLog log{"dev", log_limits, totals};

    Fixture() = default;
    explicit Fixture(const LogLimits& chosen) : log_limits(chosen) {}

    LogIndex say(std::string_view body, ConnSerial author = 1) {
        const LogIndex index =
            log.append({.kind = EventKind::message, .from = "ana", .body = body}, author);
        log.check_invariants();
        return index;
    }
    LogIndex join_event() { return log.append({.kind = EventKind::joined, .from = "ana"}, 1); }

    /// All that a reader in this form gets from `cursor`, span by span.
    std::string read(Form form, LogIndex cursor, OwnLines own = nobodys,
                     std::size_t bytes_max = unbounded) {
        std::string text;
        while (true) {
            const Span span = log.gather(form, cursor, log.end(), bytes_max, own);
            if (span.segment == nullptr) return text;
            append(text, span.bytes);
            cursor = span.end_index();
        }
    }
};

/// Segments of 64 bytes that never grow: two records of 25 bytes each.
LogLimits tiny() {
    return {.segment_bytes_min = 64, .segment_bytes_max = 64};
}

std::string body_of(int number) {
    return "message number " + std::to_string(10 + number);
}

}  // namespace

TEST_CASE("a log counts every record and numbers only what was said", "[chat][room_log]") {
    Fixture room;
    CHECK(room.log.first() == 0);
    CHECK(room.log.end() == 0);
    CHECK(room.log.last_seq() == 0);
    CHECK(room.log.seq_before(0) == 0);
    CHECK(room.join_event() == 0);
    CHECK(room.say("one") == 1);
    CHECK(room.join_event() == 2);
    CHECK(room.say("two") == 3);
    CHECK(room.log.end() == 4);
    CHECK(room.log.last_seq() == 2);
    const std::array<Seq, 5> before{0, 0, 1, 1, 2};
    for (LogIndex index = 0; index <= 4; ++index)
        CHECK(room.log.seq_before(index) == before[index]);
}

TEST_CASE("a reader gets every record of its form, in order", "[chat][room_log]") {
    Fixture room;
    room.say("one");
    room.join_event();
    room.say("two");
    CHECK(room.read(Form::text, 0) == "#dev <ana> one\n#dev <ana> two\n");
    CHECK(room.read(Form::text_notices, 0) ==
          "#dev <ana> one\n-- ana joined #dev\n#dev <ana> two\n");
    CHECK(room.read(Form::text, 2) == "#dev <ana> two\n");
    CHECK(room.read(Form::websocket_text, 2) == "\x81\x0e#dev <ana> two");
}

TEST_CASE("a reader at its end gets nothing and keeps its place", "[chat][room_log]") {
    Fixture room;
    LogIndex cursor = 0;
    CHECK(room.log.gather(Form::text, cursor, 10, unbounded, nobodys).segment == nullptr);
    room.say("one");
    room.say("two");
    cursor = 2;
    CHECK(room.log.gather(Form::text, cursor, 2, unbounded, nobodys).segment == nullptr);
    CHECK(cursor == 2);
    cursor = 1;
    CHECK(room.log.gather(Form::text, cursor, 1, unbounded, nobodys).segment == nullptr);
    CHECK(cursor == 1);
}

TEST_CASE("records without bytes in the form give a span without bytes", "[chat][room_log]") {
    Fixture room;
    room.join_event();
    room.join_event();
    LogIndex cursor = 0;
    const Span span = room.log.gather(Form::text, cursor, 2, unbounded, nobodys);
    REQUIRE(span.segment != nullptr);
    CHECK(span.bytes.empty());
    CHECK(span.end_index() == 2);
}

TEST_CASE("a span holds as many whole records as fit, and at least one", "[chat][room_log]") {
    Fixture room;
    for (int number = 0; number < 3; ++number)
        room.say(body_of(number));
    const std::size_t line_bytes = room.read(Form::text, 0).size() / 3;
    const auto records_within = [&](std::size_t bytes_max) {
        LogIndex cursor = 0;
        const Span span = room.log.gather(Form::text, cursor, 3, bytes_max, nobodys);
        return span.end - span.first;
    };
    CHECK(records_within(0) == 1);
    CHECK(records_within(line_bytes) == 1);
    CHECK(records_within(2 * line_bytes - 1) == 1);
    CHECK(records_within(2 * line_bytes) == 2);
    CHECK(records_within(3 * line_bytes - 1) == 2);
    CHECK(records_within(3 * line_bytes) == 3);
    CHECK(records_within(SIZE_MAX) == 3);
}

TEST_CASE("own lines are stepped over, those of others never", "[chat][room_log]") {
    Fixture room;
    room.say("mine 1", 7);
    room.say("theirs 1", 8);
    room.say("mine 2", 7);
    room.say("mine 3", 7);
    room.say("theirs 2", 8);
    room.say("mine 4", 7);
    CHECK(room.read(Form::text, 0, {7, 6}) == "#dev <ana> theirs 1\n#dev <ana> theirs 2\n");
    CHECK(room.read(Form::text, 0, {8, 6}) ==
          "#dev <ana> mine 1\n#dev <ana> mine 2\n#dev <ana> mine 3\n#dev <ana> mine 4\n");
    CHECK(room.read(Form::text, 0, {9, 6}).size() == room.read(Form::text, 0).size());
    // Past its bound nobody looks at authors.
    CHECK(room.read(Form::text, 0, {7, 1}) == room.read(Form::text, 1));
    // A cursor among own lines alone comes to rest at their end.
    LogIndex cursor = 2;
    CHECK(room.log.gather(Form::text, cursor, 4, unbounded, {7, 6}).segment == nullptr);
    CHECK(cursor == 4);
}

TEST_CASE("segments begin small, double up to their bound, and hold any record",
          "[chat][room_log]") {
    Fixture room({.segment_bytes_min = 64, .segment_bytes_max = 256});
    const std::string body(40, 'x');  // 47 bytes canonical
    std::vector<std::size_t> grown;
    std::size_t known = 0;
    for (int count = 0; count < 20; ++count) {
        room.say(body);
        if (room.log.segment_count() == known) continue;
        known = room.log.segment_count();
        grown.push_back(room.log.canonical_bytes());
    }
    REQUIRE(grown.size() >= 4);
    CHECK(grown[0] == 64);
    CHECK(grown[1] == 64 + 128);
    CHECK(grown[2] == 64 + 128 + 256);
    CHECK(grown[3] == 64 + 128 + 256 + 256);
    const std::string large(1'000, 'y');
    const std::size_t before = room.log.canonical_bytes();
    room.say(large);
    CHECK(room.log.canonical_bytes() == before + record_bytes({.from = "ana", .body = large}));
    CHECK(room.read(Form::text, room.log.end() - 1) == "#dev <ana> " + large + "\n");
    // After a large one they are no larger than their bound again.
    const std::size_t after_large = room.log.canonical_bytes();
    room.say(body);
    CHECK(room.log.canonical_bytes() == after_large + 256);
}

TEST_CASE("a segment of tiny records ends by their count", "[chat][room_log]") {
    Fixture room({.segment_bytes_min = 4'096, .segment_bytes_max = 4'096});
    int count = 0;
    while (room.log.segment_count() < 2) {
        room.log.append({.kind = EventKind::joined_many, .body = "1"}, 0);
        ++count;
    }
    // One record for 16 bytes, so that meta and ends stay below the bytes they describe.
    CHECK(count == 4'096 / 16 + 1);
    room.log.check_invariants();
}

TEST_CASE("a segment whose run is full ends before its canonical bytes are", "[chat][room_log]") {
    Fixture room({.segment_bytes_min = 1'024, .segment_bytes_max = 1'024});
    // One byte is shown as three, so the open run fills faster than the canonical record.
    room.say("x");
    LogIndex cursor = 0;
    room.log.gather(Form::text, cursor, 1, unbounded, nobodys);
    const std::string controls(400, '\x01');
    room.say(controls);
    CHECK(room.log.segment_count() == 1);
    room.say(controls);
    CHECK(room.log.segment_count() == 2);
    CHECK(room.read(Form::text, 0).size() == 13 + 2 * (11 + 3 * 400 + 1));
}

TEST_CASE("pinned bytes stay while their run and segment go", "[chat][room_log]") {
    Fixture room(tiny());
    for (int number = 0; number < 8; ++number)
        room.say(body_of(number));
    REQUIRE(room.log.segment_count() == 4);
    LogIndex cursor = 0;
    const Span span = room.log.gather(Form::text, cursor, room.log.end(), unbounded, nobodys);
    const std::string expected(as_text(span.bytes));
    room.log.pin(span);
    CHECK(room.log.pinned());
    CHECK(room.totals.pins == 1);
    room.log.drop_runs(0, [](LogIndex, LogIndex) { return false; });
    room.log.check_invariants();
    CHECK(as_text(span.bytes) == expected);
    for (int count = 0; count < 3; ++count) {
        room.log.unlink_oldest();
        room.log.check_invariants();
    }
    CHECK(room.log.unlinked_count() == 1);
    CHECK(room.totals.unlinked_bytes > 0);
    CHECK(room.totals.segments_unlinked == 3);
    CHECK(as_text(span.bytes) == expected);
    CHECK(span.end_index() == 2);
    CHECK(span.segment->seq_before_record(span.end) == 2);
    room.log.unpin(span);
    CHECK(room.log.unlinked_count() == 0);
    CHECK(room.totals.unlinked_bytes == 0);
    CHECK_FALSE(room.log.pinned());
}

TEST_CASE("an unlinked segment keeps its pinned runs alone", "[chat][room_log]") {
    Fixture room(tiny());
    for (int number = 0; number < 4; ++number)
        room.say(body_of(number));
    LogIndex cursor = 0;
    const Span text = room.log.gather(Form::text, cursor, 2, unbounded, nobodys);
    const Span framed = room.log.gather(Form::websocket_text, cursor, 2, unbounded, nobodys);
    room.log.gather(Form::text_notices, cursor, 2, unbounded, nobodys);
    room.log.pin(text);
    room.log.pin(text);
    room.log.pin(framed);
    room.log.unlink_oldest();
    const auto run_bytes = [&](const Span& span) {
        return span.segment->runs[static_cast<std::size_t>(span.form)]->bytes_max;
    };
    CHECK(room.totals.unlinked_bytes == run_bytes(text) + run_bytes(framed));
    CHECK(text.segment->runs[static_cast<std::size_t>(Form::text_notices)] == nullptr);
    room.log.unpin(text);
    CHECK(room.totals.unlinked_bytes == run_bytes(text) + run_bytes(framed));
    room.log.unpin(text);
    CHECK(room.totals.unlinked_bytes == run_bytes(framed));
    room.log.unpin(framed);
    CHECK(room.totals.unlinked_bytes == 0);
    CHECK(room.totals.pins == 0);
}

TEST_CASE("the edge moves with each unlinked segment, and the last one can go too",
          "[chat][room_log]") {
    Fixture room(tiny());
    for (int number = 0; number < 5; ++number)
        room.say(body_of(number));
    CHECK(room.log.edge_after_unlink() == 2);
    room.log.unlink_oldest();
    CHECK(room.log.first() == 2);
    CHECK(room.log.edge_after_unlink() == 4);
    room.log.unlink_oldest();
    CHECK(room.log.edge_after_unlink() == 5);
    room.log.unlink_oldest();
    CHECK(room.log.first() == 5);
    CHECK(room.log.end() == 5);
    CHECK(room.log.canonical_bytes() == 0);
    room.log.check_invariants();
    CHECK(room.say("after") == 5);
    CHECK(room.log.last_seq() == 6);
    CHECK(room.read(Form::text, 5) == "#dev <ana> after\n");
}

TEST_CASE("runs no cursor stands in are dropped first, then any but the newest",
          "[chat][room_log]") {
    Fixture room(tiny());
    for (int number = 0; number < 6; ++number)
        room.say(body_of(number));
    const std::string whole = room.read(Form::text, 0);
    REQUIRE(room.log.segment_count() == 3);
    const std::size_t all_runs = room.log.run_bytes();
    // A cursor stands in the first segment; the second's run goes, and that is enough.
    const auto stands_in_first = [](LogIndex first, LogIndex) { return first == 0; };
    room.log.drop_runs(all_runs - 1, stands_in_first);
    room.log.check_invariants();
    CHECK(room.log.run_bytes() < all_runs);
    const auto opened = room.totals.runs_opened;
    LogIndex cursor = 0;
    room.log.gather(Form::text, cursor, 2, unbounded, nobodys);
    CHECK(room.totals.runs_opened == opened);
    // Under a bound of nothing even read ones go.
    room.read(Form::text, 0);
    room.log.drop_runs(0, [](LogIndex, LogIndex) { return true; });
    CHECK(room.log.run_bytes() > 0);
    room.log.drop_runs(0, [](LogIndex, LogIndex) { return false; });
    CHECK(room.log.run_bytes() == 0);
    CHECK(room.totals.run_bytes == 0);
    // Made again, they are what they were.
    CHECK(room.read(Form::text, 0) == whole);
}

TEST_CASE("a body within its limits fits a record in every form", "[chat][room_log]") {
    const std::string longest_name(limits::name_bytes_max, 'n');
    RoomLog* log = nullptr;
    LogLimits log_limits;
    LogTotals totals;
    RoomLog named(longest_name, log_limits, totals);
    log = &named;
    // Worst for growth: every byte shown as three; worst for marks: as many lines as may be.
    std::string lines;
    for (std::size_t line = 0; line < limits::body_lines_max; ++line)
        lines += "\x01\n";
    lines.append(limits::body_bytes_max - lines.size(), '\x01');
    for (const std::string& body : {std::string(limits::body_bytes_max, '\x01'), lines,
                                    std::string(limits::body_bytes_max, 'x')}) {
        const Event event{.kind = EventKind::message, .from = longest_name, .body = body};
        REQUIRE(event_fits(event));
        for (std::size_t form = 0; form < wire::form_count; ++form) {
            std::string out;
            Event in_room = event;
            in_room.room = longest_name;
            wire::append_event(out, static_cast<Form>(form), in_room);
            CHECK(out.size() <= limits::record_bytes_max);
        }
        log->append(event, 1);
    }
    log->check_invariants();
    const std::string too_long(limits::body_bytes_max + 1, 'x');
    const std::string too_long_name(limits::name_bytes_max + 1, 'n');
    CHECK_FALSE(event_fits({.from = "ana", .body = too_long}));
    CHECK_FALSE(event_fits({.from = too_long_name, .body = "x"}));
}
