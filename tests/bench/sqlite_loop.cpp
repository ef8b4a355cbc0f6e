// The floor of the store: what it costs to keep messages when a thread does nothing else. Rows that
// lie ready are inserted by prepared statements, GROUP of them in a transaction, into a database
// with the store's own schema and settings, which come from the store's own functions.
//
//     sqlite_loop FILE COUNT GROUP
//
// FILE must not exist. Prints one object of JSON; the CPU is this thread's.

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "store/database.hpp"
#include "store/event_row.hpp"
#include "store/schema.hpp"

namespace {

using namespace chatd;

constexpr std::string_view author = "bench";

void require(bool done, sqlite3* database, const char* what) {
    if (done) return;
    std::fprintf(stderr, "sqlite_loop: %s: %s\n", what, sqlite3_errmsg(database));
    std::exit(74);
}

struct Row {
    Uuid id;
    std::string body;
    std::string key;
};

std::vector<Row> rows_of(std::uint64_t count) {
    constexpr UnixMs began_at = 1'780'000'000'000;
    std::vector<Row> rows;
    rows.reserve(count);
    for (std::uint64_t number = 0; number < count; ++number) {
        const UnixMs at = began_at + static_cast<UnixMs>(number / 50);
        rows.push_back({make_uuid7(at, bench::scrambled(number), bench::scrambled(~number)),
                        bench::body_of(number), fmt::format("key-{}", number)});
    }
    return rows;
}

class Statement {
public:
    Statement(sqlite3* database, const std::string& sql) : database_(database) {
        require(sqlite3_prepare_v3(database, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &prepared_,
                                   nullptr) == SQLITE_OK,
                database, sql.c_str());
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(prepared_); }

    Statement& number(int index, std::uint64_t value) {
        sqlite3_bind_int64(prepared_, index, static_cast<sqlite3_int64>(value));
        return *this;
    }
    Statement& text(int index, std::string_view value) {
        sqlite3_bind_text(prepared_, index, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC);
        return *this;
    }
    Statement& blob(int index, const Uuid& value) {
        sqlite3_bind_blob(prepared_, index, value.bytes.data(),
                          static_cast<int>(value.bytes.size()), SQLITE_STATIC);
        return *this;
    }
    void run() {
        require(sqlite3_step(prepared_) == SQLITE_DONE, database_, sqlite3_sql(prepared_));
        sqlite3_reset(prepared_);
    }

private:
    sqlite3* database_;
    sqlite3_stmt* prepared_ = nullptr;
};

void insert(sqlite3* database, const std::vector<Row>& rows, std::uint64_t group) {
    Statement begin(database, "BEGIN IMMEDIATE");
    Statement commit(database, "COMMIT");
    Statement event(database, fmt::format("INSERT INTO events (room, session, {}) VALUES "
                                          "(1, 1, 1, ?, 0, 0, ?, ?, ?, ?, 0, 0, 1)",
                                          store::event_columns));
    Statement words(database, "INSERT INTO words (rowid, body) VALUES (?, ?)");
    Statement room(database, "UPDATE rooms SET last = ?, event_count = ? WHERE room = 1");
    for (std::uint64_t first = 0; first < rows.size(); first += group) {
        const std::uint64_t end = std::min<std::uint64_t>(first + group, rows.size());
        begin.run();
        for (std::uint64_t number = first; number < end; ++number) {
            const Row& row = rows[number];
            event.number(1, number + 1).blob(2, row.id).text(3, author);
            event.text(4, row.body).text(5, row.key).run();
            words.number(1, static_cast<std::uint64_t>(sqlite3_last_insert_rowid(database)));
            words.text(2, row.body).run();
        }
        room.number(1, end).number(2, end).run();
        commit.run();
    }
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: sqlite_loop FILE COUNT GROUP\n");
        return 64;
    }
    const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
    const std::uint64_t group = std::strtoull(argv[3], nullptr, 10);
    if (count == 0 || group == 0) return 64;
    auto opened = store::Database::open(argv[1], store::Database::Mode::create);
    if (!opened || !store::prepare_connection(*opened) || !store::migrate(*opened)) {
        std::fprintf(stderr, "sqlite_loop: cannot make %s\n", argv[1]);
        return 74;
    }
    sqlite3* const database = opened->handle();
    require(opened->run("PRAGMA synchronous = NORMAL; INSERT INTO rooms VALUES "
                        "(1, 'lobby', 'lobby', 1, 0, '', '', 0, 0)"),
            database, "the room");
    const std::vector<Row> rows = rows_of(count);

    using Clock = std::chrono::steady_clock;
    const auto began_at = Clock::now();
    const double cpu_before = cpu_seconds();
    insert(database, rows, group);
    const double cpu = cpu_seconds() - cpu_before;
    const double seconds = std::chrono::duration<double>(Clock::now() - began_at).count();
    std::printf("{\"cpu_seconds\":%.6f,\"seconds\":%.6f}\n", cpu, seconds);
    return 0;
}
