#include "store/exchange.hpp"

#include <poll.h>
#include <unistd.h>

#include <thread>

#include "support/catch.hpp"
#include "support/store_values.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<store::Exchange> exchange_of(std::size_t queue_max = 100,
                                             std::size_t queue_bytes_max = 1'000'000) {
    store::StoreOptions options = store_options("");
    options.queue_max = queue_max;
    options.queue_bytes_max = queue_bytes_max;
    auto made = store::Exchange::make(options);
    REQUIRE(made);
    return std::move(*made);
}

bool is_readable(int descriptor) {
    pollfd poll_for{descriptor, POLLIN, 0};
    return poll(&poll_for, 1, 0) == 1;
}

void clear(int descriptor) {
    std::uint64_t count = 0;
    REQUIRE(read(descriptor, &count, sizeof count) == sizeof count);
}

}  // namespace

TEST_CASE("writes are counted from 1, and a read has the ticket of the last write before it",
          "[store][exchange]") {
    const auto exchange = exchange_of();
    CHECK(exchange->push(chat::ReadPrivates{1, 1}) == 0);
    CHECK(exchange->push(said("dev", {1, 1}, "a")) == 1);
    CHECK(exchange->push(said("dev", {1, 2}, "b")) == 2);
    CHECK(exchange->push(chat::ReadHistory{.query = 1, .room = "dev"}) == 2);
    CHECK(exchange->push(chat::DropSession{3}) == 3);
    const auto group = exchange->next_group(0ms);
    REQUIRE(group.size() == 5);
    CHECK(group[0].ticket == 0);
    CHECK(group[3].ticket == 2);
    CHECK(group[4].ticket == 3);
}

TEST_CASE("past its count the queue takes nothing until something is done", "[store][exchange]") {
    const auto exchange = exchange_of(3);
    for (Seq seq = 1; seq <= 3; ++seq)
        CHECK(exchange->push(said("dev", {1, seq}, "a")));
    chat::Persist refused = said("dev", {1, 4}, "kept by the caller");
    CHECK_FALSE(exchange->push(std::move(refused)));
    CHECK(std::get<chat::KeepEvent>(refused).event.body == "kept by the caller");
    CHECK(exchange->counters().queue_count == 3);
    CHECK(exchange->counters().queue_refused == 1);

    const auto group = exchange->next_group(0ms);
    CHECK_FALSE(exchange->push(said("dev", {1, 4}, "a")));  // taken, but not done yet
    exchange->finish(group, {}, {});
    CHECK(exchange->push(said("dev", {1, 4}, "a")) == 4);
    CHECK(exchange->counters().queue_count == 1);
}

TEST_CASE("past its bytes the queue takes nothing either", "[store][exchange]") {
    const auto exchange = exchange_of(1'000, 10'000);
    const std::string body(4'000, 'b');
    CHECK(exchange->push(said("dev", {1, 1}, body)));
    CHECK(exchange->push(said("dev", {1, 2}, body)));
    CHECK_FALSE(exchange->push(said("dev", {1, 3}, body)));
    CHECK(exchange->push(said("dev", {1, 3}, "short")));
    CHECK(exchange->counters().queue_bytes > 8'000);
    CHECK(exchange->counters().queue_bytes <= 10'000);
    exchange->finish(exchange->next_group(0ms), {}, {});
    CHECK(exchange->counters().queue_bytes == 0);
}

TEST_CASE("a group is bounded, by requests and by reads", "[store][exchange]") {
    const auto exchange = exchange_of(100'000, 1'000'000'000);
    for (std::size_t count = 0; count < limits::store_group_max + 10; ++count)
        exchange->push(chat::DropSession{1});
    for (std::size_t count = 0; count < limits::store_group_reads_max + 1; ++count)
        exchange->push(chat::ReadPrivates{count, 1});
    exchange->push(chat::DropSession{1});
    std::vector<std::size_t> sizes;
    for (auto group = exchange->next_group(0ms); !group.empty();
         group = exchange->next_group(0ms)) {
        sizes.push_back(group.size());
        exchange->finish(group, {}, {});
    }
    CHECK(sizes ==
          std::vector<std::size_t>{limits::store_group_max, 10 + limits::store_group_reads_max, 2});
}

TEST_CASE("the descriptor becomes readable when answers begin to wait, once", "[store][exchange]") {
    const auto exchange = exchange_of();
    const int descriptor = exchange->wake_descriptor();
    CHECK_FALSE(is_readable(descriptor));
    exchange->answer({}, {});
    CHECK_FALSE(is_readable(descriptor));
    exchange->answer({chat::Committed{1}}, {});
    CHECK(is_readable(descriptor));
    clear(descriptor);
    exchange->answer({chat::Committed{2}}, {});
    CHECK_FALSE(is_readable(descriptor));
    CHECK(exchange->take_answers().size() == 2);
    CHECK(exchange->take_answers().empty());
    exchange->answer({chat::Committed{3}}, {});
    CHECK(is_readable(descriptor));
}

TEST_CASE("reads are refused wherever they wait, writes and other reads are not",
          "[store][exchange]") {
    const auto exchange = exchange_of();
    exchange->push(said("dev", {1, 1}, "a"));
    exchange->push(chat::ReadHistory{.query = 1, .room = "dev"});
    exchange->push(chat::ReadPrivates{2, 1});
    const auto group = exchange->next_group(0ms);
    exchange->push(chat::ReadSearch{.query = 3, .text = "a"});
    exchange->refuse_reads("disk full", {});
    auto answers = exchange->take_answers();
    REQUIRE(answers.size() == 2);
    CHECK(std::get<chat::HistoryPage>(answers[0]).query == 1);
    CHECK(std::get<chat::HistoryPage>(answers[0]).error == "disk full");
    CHECK(std::get<chat::SearchPage>(answers[1]).query == 3);
    CHECK(std::get<chat::SearchPage>(answers[1]).error == "disk full");
    CHECK_FALSE(std::get<chat::SearchPage>(answers[1]).bad_query);
    CHECK(group[1].answered);
    CHECK_FALSE(group[2].answered);
    exchange->refuse_reads("again", {});
    CHECK(exchange->take_answers().empty());
}

TEST_CASE("a sleeping side is woken by a request and by the end", "[store][exchange]") {
    const auto exchange = exchange_of();
    std::size_t taken = 0;
    bool stopped = false;
    std::thread side([&] {
        const auto group = exchange->next_group(1h);
        taken = group.size();
        exchange->finish(group, {}, {});
        stopped = exchange->next_group(1h).empty() && exchange->stopping();
    });
    exchange->push(said("dev", {1, 1}, "a"));
    while (exchange->counters().queue_count > 0)
        std::this_thread::yield();
    exchange->stop();
    side.join();
    CHECK(taken == 1);
    CHECK(stopped);
    CHECK_FALSE(exchange->push(said("dev", {1, 2}, "a")));
}

TEST_CASE("while too many bytes of answers wait, nothing more is carried out",
          "[store][exchange]") {
    const auto exchange = exchange_of();
    chat::HistoryPage page;
    page.events.push_back(event_of(wire::EventKind::message, "dev", {1, 1},
                                   std::string(limits::store_answers_bytes_max, 'b')));
    exchange->answer({page}, {});
    exchange->push(said("dev", {1, 1}, "a"));
    std::atomic<bool> taken = false;
    std::thread side([&] { taken = !exchange->next_group(1h).empty(); });
    std::this_thread::sleep_for(20ms);
    CHECK_FALSE(taken);
    CHECK(exchange->take_answers().size() == 1);
    side.join();
    CHECK(taken);
}
