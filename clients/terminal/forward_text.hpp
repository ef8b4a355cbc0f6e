#pragma once
// The text dialect translated to and from a session: a command to the call that carries it out, its
// answer and whatever happens to lines (PROTOCOL.md 2, 3). What `chatcli forward` speaks on both of
// its sides. Pure functions, any thread; `out` is the caller's and only grows, by whole lines.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/client/event.hpp"
#include "chatd/wire/json_value.hpp"
#include "chatd/wire/reply.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::terminal {

struct ForwardedCall {
    std::string_view method{};  ///< of JSON-RPC; static
    std::string params{};
    bool repeatable = false;  ///< doing it twice is doing it once
};

/// Where requests that name no room, or a number without an epoch, are meant to go.
struct ForwardedPlace {
    std::string_view current;                              ///< empty: in no room
    std::function<Epoch(std::string_view room)> epoch_of;  ///< of a room one is in; 0: unknown
};

/// The call for `request`; nullopt for what is not carried: schedules and datagrams, and what needs
/// no call or another one (say, help, quit).
std::optional<ForwardedCall> call_of(const wire::Request& request, const ForwardedPlace& place);

/// What the result of `method` is as a reply; nullopt if it lacks what it must have. `epoch` is the
/// one that the room of a page of history stands in.
std::optional<wire::Reply> reply_of(std::string_view method, const wire::JsonValue& result,
                                    Epoch epoch);

/// Appends the lines by which a text client is told of `event`; none for what it is not told of, or
/// not while `notices` are off. `nick` is one's own: its own doings are not told.
void append_told(std::string& out, const client::Event& event, std::string_view nick, bool notices);

/// Appends "NOTE * GAP #room 3:103-2993 :2891 messages were not delivered to you; they are gone.";
/// of a range over two epochs the end is a position too, and nobody counts. `why` are the last
/// words of it, if there are any.
void append_gap_notice(std::string& out, std::string_view room, Position from, Position to,
                       std::string_view why);

}  // namespace chatd::terminal
