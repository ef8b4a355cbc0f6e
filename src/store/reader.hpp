#pragma once
// Pages of history and the other reads, answered from the database as it stands, the caller's own
// transaction included. Belongs to the store's thread.

#include "chatd/chat/persistence.hpp"
#include "store/database.hpp"
#include "store/number_line.hpp"
#include "store/room_table.hpp"

namespace chatd::store {

class Reader {
public:
    Reader(const Database& database, RoomTable& rooms);

    /// A page after a position ends before numbers that are missing, and `more` is set: the next
    /// one begins with them as its `missing_from` and `missing_to`.
    chat::HistoryPage history(const chat::ReadHistory& ask);
    chat::PrivatesPage privates(const chat::ReadPrivates& ask);
    chat::EventFound event(const chat::ReadEvent& ask);

    /// The ended epochs of a room and the present one.
    NumberLine numbers(const Room& room);

    /// The last events of a room, oldest first: at most `count_max`, and of `bytes_max` bytes in
    /// memory.
    std::vector<wire::KeptEvent> newest(const Room& room, std::uint32_t count_max,
                                        std::size_t bytes_max);

    /// True if SQLite failed in the last call, whose answer is then worth nothing.
    bool failed() const noexcept { return failed_; }

    /// The statements of pages, for a test that they are index ranges.
    const std::string& page_after_sql() const noexcept { return page_after_.sql(); }
    const std::string& page_before_sql() const noexcept { return page_before_.sql(); }

private:
    struct Bounds {
        std::size_t count_max;
        std::size_t bytes_max;
    };
    void read_after(const Room& room, Position after, Bounds bounds, chat::HistoryPage& page);
    void read_before(const Room& room, Position before, Bounds bounds, chat::HistoryPage& page);

    const Database& database_;
    RoomTable& rooms_;
    Statement page_after_;
    Statement page_before_;
    Statement epochs_;
    Statement event_;
    Statement privates_;
    bool failed_ = false;
};

}  // namespace chatd::store
