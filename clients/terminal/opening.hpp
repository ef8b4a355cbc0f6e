#pragma once
// What --nick and --room ask of the server before anything else is said, and whether it agreed.
// Values in, values out; owns its texts. One thread.

#include <string>
#include <string_view>

#include "chatd/client/text_event.hpp"

namespace chatd::terminal {

class Opening {
public:
    /// Empty names ask for nothing.
    Opening(std::string_view nick, std::string_view room);

    /// The commands to send, each with its LF: "/nick ana\n/join #dev\n".
    const std::string& commands() const noexcept { return commands_; }

    /// Looks for the answers in what the server says.
    void received(const client::TextEvent& event);

    /// All was answered; or something was refused, and refusal() says what and why.
    bool done() const noexcept { return !nick_pending_ && !room_pending_; }
    bool refused() const noexcept { return !refusal_.empty(); }
    const std::string& refusal() const noexcept { return refusal_; }

private:
    std::string nick_;
    std::string room_;
    std::string commands_;
    std::string refusal_;
    bool nick_pending_;
    bool room_pending_;
};

}  // namespace chatd::terminal
