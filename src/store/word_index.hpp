#pragma once
// The search index over the bodies of messages and actions: the FTS5 table `words`, whose content
// is the table `events`. FTS5 is told the old body when one goes, since it keeps none itself.
// Belongs to the store's thread.

#include "store/database.hpp"

namespace chatd::store {

class WordIndex {
public:
    explicit WordIndex(const Database& database)
        : add_(database, "INSERT INTO words (rowid, body) VALUES (?, ?)"),
          remove_(database, "INSERT INTO words (words, rowid, body) VALUES ('delete', ?, ?)") {}

    [[nodiscard]] bool add(std::int64_t event, std::string_view body) {
        return Query(add_, event, body).run();
    }
    /// `body` is exactly what was added.
    [[nodiscard]] bool remove(std::int64_t event, std::string_view body) {
        return Query(remove_, event, body).run();
    }

private:
    Statement add_;
    Statement remove_;
};

}  // namespace chatd::store
