#pragma once
// Bytes of a stream to lines, for the dialects that are made of them.

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core.hpp"

namespace chatd::engine {

/// Calls take(line) for each whole line, without its LF, while the connection takes input, and
/// keep_unfinished(rest) with what begins the next one. Returns how many bytes were taken. A line
/// that is being skipped (Connection::skipping_line) is, up to its end.
template <class Take, class KeepUnfinished>
std::size_t take_lines(Core& core, Connection& connection, Bytes bytes, Take&& take,
                       KeepUnfinished&& keep_unfinished) {
    std::size_t taken = 0;
    while (taken < bytes.size() && connection.open()) {
        if (!core.takes_input(connection)) return taken;
        const Bytes rest = bytes.subspan(taken);
        const void* found = std::memchr(rest.data(), '\n', rest.size());
        if (found == nullptr) {
            if (!connection.skipping_line) keep_unfinished(rest);
            return bytes.size();
        }
        const auto line_bytes =
            static_cast<std::size_t>(static_cast<const std::byte*>(found) - rest.data());
        taken += line_bytes + 1;
        if (connection.skipping_line) {
            connection.skipping_line = false;
            continue;
        }
        if (const std::unique_ptr<std::string> begun = take_kept(core, connection)) {
            append(*begun, rest.first(line_bytes));
            take(std::string_view(*begun));
        } else {
            take(as_text(rest.first(line_bytes)));
        }
    }
    return taken;
}

}  // namespace chatd::engine
