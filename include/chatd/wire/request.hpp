#pragma once
// What a client can ask for: the whole vocabulary, one value per request. Text commands spell it
// here (wire/text_request.hpp); JSON-RPC and HTTP will spell the same values.
// Views borrow from the input they were decoded from; valid for the call.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace chatd::wire {

struct Say {
    std::string_view body;
    bool action = false;  ///< /me
};
struct Nick {
    std::string_view name;
};
struct Join {
    std::string_view room;
};
struct Leave {
    std::string_view room;  ///< empty: the current room
};
struct Rooms {};
struct Who {
    std::string_view room;  ///< empty: the current room
};
struct Msg {
    std::string_view nick;
    std::string_view body;
};
struct Ping {
    std::string_view token;
};
struct Notices {
    bool on = false;
};
/// Subscribes to the datagrams of the lobby, newest first; hz 0 unsubscribes.
struct Datagrams {
    std::uint32_t hz = 0;
};
/// Sends one datagram to the raw UDP peers.
struct Datagram {
    std::vector<std::byte> payload;
};
struct Help {};
struct Quit {};

using Request = std::variant<Say, Nick, Join, Leave, Rooms, Who, Msg, Ping, Notices, Datagrams,
                             Datagram, Help, Quit>;

}  // namespace chatd::wire
