#pragma once
// A store with its thread, in a directory of its own, and waiting for its answers as the ring does:
// by its descriptor. One thread.

#include <poll.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <vector>

#include "chatd/store/store.hpp"
#include "support/catch.hpp"
#include "support/store_values.hpp"
#include "support/temporary_directory.hpp"

namespace chatd::test {

struct StoreFixture {
    TemporaryDirectory directory;
    store::StoreOptions options = store_options(directory.path());
    std::unique_ptr<store::Store> store;
    std::vector<chat::StoreAnswer> answers;  ///< all of them so far

    StoreFixture() { store_time = start_of_time; }

    void open() {
        auto opened = store::Store::open(options);
        if (!opened) FAIL(opened.error().text);
        store = std::move(*opened);
    }
    void reopen() {
        store.reset();
        open();
    }
    /// Opens it and keeps the room "dev" in its first epoch.
    void open_with_room() {
        open();
        wait_for_commit(push(chat::KeepRoom{"dev", 1}));
    }
    /// Says "line N" in that room, from its first number on.
    void push_lines(Seq count) {
        for (Seq seq = 1; seq <= count; ++seq)
            push(said("dev", {1, seq}, "line " + std::to_string(seq)));
    }
    chat::Ticket push(chat::Persist request) {
        const auto ticket = store->push(std::move(request));
        REQUIRE(ticket);
        return *ticket;
    }
    /// Waits for answers until `done` holds.
    void wait_until(const std::function<bool()>& done) {
        while (!done()) {
            pollfd poll_for{store->wake_descriptor(), POLLIN, 0};
            REQUIRE(poll(&poll_for, 1, 20'000) == 1);
            std::uint64_t count = 0;
            REQUIRE(read(poll_for.fd, &count, sizeof count) == sizeof count);
            for (auto& answer : store->take_answers())
                answers.push_back(std::move(answer));
        }
    }
    void wait_for_commit(chat::Ticket ticket) {
        wait_until([this, ticket] { return committed() >= ticket; });
    }
    chat::Ticket committed() const {
        chat::Ticket last = 0;
        for (const auto& answer : answers) {
            if (const auto* committed = std::get_if<chat::Committed>(&answer))
                last = committed->ticket;
        }
        return last;
    }
    template <class Answer>
    std::vector<Answer> all() const {
        std::vector<Answer> found;
        for (const auto& answer : answers) {
            if (const auto* one = std::get_if<Answer>(&answer)) found.push_back(*one);
        }
        return found;
    }
};

}  // namespace chatd::test
