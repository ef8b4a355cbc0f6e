#include "chatd/store/check.hpp"

#include "chatd/store/state_directory.hpp"
#include "store/database.hpp"
#include "store/schema.hpp"

namespace chatd::store {

std::expected<std::string, StoreError> check_store(const std::string& directory) {
    auto database = Database::open(database_path(directory), Database::Mode::read_only);
    if (!database) return std::unexpected(database.error());
    if (auto known = check_version(*database); !known) return std::unexpected(known.error());

    std::string report;
    Statement statement(*database, "PRAGMA integrity_check(100)");
    Query query(statement);
    while (query.next()) {
        if (!report.empty()) report += '\n';
        report += query.text(0);
    }
    if (query.failed()) return std::unexpected(database->error("check the history"));
    return report;
}

}  // namespace chatd::store
