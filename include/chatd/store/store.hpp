#pragma once
// Keeps what rooms must remember: events, positions, sessions, private messages and schedules, in
// SQLite, on a thread of its own. What it takes and gives are the values of chat/persistence.hpp.
//
// Contract
//   - One thread, the engine's, calls everything here but counters(), which any thread may.
//   - push() and take_answers() never wait for the disk.
//   - Requests are carried out in their order; all that waits becomes one transaction. A read sees
//     every write before it. Committed{n} means that writes 1 to n survive `kill -9`, and a loss of
//     power too if StoreOptions::sync_full.
//   - A write that was taken is not lost: if the disk fails it is tried again until it succeeds or
//     stop() gives up. While it fails, history and searches are answered with an error.

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "chatd/chat/persistence.hpp"
#include "chatd/chat/store_counters.hpp"
#include "chatd/store/error.hpp"
#include "chatd/store/options.hpp"

namespace chatd::store {

class Store {
public:
    /// Takes the state directory, brings its schema up to date, begins a new epoch in every room
    /// if the last run did not stop cleanly (on disk before this returns), reads what is to be
    /// restored and starts the thread. Also after a copy of the database was put back: a file is
    /// only taken for the one that was stopped cleanly if it is the same file.
    static std::expected<std::unique_ptr<Store>, StoreError> open(const StoreOptions& options);

    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store();  ///< stops, if that was not done

    /// What was kept, once; empty the second time.
    chat::Restored restored();

    /// Takes a request, or leaves it as it is and gives nullopt: the queue is at its bound, or the
    /// store was stopped. A write is given its ticket, 1 and on in the order of the pushes; a read
    /// the ticket of the last write before it.
    std::optional<chat::Ticket> push(chat::Persist&& request);

    /// All answers that wait, oldest first. Reads are not carried out while more than
    /// limits::store_answers_bytes_max of answers wait.
    std::vector<chat::StoreAnswer> take_answers();

    /// An eventfd, blocking, that becomes readable when answers begin to wait: whoever reads it
    /// calls take_answers() next. It may have become readable for answers that were taken already.
    int wake_descriptor() const noexcept;

    chat::StoreCounters counters() const;

    /// Carries out all that was pushed, marks the stop as clean and ends the thread; what was
    /// answered last can still be taken. If the disk fails for limits::store_stop_tries_max tries,
    /// the rest is lost, the stop is not clean, and the error says how much. Nor is it if not all
    /// was pushed that has been given a number (`whole`): the next start must give new ones. Once.
    std::expected<void, StoreError> stop(bool whole = true);

private:
    struct Parts;
    explicit Store(std::unique_ptr<Parts> parts) noexcept;

    std::unique_ptr<Parts> parts_;
};

}  // namespace chatd::store
