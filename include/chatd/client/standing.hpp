#pragma once
// Who and where we are on a text connection, as far as the server has told us: fed with every line
// received, asked for the nick and the current room. Owns its two names. One thread at a time.

#include <string>

#include "chatd/client/text_event.hpp"

namespace chatd::client {

class Standing {
public:
    /// Learns from WELCOME and the replies to /nick, /join and /leave; everything else is ignored.
    /// True if the nick or the room changed.
    bool received(const TextEvent& event);

    const std::string& nick() const noexcept { return nick_; }  ///< empty while unknown
    const std::string& room() const noexcept { return room_; }  ///< without '#'; empty: none known

private:
    void left(std::string_view room);

    std::string nick_;
    std::string room_;
    bool in_lobby_ = true;  // everyone starts there
};

}  // namespace chatd::client
