#include "store/room_table.hpp"

#include "chatd/chat/names.hpp"

namespace chatd::store {

namespace {

const std::string select =
    "SELECT room, name, epoch, last, topic, topic_from, event_count, event_bytes FROM rooms WHERE ";

}  // namespace

RoomTable::RoomTable(const Database& database)
    : by_fold_(database, select + "fold = ?"),
      by_row_(database, select + "room = ?"),
      insert_(database,
              "INSERT INTO rooms (fold, name, epoch, last, topic, topic_from, event_count, "
              "event_bytes) VALUES (?, ?, ?, 0, '', '', 0, 0)"),
      update_(database,
              "UPDATE rooms SET epoch = ?, last = ?, topic = ?, topic_from = ?, event_count = ?, "
              "event_bytes = ? WHERE room = ?"),
      database_(database) {}

Room* RoomTable::find(std::string_view name) {
    failed_ = false;
    const std::string fold = chat::fold(name);
    if (const auto known = folds_.find(fold); known != folds_.end()) return find(known->second);
    Query query(by_fold_, fold);
    return look_up(query);
}

Room* RoomTable::find(std::int64_t room) {
    failed_ = false;
    if (const auto known = rooms_.find(room); known != rooms_.end()) return &known->second;
    Query query(by_row_, room);
    return look_up(query);
}

Room* RoomTable::look_up(Query& query) {
    if (!query.next()) {
        failed_ = query.failed();
        return nullptr;
    }
    const std::int64_t row = query.integer(0);
    Room& room = rooms_[row];
    room = {.room = row,
            .name = std::string(query.text(1)),
            .epoch = query.natural(2),
            .last = query.natural(3),
            .topic = std::string(query.text(4)),
            .topic_from = std::string(query.text(5)),
            .event_count = query.integer(6),
            .event_bytes = query.integer(7)};
    folds_[chat::fold(room.name)] = row;
    return &room;
}

Room* RoomTable::add(std::string_view name, Epoch epoch) {
    const std::string fold = chat::fold(name);
    if (!Query(insert_, fold, name, epoch).run()) return nullptr;
    const std::int64_t row = database_.last_row();
    Room& room = rooms_[row];
    room = {.room = row, .name = std::string(name), .epoch = epoch};
    folds_[fold] = row;
    change(room);
    return &room;
}

void RoomTable::change(Room& room) {
    if (room.changed) return;
    room.changed = true;
    changed_.push_back(room.room);
}

bool RoomTable::flush() {
    for (const std::int64_t row : changed_) {
        const Room& room = rooms_.at(row);
        Query update(update_, room.epoch, room.last, room.topic, room.topic_from, room.event_count,
                     room.event_bytes, room.room);
        if (!update.run()) return false;
    }
    return true;
}

void RoomTable::committed() {
    for (const std::int64_t row : changed_)
        rooms_.at(row).changed = false;
    changed_.clear();
}

void RoomTable::undo() {
    for (const std::int64_t row : changed_) {
        folds_.erase(chat::fold(rooms_.at(row).name));
        rooms_.erase(row);
    }
    changed_.clear();
}

}  // namespace chatd::store
