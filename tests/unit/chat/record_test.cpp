#include "chatd/chat/record.hpp"

#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::chat;
using wire::Event;
using wire::EventKind;

namespace {

std::string written(const Event& event, SessionKey session = 0) {
    std::string record(record_bytes(event, session), '?');
    write_record(reinterpret_cast<std::byte*>(record.data()), event, session);
    return record;
}

}  // namespace

TEST_CASE("a record gives its event back", "[chat][record]") {
    const std::string longest_name(limits::name_bytes_max, 'n');
    const std::string longest_body(limits::body_bytes_max, 'b');
    const std::vector<Event> events = {
        {.kind = EventKind::message, .from = "ana", .body = "hello"},
        {.kind = EventKind::message, .from = "ana", .body = std::string_view("a\0b\n", 4)},
        {.kind = EventKind::action, .from = "ana", .body = "waves"},
        {.kind = EventKind::joined, .from = "ana"},
        {.kind = EventKind::left, .from = "ana", .body = "quit"},
        {.kind = EventKind::renamed, .from = "ana", .body = "bob"},
        {.kind = EventKind::joined_many, .body = "500"},
        {.kind = EventKind::left_many, .body = "7"},
        {.kind = EventKind::message, .from = longest_name, .body = longest_body},
        {},
    };
    for (const Event& event : events) {
        const std::string record = written(event);
        CHECK(record.size() == record_header_bytes + event.from.size() + event.body.size());
        // Against a guard page: neither writing nor reading goes past the record.
        const test::Guarded guarded(record);
        const Event read = read_record(guarded.bytes());
        CHECK(read.kind == event.kind);
        CHECK(read.room.empty());
        CHECK(read.from == event.from);
        CHECK(read.body == event.body);
    }
}

TEST_CASE("the longest parts that a record has room for fit it", "[chat][record]") {
    const std::string from(255, 'f');
    const std::string body(65'535, 'b');
    const std::string record = written({.from = from, .body = body});
    const Event read = read_record(as_bytes(record));
    CHECK(read.from == from);
    CHECK(read.body == body);
}

TEST_CASE("the views of a record borrow from it", "[chat][record]") {
    const std::string record = written({.from = "ana", .body = "hello"});
    const Event read = read_record(as_bytes(record));
    CHECK(read.from.data() == record.data() + record_header_bytes);
    CHECK(read.body.data() == read.from.data() + 3);
}

TEST_CASE("a record keeps id, key, target and session, each only if there is one",
          "[chat][record]") {
    const Uuid id{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    const Event plain{.kind = EventKind::reacted, .from = "ana", .body = "+1"};
    for (const int parts : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
        Event event = plain;
        if ((parts & 1) != 0) event.id = id;
        if ((parts & 2) != 0) event.target = {.epoch = 3, .seq = 1ULL << 40};
        if ((parts & 4) != 0) event.key = "k-17";
        const SessionKey session = (parts & 8) != 0 ? 1ULL << 50 : 0;
        event.off = parts > 7;
        const std::string record = written(event, session);
        const test::Guarded guarded(record);
        const Event read = read_record(guarded.bytes());
        CHECK(read.id == event.id);
        CHECK(read.target == event.target);
        CHECK(read.key == event.key);
        CHECK(read.off == event.off);
        CHECK(read.from == "ana");
        CHECK(read.body == "+1");
        CHECK(session_of_record(guarded.bytes()) == session);
        if (parts == 0) CHECK(record.size() == written(plain).size());
    }
}
