#include "chatd/client/state_file.hpp"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace chatd;
using namespace chatd::client;

TEST_CASE("a state is found again in its file, which is its owner's alone",
          "[client][state_file]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/bot";
    CHECK_FALSE(load_state(path).value().has_value());
    const SessionState first{.token = "secret", .nick = "ana", .rooms = {{"lobby", {3, 41}}}};
    REQUIRE(save_state(path, first));
    CHECK(load_state(path).value() == first);
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    const SessionState second{.token = "other"};
    REQUIRE(save_state(path, second));
    CHECK(load_state(path).value() == second);
    CHECK(::stat((path + ".new").c_str(), &found) != 0);
}

TEST_CASE("what cannot be read or written is told with its path", "[client][state_file]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/bot";
    std::ofstream(path) << "no state";
    CHECK(load_state(path).error().find(path) == 0);
    CHECK(load_state(directory.path()).error().find("Cannot read") == 0);
    CHECK(save_state(directory.path() + "/none/bot", {}).error().find("no such file") !=
          std::string::npos);
    CHECK(save_state(directory.path(), {}).error().find("Cannot write") == 0);
}
