#include "store/keeper.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chatd/store/state_directory.hpp"
#include "store/opening.hpp"
#include "store/schema.hpp"
#include "store/word_rank.hpp"

namespace chatd::store {

std::expected<std::unique_ptr<Keeper>, StoreError> Keeper::open(const StoreOptions& options,
                                                                chat::Restored& restored) {
    auto database = Database::open(database_path(options.directory), Database::Mode::create);
    if (!database) return std::unexpected(database.error());
    if (auto prepared = prepare_connection(*database); !prepared)
        return std::unexpected(prepared.error());
    if (auto migrated = migrate(*database); !migrated) return std::unexpected(migrated.error());

    if (!add_word_rank(*database))
        return std::unexpected(database->error("prepare the search in the history"));
    std::unique_ptr<Keeper> keeper(new Keeper(std::move(*database), options));
    if (auto begun = begin_run(keeper->database_, options); !begun)
        return std::unexpected(begun.error());
    auto found = restore(keeper->database_, keeper->rooms_, keeper->reader_, options);
    if (!found) return std::unexpected(found.error());
    restored = std::move(*found);
    if (!keeper->upkeep_.begin() ||
        (!options.sync_full && !keeper->database_.run("PRAGMA synchronous = NORMAL")))
        return std::unexpected(keeper->database_.error("prepare the database of the history"));
    return keeper;
}

Keeper::Keeper(Database database, const StoreOptions& options)
    : options_(options),
      database_(std::move(database)),
      rooms_(database_),
      words_(database_),
      writer_(database_, rooms_, words_),
      reader_(database_, rooms_),
      search_(database_, rooms_),
      upkeep_(database_, rooms_, words_, options),
      begin_(database_, "BEGIN IMMEDIATE"),
      commit_(database_, "COMMIT"),
      page_count_(database_, "PRAGMA page_count"),
      page_bytes_(static_cast<std::uint64_t>(database_.number("PRAGMA page_size"))) {}

bool Keeper::carry_out(std::span<const Entry> group, std::vector<chat::StoreAnswer>& answers) {
    const UnixMs began_at = options_.now();
    const bool writes = std::any_of(group.begin(), group.end(),
                                    [](const Entry& entry) { return !is_read(entry.request); });
    std::vector<chat::StoreAnswer> pages;
    if (writes && !Query(begin_).run()) return undo();
    for (const Entry& entry : group) {
        if (!entry.answered && !one(entry, pages)) return undo();
    }
    if (writes) {
        if (!rooms_.flush() || !Query(commit_).run()) return undo();
        answers.push_back(chat::Committed{group.back().ticket});
        count(group, began_at);
    }
    std::move(pages.begin(), pages.end(), std::back_inserter(answers));
    return true;
}

bool Keeper::one(const Entry& entry, std::vector<chat::StoreAnswer>& pages) {
    const chat::Persist& request = entry.request;
    if (const auto* history = std::get_if<chat::ReadHistory>(&request)) {
        pages.push_back(reader_.history(*history));
    } else if (const auto* search = std::get_if<chat::ReadSearch>(&request)) {
        pages.push_back(search_.search(*search));
    } else if (const auto* privates = std::get_if<chat::ReadPrivates>(&request)) {
        // These two have no place for an error; they are read again with the whole group.
        pages.push_back(reader_.privates(*privates));
        return !reader_.failed();
    } else if (const auto* event = std::get_if<chat::ReadEvent>(&request)) {
        pages.push_back(reader_.event(*event));
        return !reader_.failed();
    } else {
        return writer_.write(request);
    }
    return true;
}

bool Keeper::undo() {
    trouble_ = database_.trouble();
    ++counters_.errors;
    // Some errors roll back by themselves.
    if (database_.in_transaction() && !database_.run("ROLLBACK")) trouble_ = database_.trouble();
    rooms_.undo();
    writer_.take_done();
    return false;
}

void Keeper::count(std::span<const Entry> group, UnixMs began_at) {
    const Writer::Done done = writer_.take_done();
    upkeep_.changed(rooms_.changed());
    if (done.removed) upkeep_.removed();
    rooms_.committed();
    const auto took = static_cast<std::uint64_t>(std::max<UnixMs>(options_.now() - began_at, 0));
    counters_.commits += 1;
    counters_.writes += static_cast<std::uint64_t>(std::count_if(
        group.begin(), group.end(), [](const Entry& entry) { return !is_read(entry.request); }));
    counters_.writes_refused += done.refused;
    counters_.events_kept += done.events;
    counters_.event_bytes_kept += done.event_bytes;
    counters_.commit_ms_last = took;
    counters_.commit_ms_max = std::max(counters_.commit_ms_max, took);
    if (Query pages(page_count_); pages.next())
        counters_.database_bytes = pages.natural(0) * page_bytes_;
}

bool Keeper::tend(std::vector<chat::StoreAnswer>& answers) {
    const bool worked = upkeep_.step();
    for (chat::Pruned& edge : upkeep_.take_edges())
        answers.emplace_back(std::move(edge));
    counters_.events_pruned = upkeep_.pruned();
    return worked;
}

std::expected<void, StoreError> Keeper::end() {
    if (auto ended = end_run(database_, options_); !ended) return ended;
    // Without it the next start reads the log first; that is all.
    sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                              nullptr);
    return {};
}

}  // namespace chatd::store
