#pragma once
// A session: who somebody is across connections, known by a resume token alone. It holds the nick,
// the connections that speak for it, and what it said lately under keys of its own.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chatd/base/ids.hpp"
#include "chatd/base/time.hpp"
#include "chatd/chat/persistence.hpp"

namespace chatd::engine {

/// What was said under a key: enough to answer a repetition as the first one was.
struct KeyedMessage {
    std::string room{};
    Position at{};
    Uuid id{};
    std::uint64_t body_hash = 0;
    chat::Ticket ticket = 0;  ///< the write it is durable with; 0: nothing to wait for
    Time said_at{};
};

/// The keys of one session, each at most limits::key_age_max old and at most
/// limits::keys_per_session_max of them; the oldest go first.
class KeyMemory {
public:
    /// Null if the key is not known (any more).
    const KeyedMessage* find(std::string_view key, Time now);
    void remember(std::string_view key, KeyedMessage message);
    std::size_t size() const noexcept { return messages_.size(); }
    void forget_older(Time now);

private:
    std::unordered_map<std::string, KeyedMessage> messages_;
    std::deque<std::string> oldest_first_{};
};

struct Session {
    SessionId id{};
    chat::SessionKey key = 0;
    chat::TokenHash token{};
    std::string nick{};  ///< empty: it was away so long that others may have it
    std::vector<ConnId> connections{};
    std::unique_ptr<KeyMemory> keys{};
    Time away_since{};           ///< when its last connection ended
    std::uint32_t privates = 0;  ///< kept for it while it is away
    std::uint32_t schedules = 0;

    bool away() const noexcept { return connections.empty(); }
};

}  // namespace chatd::engine
