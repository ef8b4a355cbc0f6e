#pragma once
// Carries out writes, one after the other, within a transaction that the caller begins and ends.
// What contradicts the store's own rules (a number given twice, an event of an unknown room or of
// another epoch than the room's) is refused and counted: repeating it could not help. Belongs to
// the store's thread.

#include <cstdint>
#include <optional>

#include "chatd/chat/persistence.hpp"
#include "store/database.hpp"
#include "store/room_table.hpp"
#include "store/word_index.hpp"

namespace chatd::store {

class Writer {
public:
    Writer(Database& database, RoomTable& rooms, WordIndex& words);

    /// False if SQLite failed: the transaction is to be rolled back. Reads do nothing here.
    [[nodiscard]] bool write(const chat::Persist& request);

    /// What was done since the last call; the caller counts it once the transaction is done.
    struct Done {
        std::uint64_t events = 0;
        std::uint64_t event_bytes = 0;
        std::uint64_t refused = 0;
        bool removed = false;  ///< a body was taken back: its traces are to be scrubbed
    };
    Done take_done() noexcept;

private:
    // A row of `events` that an edit or a redaction speaks of.
    struct Target {
        std::int64_t event = 0;  ///< 0: there is none, retention took it
        std::string body;
        bool shown = false;  ///< a message or action that was not removed
    };

    bool keep(const chat::KeepEvent& write);
    bool keep(const chat::KeepRoom& write);
    bool keep(const chat::KeepHole& write);
    bool keep(const chat::KeepSession& write);
    bool keep(const chat::DropSession& write);
    bool keep(const chat::KeepPrivate& write);
    bool keep(const chat::DropPrivates& write);
    bool keep(const chat::KeepSchedule& write);
    bool keep(const chat::DropSchedule& write);
    bool keep(const chat::FireSchedule& write);
    template <class Read>
    bool keep(const Read&) {
        return true;
    }

    enum class Inserted : std::uint8_t { yes, refused, failed };
    Inserted insert(const chat::KeepEvent& write, Room& room, bool removed);
    std::optional<Target> target_of(const wire::KeptEvent& event, const Room& room);
    bool edit(const Target& target, const wire::KeptEvent& event, Room& room);
    bool remove(const Target& target, const wire::KeptEvent& event, Room& room);
    bool remember_largest(const char* name, std::uint64_t value);
    bool refuse();

    Database& database_;
    RoomTable& rooms_;
    WordIndex& words_;
    Statement insert_event_;
    Statement find_target_;
    Statement change_body_;
    Statement remove_event_;
    Statement edits_bytes_;
    Statement remove_edits_;
    Statement keep_hole_;
    Statement end_epoch_;
    Statement extend_epoch_;
    Statement keep_session_;
    Statement drop_session_;
    Statement keep_private_;
    Statement drop_privates_;
    Statement keep_schedule_;
    Statement drop_schedule_;
    Statement next_schedule_;
    Statement set_largest_;
    Done done_;
};

}  // namespace chatd::store
