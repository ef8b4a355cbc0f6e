#pragma once
// Why the store could not be opened, read or ended well. A plain value, any thread.

#include <cstdint>
#include <string>

namespace chatd::store {

struct StoreError {
    enum class Kind : std::uint8_t {
        in_use,         ///< another process has the state directory (exit code 73)
        not_permitted,  ///< the directory or a file in it may not be read or written
        newer_version,  ///< written by a chatd that knows more than this one
        damaged,        ///< not a database, or one that contradicts itself
        not_there,      ///< no such room, or no history at all where it was looked for (1)
        failed,         ///< any other error of a file system or of SQLite
    };
    Kind kind = Kind::failed;
    std::string text{};  ///< one sentence: what was tried, what came of it, what to do
};

}  // namespace chatd::store
