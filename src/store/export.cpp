#include "chatd/store/export.hpp"

#include <fmt/format.h>

#include "chatd/base/limits.hpp"
#include "chatd/chat/names.hpp"
#include "chatd/store/state_directory.hpp"
#include "chatd/wire/json_event.hpp"
#include "chatd/wire/name.hpp"
#include "store/database.hpp"
#include "store/reader.hpp"
#include "store/room_table.hpp"
#include "store/schema.hpp"

namespace chatd::store {

namespace {

// Names the rooms that there are, so that a slip of the finger shows; the fullest first.
StoreError no_such_room(Database& database, const std::string& directory, std::string_view room) {
    constexpr std::int64_t named_max = 10;
    const std::int64_t count = database.number("SELECT count(*) FROM rooms");
    Statement statement(database, "SELECT name FROM rooms ORDER BY event_count DESC, name LIMIT ?");
    Query query(statement, named_max);
    std::string names;
    while (query.next()) {
        if (!names.empty()) names += ", ";
        names += query.text(0);
    }
    if (query.failed()) return database.error("read the rooms");
    std::string text = fmt::format("there is no room {} in {}", room, directory);
    text += names.empty() ? ", nor any other" : "; there is " + names;
    if (count > named_max) text += fmt::format(" and {} more", count - named_max);
    return {StoreError::Kind::not_there, std::move(text)};
}

}  // namespace

std::expected<std::uint64_t, StoreError> export_room(const std::string& directory,
                                                     std::string_view room, const LineSink& sink) {
    auto database = Database::open(database_path(directory), Database::Mode::read_only);
    if (!database) return std::unexpected(database.error());
    if (auto known = check_version(*database); !known) return std::unexpected(known.error());
    RoomTable rooms(*database);
    Reader reader(*database, rooms);
    const std::string name(wire::bare_room(room));
    if (rooms.find(name) == nullptr) {
        if (rooms.failed()) return std::unexpected(database->error("read the rooms"));
        return std::unexpected(no_such_room(*database, directory, name));
    }

    std::uint64_t count = 0;
    std::string line;
    chat::ReadHistory ask{.room = name, .after = {1, 0}, .limit = limits::history_page_max};
    // Numbers that are missing end a page early; the next one begins after them.
    for (chat::HistoryPage page{.more = true}; page.more; ask.after = page.events.back().at) {
        page = reader.history(ask);
        if (!page.error.empty())
            return std::unexpected(StoreError{StoreError::Kind::failed, page.error});
        if (page.events.empty()) break;
        for (const wire::KeptEvent& event : page.events) {
            line.clear();
            wire::append_export_line(line, event.view(), time_of(event.id));
            if (!sink(line)) return count;
            ++count;
        }
    }
    return count;
}

}  // namespace chatd::store
