#pragma once
// The rows of the table `rooms`, kept in memory while they change: a group of a thousand events in
// one room writes its row once. Belongs to the store's thread; a Room is valid until undo().

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chatd/base/position.hpp"
#include "store/database.hpp"

namespace chatd::store {

struct Room {
    std::int64_t room = 0;  ///< its row
    std::string name{};     ///< as first written
    Epoch epoch = 0;
    Seq last = 0;  ///< the last number given in that epoch, as far as the store knows
    std::string topic{};
    std::string topic_from{};
    std::int64_t event_count = 0;
    std::int64_t event_bytes = 0;
    bool changed = false;  ///< since the last commit
};

class RoomTable {
public:
    explicit RoomTable(const Database& database);

    /// The room of that name in any case; nullptr if there is none, or if reading failed (then
    /// failed() until the next find()).
    Room* find(std::string_view name);
    Room* find(std::int64_t room);
    bool failed() const noexcept { return failed_; }

    /// Adds a room; nullptr if that failed.
    Room* add(std::string_view name, Epoch epoch);

    /// Marks the room as changed: flush() will write it.
    void change(Room& room);

    /// Writes what has changed, as the last step of the caller's transaction. False if it failed.
    [[nodiscard]] bool flush();
    /// The transaction is done.
    void committed();
    /// The transaction is not: forgets what was changed in it.
    void undo();

    /// The rooms changed since the last commit.
    const std::vector<std::int64_t>& changed() const noexcept { return changed_; }

private:
    Room* look_up(Query& query);

    Statement by_fold_;
    Statement by_row_;
    Statement insert_;
    Statement update_;
    const Database& database_;
    std::unordered_map<std::int64_t, Room> rooms_;
    std::unordered_map<std::string, std::int64_t> folds_;
    std::vector<std::int64_t> changed_;
    bool failed_ = false;
};

}  // namespace chatd::store
