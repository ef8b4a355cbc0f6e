#include "opening.hpp"

#include "support/catch.hpp"

using namespace chatd;
using terminal::Opening;

namespace {

void hear(Opening& opening, std::string_view line) {
    opening.received(client::parse_text_event(line));
}

}  // namespace

TEST_CASE("without wishes nothing is asked", "[terminal][opening]") {
    const Opening opening("", "");
    CHECK(opening.commands().empty());
    CHECK(opening.done());
    CHECK_FALSE(opening.refused());
}

TEST_CASE("nick and room are asked for and both answers awaited", "[terminal][opening]") {
    Opening opening("ana", "#dev");
    CHECK(opening.commands() == "/nick ana\n/join #dev\n");
    CHECK(Opening("", "dev").commands() == "/join #dev\n");
    for (const char* line : {"NOTE NICK GUEST guest-1 :You are guest-1.", "<eve> NOTE NICK OK x :",
                             "NOTE * WELCOME #lobby :hello", "-- ana joined #dev"}) {
        hear(opening, line);
        CHECK_FALSE(opening.done());
    }
    hear(opening, "NOTE NICK OK ana :You are ana.");
    CHECK_FALSE(opening.done());
    hear(opening, "NOTE JOIN OK #dev :You are in #dev.");
    CHECK(opening.done());
    CHECK_FALSE(opening.refused());
    hear(opening, "FAIL NICK NICK_IN_USE :of a later /nick");
    CHECK_FALSE(opening.refused());
}

TEST_CASE("the first refusal is told, safe to show", "[terminal][opening]") {
    Opening opening("ana", "dev");
    hear(opening, "FAIL NICK NICK_IN_USE :Taken \x1b[2J.");
    CHECK(opening.refused());
    hear(opening, "FAIL JOIN BAD_ROOM :No.");
    CHECK(opening.refusal() == "--nick ana: Taken ␛[2J.");
    CHECK(opening.done());

    Opening room("", "#dev");
    hear(room, "FAIL JOIN BAD_ROOM :No.");
    CHECK(room.refusal() == "--room dev: No.");
}
