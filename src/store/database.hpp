#pragma once
// SQLite as three values: a Database is a connection, a Statement a prepared one, a Query one run
// of it. Only what SQL cannot say is done with its handle elsewhere: bounds of a query's work,
// checkpoints, the rank of a search. A Database and all that belongs to it is used by one thread at
// a time; it may be handed from one thread to another. Nothing here throws: a failed step says so,
// and trouble() tells what SQLite said.

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "chatd/base/uuid.hpp"
#include "chatd/store/error.hpp"

namespace chatd::store {

class Database {
public:
    enum class Mode : std::uint8_t {
        create,     ///< read and write; made if it is not there
        read_only,  ///< beside whoever writes
    };
    static std::expected<Database, StoreError> open(const std::string& path, Mode mode);

    /// Runs one or more statements that need no values; rows are passed over.
    [[nodiscard]] bool run(const std::string& sql);

    /// The first column of the first row; -1 if there is none or it failed.
    std::int64_t number(const std::string& sql);

    bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle()) == 0; }
    std::int64_t last_row() const noexcept { return sqlite3_last_insert_rowid(handle()); }
    std::int64_t changes_total() const noexcept { return sqlite3_total_changes64(handle()); }

    /// What the last failed step said: "database or disk is full".
    std::string trouble() const;
    /// True if the last step failed because of a constraint: the values are wrong, not the disk.
    bool refused() const noexcept;

    /// An error of that kind or, for a damaged file, of that one: "cannot read the history: …".
    StoreError error(std::string_view tried) const;

    sqlite3* handle() const noexcept { return handle_.get(); }

private:
    struct Closer {
        void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
    };
    explicit Database(sqlite3* handle) noexcept : handle_(handle) {}

    std::unique_ptr<sqlite3, Closer> handle_;
};

/// Prepared when it is first run, and kept. The Database must outlive it.
class Statement {
public:
    Statement(const Database& database, std::string sql)
        : database_(database.handle()), sql_(std::move(sql)) {}

    const std::string& sql() const noexcept { return sql_; }

private:
    friend class Query;
    struct Finalizer {
        void operator()(sqlite3_stmt* prepared) const noexcept { sqlite3_finalize(prepared); }
    };
    sqlite3_stmt* prepared();

    sqlite3* database_;
    std::string sql_;
    std::unique_ptr<sqlite3_stmt, Finalizer> prepared_;
};

/// One run of a statement, with its values in order. Texts and blobs are borrowed while it lives;
/// its columns are valid until the next next().
class Query {
public:
    template <class... Values>
    explicit Query(Statement& statement, const Values&... values)
        : prepared_(statement.prepared()) {
        if (prepared_ == nullptr) return;
        good_ = true;
        (bind(values), ...);
    }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query() {
        if (prepared_ != nullptr) sqlite3_reset(prepared_);
    }

    /// Binds the next value; for queries whose number of values is only known at run time.
    template <class Value>
    void bind(const Value& value) {
        if (prepared_ == nullptr) return;
        const int index = ++bound_;
        if constexpr (std::is_integral_v<Value>) {
            good_ &= sqlite3_bind_int64(prepared_, index, static_cast<std::int64_t>(value)) == 0;
        } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
            bind_text(index, std::string_view(value));
        } else if constexpr (std::is_same_v<Value, Uuid>) {
            bind_blob(index, value.bytes.data(), value.bytes.size());
        } else {
            bind_blob(index, value.data(), value.size());
        }
    }

    /// Goes to the next row; false when there is none, or when it failed.
    bool next() {
        if (!good_) return false;
        const int code = sqlite3_step(prepared_);
        good_ = code == SQLITE_ROW || code == SQLITE_DONE;
        return code == SQLITE_ROW;
    }
    /// Runs to the end; false if it failed.
    [[nodiscard]] bool run() {
        while (next()) {
        }
        return good_;
    }
    bool failed() const noexcept { return !good_; }

    std::int64_t integer(int column) const noexcept {
        return sqlite3_column_int64(prepared_, column);
    }
    std::uint64_t natural(int column) const noexcept {
        return static_cast<std::uint64_t>(integer(column));
    }
    double real(int column) const noexcept { return sqlite3_column_double(prepared_, column); }
    std::string_view text(int column) const noexcept;
    /// Copies a blob of exactly that size; a blob of another size leaves `target` as it is.
    template <std::size_t size>
    void blob(int column, std::array<std::uint8_t, size>& target) const noexcept {
        copy_blob(column, target.data(), size);
    }

private:
    void bind_text(int index, std::string_view text);
    void bind_blob(int index, const void* data, std::size_t bytes);
    void copy_blob(int column, std::uint8_t* target, std::size_t bytes) const noexcept;

    sqlite3_stmt* prepared_;
    int bound_ = 0;
    bool good_ = false;
};

}  // namespace chatd::store
