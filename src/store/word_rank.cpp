#include "store/word_rank.hpp"

#include <algorithm>
#include <array>

#include "chatd/base/limits.hpp"

namespace chatd::store {

namespace {

// The usual constants, and those of FTS5's bm25().
constexpr double saturation = 1.2;
constexpr double length_weight = 0.75;

// Words of this message, beside those of the average one.
int relative_length(const Fts5ExtensionApi* api, Fts5Context* match, double& length) {
    sqlite3_int64 rows = 0;
    sqlite3_int64 all_words = 0;
    int words = 0;
    int code = api->xRowCount(match, &rows);
    if (code == SQLITE_OK) code = api->xColumnTotalSize(match, -1, &all_words);
    if (code == SQLITE_OK) code = api->xColumnSize(match, -1, &words);
    if (rows > 0 && all_words > 0)
        length =
            static_cast<double>(words) * static_cast<double>(rows) / static_cast<double>(all_words);
    return code;
}

void word_rank(const Fts5ExtensionApi* api, Fts5Context* match, sqlite3_context* result, int,
               sqlite3_value**) {
    double length = 1;
    int code = relative_length(api, match, length);
    std::array<int, limits::search_terms_max> counts{};
    int instances = 0;
    if (code == SQLITE_OK) code = api->xInstCount(match, &instances);
    for (int instance = 0; instance < instances && code == SQLITE_OK; ++instance) {
        int phrase = 0;
        int column = 0;
        int offset = 0;
        code = api->xInst(match, instance, &phrase, &column, &offset);
        if (code == SQLITE_OK && static_cast<std::size_t>(phrase) < counts.size())
            ++counts[static_cast<std::size_t>(phrase)];
    }
    if (code != SQLITE_OK) return sqlite3_result_error_code(result, code);

    const double slope = saturation * (1 - length_weight + length_weight * length);
    double rank = 0;
    for (const int count : counts)
        rank -= count * (saturation + 1) / (count + slope);
    sqlite3_result_double(result, rank);
}

fts5_api* api_of(sqlite3* database) {
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

}  // namespace

bool add_word_rank(const Database& database) {
    fts5_api* const api = api_of(database.handle());
    return api != nullptr &&
           api->xCreateFunction(api, "word_rank", nullptr, word_rank, nullptr) == SQLITE_OK;
}

}  // namespace chatd::store
