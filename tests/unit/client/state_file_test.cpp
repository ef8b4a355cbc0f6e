#include "chatd/client/state_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace chatd;
using namespace chatd::client;

namespace {

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

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
    CHECK(names_in(directory.path()) == std::vector<std::string>{"bot"});
}

TEST_CASE("what a kill left half written is removed, and nothing else", "[client][state_file]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/bot";
    const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
    for (const char* name : {"/bot.unfinished-abcdef", "/bot.backup", "/bot.unfinished-abcdefg",
                             "/other.unfinished-abcdef"}) {
        std::ofstream(directory.path() + name) << "old";
        std::filesystem::last_write_time(directory.path() + name, long_ago);
    }
    std::ofstream(path + ".unfinished-now123") << "somebody writes this";
    CHECK_FALSE(load_state(path).value().has_value());
    CHECK(names_in(directory.path()) ==
          std::vector<std::string>{"bot.backup", "bot.unfinished-abcdefg", "bot.unfinished-now123",
                                   "other.unfinished-abcdef"});
}

TEST_CASE("a link in the directory leads nowhere", "[client][state_file]") {
    const test::TemporaryDirectory directory;
    const test::TemporaryDirectory elsewhere;
    const std::string other = elsewhere.path() + "/other";
    std::ofstream(other) << "untouched";
    const std::string path = directory.path() + "/bot";
    for (const char* name : {"/bot", "/bot.new"})
        std::filesystem::create_symlink(other, directory.path() + name);
    REQUIRE(save_state(path, {.token = "secret"}));
    std::string text;
    std::getline(std::ifstream(other), text);
    CHECK(text == "untouched");
    CHECK_FALSE(std::filesystem::is_symlink(path));
    CHECK(load_state(path).value()->token == "secret");
}

TEST_CASE("what cannot be read or written is told with its path", "[client][state_file]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/bot";
    std::ofstream(path) << "no state";
    CHECK(load_state(path).error().find(path) == 0);
    CHECK(load_state(directory.path()).error().find("Cannot read") == 0);
    CHECK(save_state(directory.path() + "/none/bot", {}).error().find("no such file") !=
          std::string::npos);
    std::filesystem::create_directory(directory.path() + "/taken");
    CHECK(save_state(directory.path() + "/taken", {}).error().find("Cannot write") == 0);
    CHECK(names_in(directory.path()) == std::vector<std::string>{"bot", "taken"});
}
