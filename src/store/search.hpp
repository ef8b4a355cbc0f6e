#pragma once
// Searches in what was said: the newest limits::search_ranked_max matches, ranked by word_rank (the
// best first, of equal ones the newest), then as many older ones, each with an excerpt. What has no
// words, only names and times, is given newest first. A search ends after limits::search_work_max
// steps with what it has found by then, and `more` set. Belongs to the store's thread.

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
        std::string where{};  ///< the conditions beside the words, and two of their values
        Uuid after{};
        Uuid before{};
    };

    static void bind(Query& query, const Task& task);
    bool find(const Task& task, std::vector<Match>& matches, bool& cut_short);
    static void rank_in_blocks(std::vector<Match>& matches);
    bool show(std::int64_t event, std::vector<std::int64_t>& shown,
              std::vector<wire::SearchHit>& hits);
    bool add_excerpts(const Task& task, const std::vector<std::int64_t>& shown,
                      std::vector<wire::SearchHit>& hits);

    const Database& database_;
    RoomTable& rooms_;
    Statement event_;
};

/// Terms as an FTS5 expression that means nothing but them: each quoted, all needed.
std::string match_expression(const std::vector<std::string_view>& terms);

}  // namespace chatd::store
