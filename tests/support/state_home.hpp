#pragma once
// $XDG_STATE_HOME as a directory of its own, for what chatcli remembers; gone at the end.

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/catch.hpp"

namespace chatd::test {

class StateHome {
public:
    StateHome() {
        char name[] = "/tmp/chatcli-state-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path_ = name;
        ::setenv("XDG_STATE_HOME", name, 1);
    }
    ~StateHome() {
        ::unsetenv("XDG_STATE_HOME");
        std::filesystem::remove_all(path_);
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace chatd::test
