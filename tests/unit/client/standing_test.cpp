#include "chatd/client/standing.hpp"

#include "support/catch.hpp"

using namespace chatd::client;

namespace {

bool hear(Standing& standing, std::string_view line) {
    return standing.received(parse_text_event(line));
}

}  // namespace

TEST_CASE("nick and room are known once the server has said them", "[client][standing]") {
    Standing standing;
    CHECK(standing.nick().empty());
    CHECK(standing.room().empty());
    CHECK(hear(standing, "NOTE * WELCOME #lobby :chatd, #lobby, 3 here."));
    CHECK(standing.room() == "lobby");
    CHECK(hear(standing, "NOTE NICK GUEST guest-7 :You are guest-7."));
    CHECK(standing.nick() == "guest-7");
    CHECK(hear(standing, "NOTE NICK OK ana :You are ana."));
    CHECK(standing.nick() == "ana");
    CHECK_FALSE(hear(standing, "NOTE NICK OK ana :You are ana."));
    CHECK(hear(standing, "NOTE JOIN OK #dev :You are in #dev."));
    CHECK(standing.room() == "dev");
}

TEST_CASE("leaving the current room leads to the lobby if one is in it", "[client][standing]") {
    Standing standing;
    hear(standing, "NOTE JOIN OK #dev :");
    hear(standing, "NOTE JOIN OK #ops :");
    CHECK_FALSE(hear(standing, "NOTE LEAVE OK #dev :"));
    CHECK(standing.room() == "ops");
    CHECK_FALSE(hear(standing, "NOTE LEAVE OK #lobby :"));
    CHECK(hear(standing, "NOTE LEAVE OK #ops :"));
    CHECK(standing.room().empty());
    hear(standing, "NOTE JOIN OK #lobby :");
    hear(standing, "NOTE JOIN OK #ops :");
    hear(standing, "NOTE LEAVE OK #ops :");
    CHECK(standing.room() == "lobby");
}

TEST_CASE("what others say and what fails changes nothing", "[client][standing]") {
    Standing standing;
    hear(standing, "NOTE NICK OK ana :");
    hear(standing, "NOTE JOIN OK #dev :");
    for (const char* line :
         {"<eve> NOTE NICK OK eve :", "FAIL NICK NICK_IN_USE eve :", "FAIL JOIN BAD_ROOM #x :",
          "-- ana joined #ops", "NOTE JOIN OK :", "NOTE LEAVE OK :", "NOTE NICK OK :",
          "@eve NOTE JOIN OK #x :", "NOTE WHO END 2 :", "NOTE JOIN OK dev :", ""}) {
        CAPTURE(line);
        CHECK_FALSE(hear(standing, line));
    }
    CHECK(standing.nick() == "ana");
    CHECK(standing.room() == "dev");
}
