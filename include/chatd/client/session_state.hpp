#pragma once
// What outlives a connection, and a program: who one is, how far one has every room, and the lines
// that are not said for sure. A value; printed as JSON, so that a program can put it into a file.
// Whoever has the token is that person: such a file is for its owner's eyes alone.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/position.hpp"

namespace chatd::client {

struct SessionState {
    struct Room {
        std::string room{};
        Position last{};  ///< the last message one has; none: not known yet
        friend bool operator==(const Room&, const Room&) = default;
    };
    struct Line {
        std::string key{};
        std::string room{};
        std::string body{};
        bool action = false;
        Position reply_to{};
        bool perhaps_said = false;  ///< it was sent, and its answer never came
        Position seen_at{};         ///< where it was seen in its room all the same
        friend bool operator==(const Line&, const Line&) = default;
    };

    /// Who one is at another server.
    struct Identity {
        std::string server{};
        std::string token{};
        std::vector<Room> rooms{};
        friend bool operator==(const Identity&, const Identity&) = default;
    };

    std::string server{};  ///< the one that gave the token; empty: the only one
    std::string token{};   ///< empty: nobody yet
    std::string nick{};
    std::vector<Room> rooms{};
    std::vector<Line> unsaid{};  ///< oldest first
    std::vector<Identity> elsewhere{};

    friend bool operator==(const SessionState&, const SessionState&) = default;
};

/// More is no state of ours: an outbox that is full, escaped, with room to spare.
inline constexpr std::size_t session_state_bytes_max = 16 * 1024 * 1024;

/// One JSON object in one line, without a newline.
std::string print_state(const SessionState& state);

/// Reads what print_state() wrote; members that are missing are empty. The error says what is
/// wrong.
std::expected<SessionState, std::string> parse_state(std::string_view text);

}  // namespace chatd::client
