#include "chatd/store/store.hpp"

#include <signal.h>
#include <sqlite3.h>

#include <thread>

#include "chatd/store/check.hpp"
#include "chatd/store/state_directory.hpp"
#include "failing_disk.hpp"
#include "support/store_fixture.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace std::chrono_literals;

TEST_CASE("what was committed is there at the next start", "[store][store]") {
    StoreFixture fixture;
    fixture.open();
    CHECK(fixture.push(chat::KeepRoom{"dev", 1}) == 1);
    CHECK(fixture.push(said("dev", {1, 1}, "hi")) == 2);
    fixture.wait_for_commit(2);
    REQUIRE(fixture.store->stop());
    fixture.reopen();
    const auto restored = fixture.store->restored();
    REQUIRE(restored.rooms.size() == 1);
    CHECK(restored.rooms[0].epoch == 1);
    CHECK(restored.rooms[0].last == 1);
    CHECK(fixture.store->restored().rooms.empty());
}

TEST_CASE("a stop writes all that was pushed, and its answers can still be taken",
          "[store][store]") {
    StoreFixture fixture;
    fixture.open_with_room();
    fixture.push_lines(20'000);
    fixture.push(chat::ReadHistory{.query = 3, .room = "dev", .limit = 1});
    REQUIRE(fixture.store->stop());
    CHECK_FALSE(fixture.store->push(said("dev", {1, 20'001}, "late")));
    fixture.answers = fixture.store->take_answers();
    CHECK(fixture.committed() == 20'001);
    const auto pages = fixture.all<chat::HistoryPage>();
    REQUIRE(pages.size() == 1);
    CHECK(pages[0].events[0].at == Position{1, 20'000});
    const auto counters = fixture.store->counters();
    CHECK(counters.events_kept == 20'000);
    CHECK(counters.queue_count == 0);
    CHECK(counters.queue_bytes == 0);
    // Far fewer transactions than events: what waits becomes one.
    CHECK(counters.commits < 10'000);
    fixture.reopen();
    CHECK(fixture.store->restored().rooms[0].last == 20'000);
}

TEST_CASE("tickets are committed in their order", "[store][store]") {
    StoreFixture fixture;
    fixture.open_with_room();
    for (Seq seq = 1; seq <= 500; ++seq) {
        fixture.push(said("dev", {1, seq}, "a"));
        if (seq % 100 == 0) fixture.wait_for_commit(seq);
    }
    fixture.wait_for_commit(501);
    chat::Ticket before = 0;
    for (const auto& committed : fixture.all<chat::Committed>()) {
        CHECK(committed.ticket > before);
        before = committed.ticket;
    }
}

TEST_CASE("the directory is taken while the store is there", "[store][store]") {
    StoreFixture fixture;
    fixture.open();
    const auto second = store::Store::open(fixture.options);
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == store::StoreError::Kind::in_use);
    fixture.store.reset();
    CHECK(store::Store::open(fixture.options));
}

TEST_CASE("the store's thread takes no signals", "[store][store]") {
    StoreFixture fixture;
    sigset_t before;
    REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &before) == 0);
    fixture.open();
    sigset_t after;
    REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &after) == 0);
    CHECK(sigismember(&after, SIGTERM) == sigismember(&before, SIGTERM));

    // Blocked here as well, it can only stay pending.
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &term, nullptr) == 0);
    REQUIRE(kill(getpid(), SIGTERM) == 0);
    fixture.push(chat::KeepRoom{"dev", 1});
    fixture.wait_for_commit(1);
    int taken = 0;
    REQUIRE(sigwait(&term, &taken) == 0);
    CHECK(taken == SIGTERM);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &before, nullptr) == 0);
}

TEST_CASE("while the disk fails it is said once, reads get the error, and nothing is lost",
          "[store][store]") {
    StoreFixture fixture;
    fixture.open_with_room();
    {
        const FailingDisk disk(1, ENOSPC);
        fixture.push(said("dev", {1, 1}, "kept"));
        fixture.push(chat::ReadHistory{.query = 8, .room = "dev"});
        fixture.wait_until([&] { return fixture.all<chat::HistoryPage>().size() == 1; });
        CHECK(fixture.all<chat::HistoryPage>()[0].error == "database or disk is full");
        fixture.push(said("dev", {1, 2}, "kept too"));
        fixture.push(chat::ReadSearch{.query = 9, .text = "kept"});
        fixture.wait_until([&] { return fixture.all<chat::SearchPage>().size() == 1; });
        CHECK_FALSE(fixture.all<chat::SearchPage>()[0].error.empty());
        CHECK(fixture.store->counters().troubled);
        CHECK(fixture.store->counters().errors >= 2);
        CHECK(fixture.committed() == 1);
        REQUIRE(fixture.all<chat::StoreTrouble>().size() == 1);
        CHECK(fixture.all<chat::StoreTrouble>()[0].text == "database or disk is full");
    }
    fixture.wait_for_commit(3);
    REQUIRE(fixture.all<chat::StoreTrouble>().size() == 2);
    CHECK(fixture.all<chat::StoreTrouble>()[1].text.empty());
    CHECK_FALSE(fixture.store->counters().troubled);
    fixture.push(chat::ReadHistory{.query = 10, .room = "dev"});
    fixture.wait_until([&] { return fixture.all<chat::HistoryPage>().size() == 2; });
    CHECK(fixture.all<chat::HistoryPage>()[1].events.size() == 2);
}

TEST_CASE("another writer's lock is a trouble like any other", "[store][store]") {
    StoreFixture fixture;
    fixture.open_with_room();
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(store::database_path(fixture.directory.path()).c_str(), &other) == 0);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    fixture.push(said("dev", {1, 1}, "kept"));
    fixture.wait_until([&] { return !fixture.all<chat::StoreTrouble>().empty(); });
    CHECK(fixture.all<chat::StoreTrouble>()[0].text == "database is locked");
    REQUIRE(sqlite3_close(other) == SQLITE_OK);
    fixture.wait_for_commit(2);
}

TEST_CASE("a stop interrupts the wait for a disk that fails, and gives up after some tries",
          "[store][store]") {
    StoreFixture fixture;
    fixture.open_with_room();
    {
        const FailingDisk disk(1, EIO);
        fixture.push(said("dev", {1, 1}, "lost"));
        fixture.push(said("dev", {1, 2}, "lost too"));
        fixture.wait_until([&] { return !fixture.all<chat::StoreTrouble>().empty(); });
        std::this_thread::sleep_for(700ms);  // the waits have become long by now
        const auto stopped = fixture.store->stop();
        REQUIRE_FALSE(stopped);
        CHECK(stopped.error().text.starts_with("2 writes could not be kept: disk I/O error"));
    }
    // That was no clean stop: the numbers may have been seen.
    fixture.reopen();
    const auto restored = fixture.store->restored();
    CHECK(restored.rooms[0].epoch == start_of_time / 1'000);
    CHECK(restored.rooms[0].ended[0].last == 0);
}

TEST_CASE("a disk that works again before the store gives up makes the stop a clean one",
          "[store][store]") {
    StoreFixture fixture;
    fixture.open_with_room();
    {
        const FailingDisk disk(1, EIO);
        fixture.push(said("dev", {1, 1}, "kept"));
        fixture.wait_until([&] { return !fixture.all<chat::StoreTrouble>().empty(); });
    }
    CHECK(fixture.store->stop());
    fixture.reopen();
    CHECK(fixture.store->restored().rooms[0].epoch == 1);
}

TEST_CASE("a stop before all was pushed is no clean one: the next numbers are of a new epoch",
          "[store][store]") {
    for (const bool whole : {true, false}) {
        StoreFixture fixture;
        fixture.open();
        (void)fixture.push(chat::KeepRoom{"dev", 3});
        (void)fixture.push(said("dev", {3, 1}, "kept"));
        REQUIRE(fixture.store->stop(whole));
        fixture.store.reset();
        fixture.open();
        const chat::Restored restored = fixture.store->restored();
        REQUIRE(restored.rooms.size() == 1);
        CHECK((restored.rooms[0].epoch == 3) == whole);
        CHECK(restored.rooms[0].newest.size() == 1);
    }
}

TEST_CASE("retention and scrubbing go on by themselves", "[store][store]") {
    StoreFixture fixture;
    fixture.options.retention.room_count_max = 100;
    fixture.open_with_room();
    fixture.push_lines(2'000);
    fixture.wait_for_commit(2'001);
    while (fixture.store->counters().events_pruned < 1'900) {
        fixture.wait_for_commit(fixture.push(chat::DropPrivates{1}));
        std::this_thread::sleep_for(1ms);
    }
    fixture.push(chat::ReadHistory{.query = 1, .room = "dev", .after = {1, 0}});
    fixture.wait_until([&] { return !fixture.all<chat::HistoryPage>().empty(); });
    CHECK(fixture.all<chat::HistoryPage>()[0].missing_to == Position{1, 1'900});
}

TEST_CASE("a store that cannot be opened says why", "[store][store]") {
    StoreFixture fixture;
    std::ofstream(store::database_path(fixture.directory.path())) << std::string(8'192, 'x');
    const auto opened = store::Store::open(fixture.options);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == store::StoreError::Kind::damaged);
    // The directory is free again.
    CHECK(store::StateDirectory::open(fixture.directory.path()));
}
