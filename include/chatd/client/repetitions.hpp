#pragma once
// Finds messages that their author said twice: a server that crashed may have delivered a line that
// it had not kept, and its author says it again under the same key, in a later epoch. Keeps hashes
// of the newest keyed messages. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "chatd/wire/kept_event.hpp"

namespace chatd::client {

/// A double comes soon after the restart: so many lines are remembered.
inline constexpr std::size_t repetitions_max = 4'096;

class Repetitions {
public:
    /// True if the same author said the same under the same key in that room in another epoch. A
    /// message without a key never repeats another.
    bool repeats(const wire::KeptEvent& message);

private:
    std::unordered_map<std::uint64_t, Epoch> epochs_;
    std::deque<std::uint64_t> oldest_first_;
};

}  // namespace chatd::client
