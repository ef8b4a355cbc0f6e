#pragma once
// The directory that holds what chatd keeps, and the lock that says it is taken. The lock is
// flock()'s on the file `lock`, so it goes with the process however that ends; the holder's process
// id stands in the file for whoever meets it. One owner, one thread.

#include <expected>
#include <string>
#include <string_view>

#include "chatd/store/error.hpp"

namespace chatd::store {

class StateDirectory {
public:
    /// Makes the directory and its parents if need be, each 0700, and takes the lock. `in_use`
    /// names the process that has it.
    static std::expected<StateDirectory, StoreError> open(const std::string& path);

    StateDirectory(StateDirectory&& other) noexcept;
    StateDirectory& operator=(StateDirectory&& other) noexcept;
    ~StateDirectory();

    const std::string& path() const noexcept { return path_; }

private:
    StateDirectory(std::string path, int descriptor) noexcept;

    std::string path_;
    int descriptor_ = -1;
};

/// The path of the database in a state directory.
std::string database_path(std::string_view directory);

}  // namespace chatd::store
