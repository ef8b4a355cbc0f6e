#include "chatd/chat/room.hpp"

#include <string>
#include <vector>

#include "chatd/base/slab.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::chat;

namespace {

/// A room whose log has segments of one or two records, and some members.
struct Hall {
    LogLimits log_limits{.segment_bytes_min = 32, .segment_bytes_max = 32};
    LogTotals totals;
    Slab<Membership, MemberTag> memberships{16};
    Room room{"hall", log_limits, totals};

    void say(const std::string& body) { room.log.append({.from = "ana", .body = body}, 1); }
    void join_event() { room.log.append({.kind = wire::EventKind::joined, .from = "ana"}, 1); }

    Membership& member_at(LogIndex cursor) {
        const MemberId id = memberships.emplace();
        room.members.push_back(id.index);
        memberships[id].cursor = cursor;
        return memberships[id];
    }
    std::vector<const Membership*> move_to(LogIndex edge) {
        std::vector<const Membership*> moved;
        move_resting_cursors(room, memberships, edge,
                             [&](const Membership& member) { moved.push_back(&member); });
        return moved;
    }
};

}  // namespace

TEST_CASE("resting cursors before the edge move to it and are owed what lies between",
          "[chat][room]") {
    Hall hall;
    for (int count = 0; count < 8; ++count)
        hall.say("0123456789");
    Membership& behind = hall.member_at(1);
    Membership& at_edge = hall.member_at(4);
    Membership& ahead = hall.member_at(6);
    const auto moved = hall.move_to(4);
    CHECK(moved == std::vector<const Membership*>{&behind});
    CHECK(behind.cursor == 4);
    CHECK(behind.owed_after() == Position{1, 1});
    CHECK(at_edge.cursor == 4);
    CHECK(at_edge.owes() == false);
    CHECK(ahead.cursor == 6);
    CHECK(ahead.owes() == false);
}

TEST_CASE("flying cursors are left to their own completion", "[chat][room]") {
    Hall hall;
    for (int count = 0; count < 8; ++count)
        hall.say("0123456789");
    Membership& flying = hall.member_at(0);
    flying.flying = true;
    CHECK(hall.move_to(4).empty());
    CHECK(flying.cursor == 0);
    CHECK(flying.owes() == false);
}

TEST_CASE("a cursor moved twice is still owed from its first loss", "[chat][room]") {
    Hall hall;
    for (int count = 0; count < 8; ++count)
        hall.say("0123456789");
    Membership& behind = hall.member_at(2);
    hall.move_to(4);
    hall.move_to(6);
    CHECK(behind.cursor == 6);
    CHECK(behind.owed_after() == Position{1, 2});
}

TEST_CASE("what is owed counts numbers, not events about people", "[chat][room]") {
    Hall hall;
    hall.join_event();
    hall.say("one");
    hall.join_event();
    hall.say("two");
    Membership& at_start = hall.member_at(0);
    Membership& after_one = hall.member_at(2);
    hall.move_to(4);
    CHECK(at_start.owed_after() == Position{1, 0});
    CHECK(after_one.owed_after() == Position{1, 1});
}

TEST_CASE("a membership is small", "[chat][room]") {
    // Tens of thousands of listeners are that many memberships.
    CHECK(sizeof(Membership) <= 56);
}
