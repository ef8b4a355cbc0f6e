#pragma once
// What the screen wants of the world: lines to say, questions to the server, and the end. Plain
// values; whoever owns the model carries them out in their order.

#include <cstdint>
#include <string>
#include <variant>

#include "chatd/base/position.hpp"

namespace chatd::terminal {

/// Say it, now or once there is a connection.
struct SayWish {
    std::string room;
    std::string body;
    bool action = false;
    Position reply_to;
};
/// Ask the server by JSON-RPC. The answer is told with this number (Model::answered).
struct AskWish {
    std::uint64_t question = 0;
    std::string method;
    std::string params;  ///< a JSON object
};
struct EnterWish {
    std::string room;
};
struct ExitWish {
    std::string room;
};
struct RenameWish {
    std::string nick;
};
/// Draw attention to the terminal: a private message, or our name was called.
struct BellWish {};
/// Draw everything anew, whatever the terminal shows.
struct RedrawWish {};
/// Give the terminal back until somebody continues us (Ctrl-Z).
struct SuspendWish {};
/// End the program with this status; `for_good` as /quit does: the server forgets who we are.
struct EndWish {
    int status = 0;
    bool for_good = false;
};

using Wish = std::variant<SayWish, AskWish, EnterWish, ExitWish, RenameWish, BellWish, RedrawWish,
                          SuspendWish, EndWish>;

}  // namespace chatd::terminal
