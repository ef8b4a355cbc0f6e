#include "session_keeper.hpp"

#include <filesystem>

#include "session_file.hpp"
#include "support/catch.hpp"
#include "support/state_home.hpp"

using namespace chatd;
using namespace chatd::terminal;
using namespace std::chrono_literals;
using chatd::client::SessionState;
using chatd::test::StateHome;

namespace {

SessionState state_at(Seq seq) {
    return {.token = "secret", .nick = "ana", .rooms = {{"lobby", {3, seq}}}, .unsaid = {}};
}

SessionState::Line line_of(std::string body, bool perhaps_said = false) {
    return {.key = "k",
            .room = "lobby",
            .body = std::move(body),
            .action = false,
            .reply_to = {},
            .perhaps_said = perhaps_said,
            .seen_at = {}};
}

SessionState kept(std::string_view nick) {
    return load_session(session_file_path("here", nick));
}

}  // namespace

TEST_CASE("what happens is written once a second at most", "[terminal][session_keeper]") {
    const StateHome home;
    SessionKeeper keeper("here", "ana");
    CHECK(keeper.load() == SessionState{});
    const Time begin{1h};
    CHECK(keeper.deadline() == time_never);
    keeper.note_change();
    CHECK(keeper.deadline() <= begin);
    keeper.save(state_at(1), begin, true);
    CHECK(kept("ana") == state_at(1));
    CHECK(keeper.deadline() == time_never);
    keeper.note_change();
    CHECK(keeper.deadline() == begin + SessionKeeper::pause);
}

TEST_CASE("a line is written at once, where it leaves as one that may have been said",
          "[terminal][session_keeper]") {
    const StateHome home;
    SessionKeeper keeper("here", "ana");
    const Time begin{1h};
    keeper.note_change();
    keeper.save(state_at(1), begin, true);
    keeper.note_own_change();
    CHECK(keeper.deadline() <= begin);
    SessionState state = state_at(2);
    state.unsaid = {line_of("hello")};
    keeper.save(state, begin, false);
    CHECK_FALSE(kept("ana").unsaid.at(0).perhaps_said);
    keeper.save(state, begin, true);
    CHECK(kept("ana").unsaid.at(0).perhaps_said);
    CHECK(kept("ana").rooms == state.rooms);
    // Whoever ends in peace knows better.
    CHECK(keeper.finish(state));
    CHECK_FALSE(kept("ana").unsaid.at(0).perhaps_said);
    keeper.forget();
    CHECK(kept("ana") == SessionState{});
}

TEST_CASE("what was typed before there was anybody is kept, and of nobody nothing",
          "[terminal][session_keeper]") {
    const StateHome home;
    SessionKeeper keeper("here", "ana");
    SessionState state{.token = {}, .nick = "ana", .rooms = {{"lobby", {}}}, .unsaid = {}};
    CHECK_FALSE(keeper.finish(state));
    CHECK(kept("ana") == SessionState{});
    state.unsaid = {line_of("hello", true)};
    CHECK(keeper.finish(state));
    CHECK(kept("ana") == state);
}

TEST_CASE("a line that waits does so under one name alone", "[terminal][session_keeper]") {
    const StateHome home;
    SessionState state = state_at(1);
    state.unsaid = {line_of("hello", true)};
    {
        SessionKeeper keeper("here", "ana");
        keeper.save(state, Time{1h}, true);
    }
    SessionKeeper keeper("here", "ana");
    CHECK(keeper.load() == state);
    state.nick = "anna";
    keeper.save(state, Time{2h}, true);
    CHECK(kept("ana").token == "secret");
    CHECK(kept("ana").unsaid.empty());
    CHECK(kept("anna") == state);
    // A guest's name is the server's choice: this is still the same person's file.
    state.nick = "guest-7";
    keeper.save(state, Time{3h}, true);
    CHECK(kept("anna").nick == "guest-7");
    CHECK(kept("guest-7") == SessionState{});
}

TEST_CASE("a new name that cannot be written takes no line out of the old file",
          "[terminal][session_keeper]") {
    const StateHome home;
    SessionState state = state_at(1);
    state.unsaid = {line_of("hello", true)};
    SessionKeeper keeper("here", "ana");
    keeper.save(state, Time{1h}, true);
    const std::string path = session_file_path("here", "anna");
    std::filesystem::create_directory(path);  // no file can stand there
    state.nick = "anna";
    keeper.save(state, Time{2h}, true);
    CHECK(kept("ana").unsaid == state.unsaid);
    std::filesystem::remove(path);
    CHECK(keeper.finish(state));
    CHECK(kept("anna").unsaid == state.unsaid);
    CHECK(kept("ana").unsaid.empty());
}

TEST_CASE("lines that wait under a new name wait on there", "[terminal][session_keeper]") {
    const StateHome home;
    SessionState before = state_at(1);
    before.nick = "anna";
    before.unsaid = {line_of("older", true)};
    before.unsaid[0].key = "older";
    {
        SessionKeeper keeper("here", "anna");
        REQUIRE(keeper.finish(before));
    }
    SessionState state = state_at(5);
    SessionKeeper keeper("here", "ana");
    keeper.save(state, Time{1h}, true);
    state.nick = "anna";
    state.unsaid = {line_of("newer")};
    for (Time at = Time{2h}; at < Time{4h}; at += 1h) {
        keeper.save(state, at, false);
        REQUIRE(kept("anna").unsaid.size() == 2);
        CHECK(kept("anna").unsaid[0].body == "older");
        CHECK(kept("anna").rooms == before.rooms);  // or it would not be found
        state.rooms[0].last.seq += 1;
        keeper.note_change();
    }
    // And go along with nobody.
    state.nick = "eve";
    CHECK(keeper.finish(state));
    CHECK(kept("anna").unsaid == before.unsaid);
    CHECK(kept("eve").unsaid == state.unsaid);
}

TEST_CASE("a guest of no name is not kept", "[terminal][session_keeper]") {
    const StateHome home;
    SessionKeeper keeper("here", "");
    SessionState state = state_at(1);
    state.nick = "guest-7";
    CHECK_FALSE(keeper.finish(state));
    state.nick = "ana";
    CHECK(keeper.finish(state));
    CHECK(kept("ana") == state);
}
