#pragma once
// Where the engine's thread and the store's meet: requests one way, answers the other, both
// bounded. It owns what is on its way. The functions of a side are for that side's one thread.
//
//   push() --> incoming_ --swap--> backlog_ [done | group | rest]     only the store's side
//   take_answers() <-- answers_ <-- finish()                          has backlog_, without a lock

#include <chrono>
#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chatd/chat/persistence.hpp"
#include "chatd/chat/store_counters.hpp"
#include "chatd/store/error.hpp"
#include "chatd/store/options.hpp"

namespace chatd::store {

/// A request on its way.
struct Entry {
    chat::Persist request;
    chat::Ticket ticket = 0;  ///< its own, or of the last write before it
    std::size_t bytes = 0;
    bool answered = false;  ///< a read that was refused while the disk failed
};

class Exchange {
public:
    static std::expected<std::unique_ptr<Exchange>, StoreError> make(const StoreOptions& options);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange();

    // -- the engine's side -------------------------------------------------------------------
    std::optional<chat::Ticket> push(chat::Persist&& request);
    std::vector<chat::StoreAnswer> take_answers();
    int wake_descriptor() const noexcept { return wake_descriptor_; }
    /// Nothing more is taken; the store's side is woken. Whether all was pushed that was to be.
    void stop(bool whole = true);

    /// Any thread.
    chat::StoreCounters counters() const;

    // -- the store's side --------------------------------------------------------------------
    /// The next requests, at most limits::store_group_max, to be given back to finish(). Waits for
    /// the first of them until `wait_max` is over or stop(): then none.
    std::span<Entry> next_group(std::chrono::milliseconds wait_max);
    /// The group is carried out: its answers go out, `counted` becomes what counters() gives.
    void finish(std::span<Entry> group, std::vector<chat::StoreAnswer>&& answers,
                const chat::StoreCounters& counted);
    /// Answers without a group.
    void answer(std::vector<chat::StoreAnswer>&& answers, const chat::StoreCounters& counted);
    /// Answers pages of history and searches, all that wait, with this error.
    void refuse_reads(const std::string& error, const chat::StoreCounters& counted);
    /// Waits; stop() interrupts it, unless that was called before.
    void pause(std::chrono::milliseconds time);
    bool stopping() const;
    bool stopped_whole() const;
    /// Writes that were taken and never finished.
    std::uint64_t unfinished_writes() const;

private:
    Exchange(const StoreOptions& options, int wake_descriptor) noexcept;
    void publish(std::vector<chat::StoreAnswer>&& answers, const chat::StoreCounters& counted);

    const std::size_t queue_max_;
    const std::size_t queue_bytes_max_;
    const int wake_descriptor_;
    std::vector<Entry> backlog_;    ///< the store's side alone
    std::size_t backlog_done_ = 0;  ///< the same

    mutable std::mutex mutex_;  ///< guards all that follows
    std::condition_variable changed_;
    bool waiting_ = false;  ///< the store's side is, for changed_
    bool stopping_ = false;
    bool stopped_whole_ = false;
    std::vector<Entry> incoming_;
    chat::Ticket last_ticket_ = 0;
    std::uint64_t writes_finished_ = 0;
    std::size_t queue_count_ = 0;  ///< incoming and backlog
    std::size_t queue_bytes_ = 0;
    std::uint64_t queue_refused_ = 0;
    std::vector<chat::StoreAnswer> answers_;
    std::size_t answers_bytes_ = 0;
    chat::StoreCounters counted_;
};

}  // namespace chatd::store
