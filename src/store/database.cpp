#include "store/database.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "chatd/base/assert.hpp"

namespace chatd::store {

namespace {

// Of a file that could not be opened only the number of the system says why.
bool may_not_open(int code, int number) {
    return (code & 0xff) == SQLITE_CANTOPEN && (number == EACCES || number == EPERM);
}

StoreError::Kind kind_of(int code, int number) {
    if (may_not_open(code, number)) return StoreError::Kind::not_permitted;
    switch (code & 0xff) {
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return StoreError::Kind::not_permitted;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return StoreError::Kind::damaged;
        default:
            return StoreError::Kind::failed;
    }
}

}  // namespace

std::expected<Database, StoreError> Database::open(const std::string& path, Mode mode) {
    // One thread at a time has the connection, so it needs no mutex of its own.
    const int flags = SQLITE_OPEN_NOMUTEX |
                      (mode == Mode::read_only ? SQLITE_OPEN_READONLY
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    CHATD_ASSERT(handle != nullptr);
    Database database(handle);
    if (code != SQLITE_OK) {
        // Who only reads makes no file; that there is none is no fault of the disk.
        const int number = sqlite3_system_errno(handle);
        if (mode == Mode::read_only && (number == ENOENT || number == ENOTDIR)) {
            return std::unexpected(
                StoreError{StoreError::Kind::not_there,
                           fmt::format("no history is kept here: there is no {}; name the "
                                       "directory that chatd keeps it in with --state DIR",
                                       path)});
        }
        return std::unexpected(database.error("open " + path));
    }
    sqlite3_extended_result_codes(handle, 1);
    return database;
}

bool Database::run(const std::string& sql) {
    return sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::int64_t Database::number(const std::string& sql) {
    Statement statement(*this, sql);
    Query query(statement);
    return query.next() ? query.integer(0) : -1;
}

std::string Database::trouble() const {
    // "disk I/O error" alone leaves open which; the number below it is errno's.
    const int number = sqlite3_system_errno(handle());
    std::string text = sqlite3_errmsg(handle());
    const int code = sqlite3_errcode(handle());
    if (((code & 0xff) == SQLITE_IOERR || may_not_open(code, number)) && number != 0)
        text += fmt::format(" ({})", std::strerror(number));
    return text;
}

bool Database::refused() const noexcept {
    return (sqlite3_errcode(handle()) & 0xff) == SQLITE_CONSTRAINT;
}

StoreError Database::error(std::string_view tried) const {
    const auto kind = kind_of(sqlite3_errcode(handle()), sqlite3_system_errno(handle()));
    const char* const hint = kind == StoreError::Kind::damaged
                                 ? "; chatd --check-store says more, a copy of it helps"
                                 : "";
    return {kind, fmt::format("cannot {}: {}{}", tried, trouble(), hint)};
}

sqlite3_stmt* Statement::prepared() {
    if (!prepared_) {
        sqlite3_stmt* made = nullptr;
        sqlite3_prepare_v3(database_, sql_.data(), static_cast<int>(sql_.size()),
                           SQLITE_PREPARE_PERSISTENT, &made, nullptr);
        prepared_.reset(made);
    }
    return prepared_.get();
}

std::string_view Query::text(int column) const noexcept {
    const auto* data = sqlite3_column_text(prepared_, column);
    const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(prepared_, column));
    return {reinterpret_cast<const char*>(data), data == nullptr ? 0 : bytes};
}

// A null pointer would bind NULL, which an empty text is not.
void Query::bind_text(int index, std::string_view text) {
    const char* data = text.data() == nullptr ? "" : text.data();
    good_ &= sqlite3_bind_text(prepared_, index, data, static_cast<int>(text.size()),
                               SQLITE_STATIC) == SQLITE_OK;
}

void Query::bind_blob(int index, const void* data, std::size_t bytes) {
    good_ &= sqlite3_bind_blob(prepared_, index, data, static_cast<int>(bytes), SQLITE_STATIC) ==
             SQLITE_OK;
}

void Query::copy_blob(int column, std::uint8_t* target, std::size_t bytes) const noexcept {
    const void* data = sqlite3_column_blob(prepared_, column);
    const auto found = static_cast<std::size_t>(sqlite3_column_bytes(prepared_, column));
    if (data != nullptr && found == bytes) std::memcpy(target, data, bytes);
}

}  // namespace chatd::store
