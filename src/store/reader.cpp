#include "store/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "chatd/base/limits.hpp"
#include "store/event_row.hpp"

namespace chatd::store {

namespace {

std::string select_events(std::string_view rest) {
    return fmt::format("SELECT {} FROM events WHERE room = ? {}", event_columns, rest);
}

// After every position there is: SQLite's integers are signed.
constexpr Position end_of_all{std::numeric_limits<std::int64_t>::max(), 0};

}  // namespace

Reader::Reader(const Database& database, RoomTable& rooms)
    : database_(database),
      rooms_(rooms),
      page_after_(database, select_events("AND (epoch, seq) > (?, ?) ORDER BY epoch, seq LIMIT ?")),
      page_before_(
          database,
          select_events("AND (epoch, seq) < (?, ?) ORDER BY epoch DESC, seq DESC LIMIT ?")),
      epochs_(database, "SELECT epoch, last FROM epochs WHERE room = ? ORDER BY epoch"),
      event_(database,
             fmt::format("SELECT {}, session FROM events WHERE room = ? AND epoch = ? AND seq = ?",
                         event_columns)),
      privates_(database,
                "SELECT sender, body, at FROM privates WHERE session = ? ORDER BY private") {}

chat::HistoryPage Reader::history(const chat::ReadHistory& ask) {
    chat::HistoryPage page{.query = ask.query};
    const Room* const room = rooms_.find(ask.room);
    if (room == nullptr) {
        if (rooms_.failed()) page.error = database_.trouble();
        return page;
    }
    const Bounds bounds{
        .count_max = ask.limit == 0 ? limits::history_page_default
                                    : std::min(ask.limit, limits::history_page_max),
        .bytes_max = ask.bytes_max == 0 ? limits::history_page_bytes_max : ask.bytes_max};
    failed_ = false;
    if (ask.after) {
        read_after(*room, ask.after, bounds, page);
    } else {
        read_before(*room, ask.before ? ask.before : end_of_all, bounds, page);
    }
    if (failed_) page = {.query = ask.query, .error = database_.trouble()};
    return page;
}

void Reader::read_after(const Room& room, Position after, Bounds bounds, chat::HistoryPage& page) {
    const NumberLine line = numbers(room);
    if (failed_) return;
    std::size_t bytes = 0;
    auto expected = line.next(after);
    Query query(page_after_, room.room, after.epoch, after.seq, bounds.count_max + 1);
    while (query.next()) {
        auto event = read_event(query, 0, room.name);
        const bool follows = !expected || event.at <= *expected;
        bytes += event.body.size();
        if (page.events.empty() && !follows) {
            page.missing_from = *expected;
            page.missing_to = line.previous(event.at);
        } else if (!page.events.empty() && (!follows || page.events.size() == bounds.count_max ||
                                            bytes > bounds.bytes_max)) {
            page.more = true;
            break;
        }
        expected = line.next(event.at);
        page.events.push_back(std::move(event));
    }
    failed_ = query.failed();
    if (!expected) return;
    // Numbers at the end are missing; after events they are the next page's to say.
    if (!page.events.empty()) {
        page.more = true;
    } else {
        page.missing_from = *expected;
        page.missing_to = line.last();
    }
}

void Reader::read_before(const Room& room, Position before, Bounds bounds,
                         chat::HistoryPage& page) {
    std::size_t bytes = 0;
    Query query(page_before_, room.room, before.epoch, before.seq, bounds.count_max + 1);
    while (query.next()) {
        auto event = read_event(query, 0, room.name);
        bytes += event.body.size();
        page.more = !page.events.empty() &&
                    (page.events.size() == bounds.count_max || bytes > bounds.bytes_max);
        if (page.more) break;
        page.events.push_back(std::move(event));
    }
    std::reverse(page.events.begin(), page.events.end());
    failed_ = query.failed();
}

NumberLine Reader::numbers(const Room& room) {
    std::vector<chat::EpochEnd> epochs;
    Query query(epochs_, room.room);
    while (query.next())
        epochs.push_back({query.natural(0), query.natural(1)});
    failed_ = query.failed();
    epochs.push_back({room.epoch, room.last});
    return NumberLine(std::move(epochs));
}

std::vector<wire::KeptEvent> Reader::newest(const Room& room, std::uint32_t count_max,
                                            std::size_t bytes_max) {
    std::vector<wire::KeptEvent> events;
    std::size_t bytes = 0;
    Query query(page_before_, room.room, end_of_all.epoch, end_of_all.seq, count_max);
    while (query.next()) {
        auto event = read_event(query, 0, room.name);
        bytes += memory_bytes(event);
        if (bytes > bytes_max) break;
        events.push_back(std::move(event));
    }
    failed_ = query.failed();
    std::reverse(events.begin(), events.end());
    return events;
}

chat::PrivatesPage Reader::privates(const chat::ReadPrivates& ask) {
    chat::PrivatesPage page{.query = ask.query};
    Query query(privates_, ask.session);
    while (query.next()) {
        page.messages.push_back(
            {std::string(query.text(0)), std::string(query.text(1)), query.integer(2)});
    }
    failed_ = query.failed();
    return page;
}

chat::EventFound Reader::event(const chat::ReadEvent& ask) {
    chat::EventFound found{.query = ask.query};
    const Room* const room = rooms_.find(ask.room);
    failed_ = rooms_.failed();
    if (room == nullptr) return found;
    Query query(event_, room->room, ask.at.epoch, ask.at.seq);
    if (query.next()) {
        found.event = read_event(query, 0, room->name);
        found.author = query.natural(event_column_count);
    }
    failed_ = query.failed();
    return found;
}

}  // namespace chatd::store
