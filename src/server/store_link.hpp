#pragma once
// Between engine and store: what the engine wants kept goes over at the end of each turn, what the
// store answers comes in at its beginning. One thread, the ring's.

#include <deque>
#include <expected>
#include <memory>

#include "chatd/engine/engine.hpp"
#include "chatd/server/options.hpp"
#include "chatd/server/server.hpp"
#include "chatd/store/store.hpp"

namespace chatd::server {

class StoreLink {
public:
    /// Opens the store in its state directory; the error says what is wrong with that.
    static std::expected<std::unique_ptr<StoreLink>, StartError> open(const StateOptions& options);

    chat::Restored restored() { return store_->restored(); }

    /// Becomes readable when answers wait.
    int wake_descriptor() const noexcept { return store_->wake_descriptor(); }

    /// Tells the engine what the store answered.
    void take_answers(engine::Engine& engine, Time now);

    /// Hands over what the engine wants kept. What the queue does not take waits here for the next
    /// turn; the engine's own bound on writes without a commit keeps that short.
    void turn_ended(engine::Engine& engine);

    /// What the store has done so far.
    chat::StoreCounters counters() const { return store_->counters(); }

    /// All that the engine has told is written; waits for it, bounded in time. False, and a line in
    /// the log, if the disk fails or is too slow.
    bool stop(engine::Engine& engine);

private:
    explicit StoreLink(std::unique_ptr<store::Store> store) : store_(std::move(store)) {}

    std::unique_ptr<store::Store> store_;
    std::deque<chat::Persist> waiting_;
};

/// The state directory: as given, else $STATE_DIRECTORY, else $XDG_STATE_HOME/chatd, else
/// ~/.local/state/chatd; empty if none of them is set.
std::string state_directory(const std::string& given);

/// What is told when that is empty.
StartError no_state_directory();

StartError start_error_of(const store::StoreError& error);

}  // namespace chatd::server
