#pragma once
// What was said in the rooms of a world with a store, over all its crashes: told from the inputs
// and from what the disk had when a crash came. Numbers are dense, so a line's number is how many
// were said before it since its epoch began.
//
//   room ── era (an epoch) ── lines 1 2 3 … known … last
//                                    (holes)     └─ lost with the crash that ended the era

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/chat/persistence.hpp"
#include "simulation/disk.hpp"
#include "simulation/model.hpp"

namespace chatd::simulation {

/// Who says it: one session of one bot. Keys are its own.
using Voice = std::uint64_t;

struct Line {
    Voice voice = 0;
    std::string key;
    std::string body;
    bool given = false;         ///< to the store
    bool in_memory = true;      ///< it may be: no start was since
    bool acknowledged = false;  ///< its sayer was told that it is durable
};

/// What the server said about a position that a reader named.
struct Verdict {
    bool recovered = false;
    Position missing_from{};
    Position missing_to{};
    Position at{};  ///< where the room stood
};

class Chronicle {
public:
    Chronicle(const StorePlan& plan, const Disk& disk, Tally& tally)
        : plan_(plan), disk_(disk), tally_(tally) {}

    /// One line more in the present era of the room. Under one key only one may last.
    void said(std::size_t room, Line line);
    /// A client was told this position: the first sign of an epoch, if nothing of it is kept.
    void heard_of(std::size_t room, Position at);
    /// Holds what the engine gives the store against what was said.
    void given(const std::vector<chat::Persist>& requests);
    /// The engine is gone; what the store will find is `restored`, made by the disk.
    void ended(bool clean, const chat::Restored& restored);

    /// A reader at `had` got this; where it stands now.
    Position message_came(std::size_t room, Position had, Position at, std::string_view key,
                          std::string_view body) const;
    Position gap_came(std::size_t room, Position had, Position from, Position to) const;
    /// Whether the verdict on `since` is true; from where the reader goes on.
    Position judged(std::size_t room, Position since, const Verdict& verdict) const;
    /// A sayer was told that its line is durable and stands there.
    void acknowledged(std::size_t room, Position at, const Line& line);
    /// Nothing is left that a reader at `had` has not got.
    void check_arrived(std::size_t room, Position had) const;
    /// The last number of the present era, 0 if it has none.
    Position end(std::size_t room) const;

private:
    enum class Fate : std::uint8_t {
        there,
        perhaps,  ///< not kept, but memory may still have it
        hole,
        lost,
    };
    struct Era {
        Epoch epoch = 0;  ///< 0: not known yet
        std::vector<Line> lines;
        bool over = false;
        Seq known = 0;  ///< once it is over: the last number that the store knows
    };
    using Place = std::pair<std::size_t, Seq>;  ///< era and number

    Era& present(std::size_t room);
    void begin(std::size_t room, Epoch epoch);
    void end_era(std::size_t room, Era& era, bool clean);
    void given_event(const chat::KeepEvent& kept);
    void given_hole(const chat::KeepHole& hole);
    const Line* line_at(std::size_t room, Position at) const;
    Fate fate(std::size_t room, const Era& era, Seq number) const;
    Seq end_of(const Era& era) const noexcept { return era.over ? era.known : era.lines.size(); }
    const Era* find(std::size_t room, Epoch epoch) const;
    /// Calls visit(position, fate) for each number after `had` that is not lost, until it is false.
    template <class Visit>
    void walk(std::size_t room, Position had, Visit&& visit) const;
    void judged_true(std::size_t room, Position since) const;
    Position judged_tail(std::size_t room, Position since, const Verdict& verdict) const;
    void judged_hole(std::size_t room, Position since, const Verdict& verdict) const;

    const StorePlan& plan_;
    const Disk& disk_;
    Tally& tally_;
    std::array<std::vector<Era>, room_count_max> rooms_;
    std::map<std::pair<Voice, std::string>, std::vector<std::pair<std::size_t, Place>>> keyed_;
};

/// "3:41"
std::string text_of(Position at);
std::size_t room_named(std::string_view name);

}  // namespace chatd::simulation
