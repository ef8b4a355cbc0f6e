#pragma once
// What Tab makes of the word at the cursor: commands, rooms, nicks, numbers of messages. Values in,
// values out; owns its texts. One thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chatd::terminal {

/// What there is to choose from, the likeliest first. Rooms are without '#'.
struct Vocabulary {
    std::vector<std::string> commands;  ///< with their slash: "/join"
    std::vector<std::string> nicks;
    std::vector<std::string> rooms;
    std::vector<std::string> own_numbers;     ///< of messages one said, the newest first
    std::vector<std::string> others_numbers;  ///< of the others' messages, the newest first
};

/// The commands that there are, in the order of /help.
std::vector<std::string> known_commands();

/// A word with its candidates, of which one stands in the line.
class Completion {
public:
    /// Finds what may stand in the place of the word that ends at the byte `cursor` of `line`: a
    /// command at the beginning, after a command what it takes, elsewhere nicks, and rooms behind
    /// a '#'. Case does not matter.
    Completion(std::string_view line, std::size_t cursor, const Vocabulary& vocabulary);

    bool empty() const noexcept { return candidates_.empty(); }
    const std::vector<std::string>& candidates() const noexcept { return candidates_; }
    std::size_t chosen() const noexcept { return chosen_; }

    std::size_t begin() const noexcept { return begin_; }  ///< of the word, in bytes
    std::size_t end() const noexcept { return end_; }      ///< of what stands there now

    /// The candidate to put from begin() to end(), which is behind it then: the first one at the
    /// first call, then one after the other (`step` 1) or back (`step` -1), round and round.
    const std::string& choose(int step);

private:
    std::vector<std::string> candidates_;
    std::size_t chosen_ = 0;
    bool begun_ = false;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace chatd::terminal
