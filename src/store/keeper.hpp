#pragma once
// The store without its thread: one connection, all statements, and a group of requests carried
// out as one transaction. Belongs to one thread at a time.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chatd/chat/persistence.hpp"
#include "chatd/chat/store_counters.hpp"
#include "chatd/store/options.hpp"
#include "store/database.hpp"
#include "store/exchange.hpp"
#include "store/reader.hpp"
#include "store/room_table.hpp"
#include "store/search.hpp"
#include "store/upkeep.hpp"
#include "store/word_index.hpp"
#include "store/writer.hpp"

namespace chatd::store {

class Keeper {
public:
    /// Opens the database in the directory, which is there and taken; what is kept goes to
    /// `restored`.
    static std::expected<std::unique_ptr<Keeper>, StoreError> open(const StoreOptions& options,
                                                                   chat::Restored& restored);
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// Carries out the group, all or nothing, and adds the answers in order; a Committed stands
    /// before the pages. False: it failed and was undone, trouble() says why.
    [[nodiscard]] bool carry_out(std::span<const Entry> group,
                                 std::vector<chat::StoreAnswer>& answers);

    const std::string& trouble() const noexcept { return trouble_; }

    /// One small step of upkeep; false: there is nothing to do just now.
    bool tend(std::vector<chat::StoreAnswer>& answers);

    /// Marks the stop as clean, and brings the log of the database into its file.
    std::expected<void, StoreError> end();

    chat::StoreCounters& counters() noexcept { return counters_; }

private:
    Keeper(Database database, const StoreOptions& options);
    bool one(const Entry& entry, std::vector<chat::StoreAnswer>& pages);
    bool undo();
    void count(std::span<const Entry> group, UnixMs began_at);

    const StoreOptions options_;
    Database database_;
    RoomTable rooms_;
    WordIndex words_;
    Writer writer_;
    Reader reader_;
    Search search_;
    Upkeep upkeep_;
    Statement begin_;
    Statement commit_;
    Statement page_count_;
    chat::StoreCounters counters_;
    std::uint64_t page_bytes_ = 0;
    std::string trouble_;
};

}  // namespace chatd::store
