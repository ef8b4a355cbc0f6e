#include "session_file.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/state_home.hpp"

using namespace chatd;
using namespace chatd::terminal;
using chatd::test::StateHome;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat about{};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 0777;
}

}  // namespace

TEST_CASE("a session is kept for each server and nick", "[terminal][session_file]") {
    const StateHome home;
    const std::string path = session_file_path("localhost:4399", "Ana");
    CHECK(path == home.path() + "/chatcli/localhost_4399/ana.json");
    CHECK(session_file_path("[::1]:4399", "ana") == home.path() + "/chatcli/___1__4399/ana.json");
    // No name leads out of the directory.
    CHECK(session_file_path("../..", "../x") == home.path() + "/chatcli/_._../_._x.json");
    CHECK(session_file_path("localhost:4399", "").empty());
    CHECK(load_session(path) == client::SessionState{});

    client::SessionState state;
    state.token = "secret";
    state.nick = "Ana";
    state.rooms = {{"lobby", {3, 41}}};
    state.unsaid = {
        {.key = "k", .room = "lobby", .body = "later", .action = false, .reply_to = {}}};
    REQUIRE(save_session(path, state));
    CHECK(load_session(path) == state);
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(home.path() + "/chatcli/localhost_4399") == 0700);
    state.token = "another";
    REQUIRE(save_session(path, state));
    CHECK(load_session(path).token == "another");
    forget_session(path);
    CHECK(load_session(path) == client::SessionState{});
}

TEST_CASE("a file that holds something else is no session", "[terminal][session_file]") {
    const StateHome home;
    const std::string path = home.path() + "/broken.json";
    std::ofstream(path) << "{\"token\":";
    CHECK(load_session(path) == client::SessionState{});
    CHECK(load_session(home.path()) == client::SessionState{});  // a directory
    std::ofstream(home.path() + "/file") << "x";
    CHECK_FALSE(save_session(home.path() + "/file/below/ana.json", {}));
}

TEST_CASE("without a home nothing is kept", "[terminal][session_file]") {
    const char* const home = std::getenv("HOME");
    const std::string before = home == nullptr ? "" : home;
    ::unsetenv("XDG_STATE_HOME");
    ::setenv("HOME", "/home/ana", 1);
    CHECK(session_file_path("h", "n") == "/home/ana/.local/state/chatcli/h/n.json");
    ::unsetenv("HOME");
    CHECK(session_file_path("h", "n").empty());
    if (!before.empty()) ::setenv("HOME", before.c_str(), 1);
}
