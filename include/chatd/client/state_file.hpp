#pragma once
// A SessionState in a file, so that the next run of a program is the same person and gets what this
// one missed. The file is its owner's alone (0600), for whoever has the token is that person. Any
// thread.

#include <expected>
#include <optional>
#include <string>

#include "chatd/client/session_state.hpp"

namespace chatd::client {

/// Reads it; none if there is no such file. The error says what is wrong with it, in one sentence.
std::expected<std::optional<SessionState>, std::string> load_state(const std::string& path);

/// Writes it anew, all or nothing: a crash in the middle leaves the one before. The error is one
/// sentence.
std::expected<void, std::string> save_state(const std::string& path, const SessionState& state);

}  // namespace chatd::client
