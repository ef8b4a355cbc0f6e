#pragma once
// How well a message fits a search: BM25 without the rarity of words (IDF), as an auxiliary
// function of FTS5. Its own bm25() counts in how many messages of all history each word stands, for
// every search; that takes the longer the more is kept, and only weighs the words of a search
// against each other, all of which every match has. Belongs to the store's thread.

#include "store/database.hpp"

namespace chatd::store {

/// Makes `word_rank(words)` known to SQL on this connection: smaller is better. False if this
/// SQLite has no FTS5.
[[nodiscard]] bool add_word_rank(const Database& database);

}  // namespace chatd::store
