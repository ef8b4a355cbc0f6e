#include "chatd/store/state_directory.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "support/temporary_directory.hpp"

using namespace chatd::store;
using chatd::test::TemporaryDirectory;
using Kind = StoreError::Kind;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat found{};
    REQUIRE(stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

}  // namespace

TEST_CASE("the state directory and its parents are made for their owner alone",
          "[store][state_directory]") {
    const TemporaryDirectory temporary;
    const std::string path = temporary / "state/chatd";
    const auto directory = StateDirectory::open(path);
    REQUIRE(directory);
    CHECK(directory->path() == path);
    CHECK(mode_of(path) == 0700);
    CHECK(mode_of(temporary / "state") == 0700);
    CHECK(mode_of(path + "/lock") == 0600);
}

TEST_CASE("a directory that is there already stays as it is", "[store][state_directory]") {
    const TemporaryDirectory temporary;
    REQUIRE(mkdir((temporary / "shared").c_str(), 0750) == 0);
    REQUIRE(StateDirectory::open(temporary / "shared"));
    CHECK(mode_of(temporary / "shared") == 0750);
    CHECK(StateDirectory::open(temporary / "shared/"));
}

TEST_CASE("a second holder is refused, and told the process that has the directory",
          "[store][state_directory]") {
    const TemporaryDirectory temporary;
    const auto first = StateDirectory::open(temporary.path());
    REQUIRE(first);
    const auto second = StateDirectory::open(temporary.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == Kind::in_use);
    CHECK(second.error().text == temporary.path() + " is in use by process " +
                                     std::to_string(getpid()) +
                                     "; stop that one, or choose another with --state DIR");
}

TEST_CASE("the lock goes with its holder, also when that is moved", "[store][state_directory]") {
    const TemporaryDirectory temporary;
    {
        auto first = StateDirectory::open(temporary.path());
        REQUIRE(first);
        const StateDirectory moved = std::move(*first);
        CHECK_FALSE(StateDirectory::open(temporary.path()));
    }
    CHECK(StateDirectory::open(temporary.path()));
}

TEST_CASE("the lock goes with a process that is killed", "[store][state_directory]") {
    const TemporaryDirectory temporary;
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto held = StateDirectory::open(temporary.path());
        if (!held || write(ready[1], "x", 1) != 1) _exit(1);
        pause();
        _exit(0);
    }
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    const auto refused = StateDirectory::open(temporary.path());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text.find("process " + std::to_string(child)) != std::string::npos);
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    CHECK(StateDirectory::open(temporary.path()));
    close(ready[0]);
    close(ready[1]);
}

TEST_CASE("what cannot be a state directory is refused with the reason and what to do",
          "[store][state_directory]") {
    const TemporaryDirectory temporary;
    std::ofstream(temporary / "file") << "x";
    const auto file = StateDirectory::open(temporary / "file");
    REQUIRE_FALSE(file);
    CHECK(file.error().kind == Kind::failed);
    CHECK(file.error().text.find("Not a directory") != std::string::npos);
    CHECK(file.error().text.find("--history off") != std::string::npos);

    const auto below_file = StateDirectory::open(temporary / "file/below");
    REQUIRE_FALSE(below_file);
    const auto none = StateDirectory::open("");
    REQUIRE_FALSE(none);
    CHECK(none.error().text.find("--state DIR") != std::string::npos);
    // Nobody, root included, may make a directory in /proc.
    const auto proc = StateDirectory::open("/proc/chatd-state");
    REQUIRE_FALSE(proc);
    CHECK(proc.error().text.find("/proc/chatd-state") != std::string::npos);
}
