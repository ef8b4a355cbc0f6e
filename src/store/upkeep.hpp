#pragma once
// What keeps the database small and clean, in steps of a few milliseconds between the groups, each
// a transaction of its own:
//   retention  the oldest events go, by age, and by a room's count and bytes
//   scrub      after a removal: the search index is merged into one segment, which is when FTS5
//              drops the words of what was deleted, and the write-ahead log, which holds old pages,
//              is emptied; resumed after a restart
//   vacuum     free pages beyond a few are given back to the file system
// Belongs to the store's thread.

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "chatd/chat/persistence.hpp"
#include "chatd/store/options.hpp"
#include "store/database.hpp"
#include "store/room_table.hpp"
#include "store/word_index.hpp"

namespace chatd::store {

class Upkeep {
public:
    Upkeep(Database& database, RoomTable& rooms, WordIndex& words, const StoreOptions& options);

    /// Finds what an earlier run left to do. False if SQLite failed.
    [[nodiscard]] bool begin();

    /// These rooms have more events than before.
    void changed(const std::vector<std::int64_t>& rooms);
    /// A body was taken back.
    void removed() noexcept { scrub_wanted_ = true; }

    /// Does one step; false if there is none to do just now, or if it failed.
    bool step();

    std::uint64_t pruned() const noexcept { return pruned_; }

    /// Of which rooms the oldest events were removed since the last call, and up to where.
    std::vector<chat::Pruned> take_edges() noexcept { return std::exchange(edges_, {}); }

private:
    struct Row {
        std::int64_t event;
        std::int64_t room;
        bool indexed;
        std::int64_t bytes;
        Position at;
        Uuid id;
        std::string body;
    };
    enum class Scrub : std::uint8_t { none, merge_begins, merging, emptying_log };

    bool is_over(const Room& room) const noexcept;
    bool prune_room(std::int64_t row);
    bool prune_old();
    bool prune(const std::vector<Row>& rows);
    bool remove(const Row& row);
    void note_edges(const std::vector<Row>& rows);
    bool undo();
    static Row row_of(Query& query);
    bool scrub();
    bool scrub_is_due() const;
    bool merge(std::int64_t pages);
    bool empty_log();
    bool vacuum();

    Database& database_;
    RoomTable& rooms_;
    WordIndex& words_;
    const Retention retention_;
    UnixMs (*const now_)();
    Statement oldest_of_room_;
    Statement oldest_;
    Statement remove_;
    Statement merge_;
    Statement free_pages_;
    std::set<std::int64_t> over_;  ///< rooms past a bound
    UnixMs old_not_before_ = 0;    ///< until then no event is too old
    Scrub scrub_ = Scrub::none;
    bool scrub_wanted_ = false;
    UnixMs scrub_not_before_ = 0;
    std::uint64_t pruned_ = 0;
    std::vector<chat::Pruned> edges_;
};

}  // namespace chatd::store
