#pragma once
// Searches in what was said: the newest limits::search_candidates_max matches, ranked by bm25 (the
// best first, of equal ones the newest), each with an excerpt. What has no words, only names and
// times, is given newest first. A search ends after limits::search_work_max steps with what it has
// found by then, and `more` set. Belongs to the store's thread.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "chatd/chat/persistence.hpp"
#include "chatd/wire/search_query.hpp"
#include "store/database.hpp"
#include "store/room_table.hpp"

namespace chatd::store {

class Search {
public:
    Search(const Database& database, RoomTable& rooms);

    chat::SearchPage search(const chat::ReadSearch& ask);

private:
    struct Match {
        std::int64_t event;
        double rank;  ///< smaller is better
    };
    // One search on its way.
    struct Task {
        wire::SearchQuery query;
        std::string expression;  ///< what FTS5 is to match; empty without terms
        std::int64_t room = 0;   ///< 0: every room
        std::size_t first = 0;   ///< of the hits asked for
        std::size_t count = 0;
    };

    bool find(const Task& task, std::vector<Match>& matches, bool& cut_short);
    bool show(const Task& task, const Match& match, std::vector<wire::SearchHit>& hits);
    bool excerpt(const Task& task, std::int64_t event, wire::SearchHit& hit);

    const Database& database_;
    RoomTable& rooms_;
    Statement event_;
    Statement snippet_;
};

/// Terms as an FTS5 expression that means nothing but them: each quoted, all needed.
std::string match_expression(const std::vector<std::string_view>& terms);

}  // namespace chatd::store
