#pragma once
// A store without its thread, in a directory of its own: requests in, answers out, and ends of
// both kinds. One thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chatd/store/state_directory.hpp"
#include "store/keeper.hpp"
#include "support/catch.hpp"
#include "support/store_values.hpp"
#include "support/temporary_directory.hpp"

namespace chatd::test {

struct KeeperFixture {
    TemporaryDirectory directory;
    store::StoreOptions options = store_options(directory.path());
    std::unique_ptr<store::Keeper> keeper;
    std::vector<chat::StoreAnswer> tended{};  ///< what upkeep told
    chat::Restored restored;
    chat::Ticket last_ticket = 0;

    KeeperFixture() {
        store_time = start_of_time;
        open();
    }

    void open() {
        auto opened = store::Keeper::open(options, restored);
        if (!opened) FAIL(opened.error().text);
        keeper = std::move(*opened);
    }
    void open_after_clean_end() {
        REQUIRE(keeper->end());
        keeper.reset();
        open();
    }
    void open_after_crash() {
        keeper.reset();
        open();
    }

    template <class... Requests>
    std::vector<chat::StoreAnswer> carry_out(Requests&&... requests) {
        std::vector<store::Entry> group;
        (add(group, std::forward<Requests>(requests)), ...);
        return carry_out_group(group);
    }
    std::vector<chat::StoreAnswer> carry_out_group(const std::vector<store::Entry>& group) {
        std::vector<chat::StoreAnswer> answers;
        if (!keeper->carry_out(group, answers)) FAIL(keeper->trouble());
        return answers;
    }
    void add(std::vector<store::Entry>& group, chat::Persist request) {
        if (!chat::is_read(request)) ++last_ticket;
        group.push_back({std::move(request), last_ticket, 0});
    }

    /// The answer to one read.
    template <class Page, class Read>
    Page ask(Read read) {
        auto answers = carry_out(std::move(read));
        REQUIRE(answers.size() == 1);
        REQUIRE(std::holds_alternative<Page>(answers.front()));
        return std::get<Page>(std::move(answers.front()));
    }
    chat::HistoryPage after(const std::string& room, Position after, std::uint32_t limit = 100) {
        return ask<chat::HistoryPage>(
            chat::ReadHistory{.query = 1, .room = room, .after = after, .limit = limit});
    }
    chat::HistoryPage before(const std::string& room, Position before, std::uint32_t limit = 100) {
        return ask<chat::HistoryPage>(
            chat::ReadHistory{.query = 1, .room = room, .before = before, .limit = limit});
    }
    chat::SearchPage search(const std::string& text, const std::string& room = {}) {
        return ask<chat::SearchPage>(chat::ReadSearch{.query = 1, .text = text, .room = room});
    }
    chat::EventFound find(const std::string& room, Position at) {
        return ask<chat::EventFound>(chat::ReadEvent{.query = 1, .room = room, .at = at});
    }

    /// Says `count` numbered lines, from `first` on.
    void say_lines(const std::string& room, Epoch epoch, Seq first, Seq count) {
        std::vector<store::Entry> group;
        for (Seq seq = first; seq < first + count; ++seq)
            add(group, said(room, {epoch, seq}, "line " + std::to_string(seq)));
        carry_out_group(group);
    }

    void tend() {
        for (int step = 0; keeper->tend(tended); ++step)
            REQUIRE(step < 100'000);
    }
    chat::StoreCounters counters() const { return keeper->counters(); }
};

inline std::vector<std::string> bodies_of(const std::vector<wire::KeptEvent>& events) {
    std::vector<std::string> bodies;
    for (const auto& event : events)
        bodies.push_back(event.body);
    return bodies;
}

inline std::vector<Position> positions_of(const std::vector<wire::KeptEvent>& events) {
    std::vector<Position> positions;
    for (const auto& event : events)
        positions.push_back(event.at);
    return positions;
}

}  // namespace chatd::test
