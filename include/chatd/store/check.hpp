#pragma once
// Looks over a database for damage, for `chatd --check-store`. It only reads and takes no lock, so
// it works beside a running chatd. Any thread.

#include <expected>
#include <string>

#include "chatd/store/error.hpp"

namespace chatd::store {

/// "ok", or what SQLite's integrity_check found, one finding a line, at most 100. The error says
/// why it could not be looked over at all.
std::expected<std::string, StoreError> check_store(const std::string& directory);

}  // namespace chatd::store
