#pragma once
// What a Session tells its owner, one value per kind of event: what happened in the rooms, what
// became of what one said and asked, and how the connection stands. They own what they hold. Plain
// values, any thread.
//
// Rooms are written without '#', as their makers spell them. A position is an epoch and a number
// (base/position.hpp); times are Unix milliseconds.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chatd/base/position.hpp"
#include "chatd/base/uuid.hpp"
#include "chatd/wire/notification.hpp"

namespace chatd::client {

// -- the connection ----------------------------------------------------------------------------

/// How one stands in a room just entered.
struct RoomStanding {
    std::string room{};
    Position at{};             ///< the room's last message
    std::uint64_t others = 0;  ///< people besides oneself
    std::string topic{};       ///< empty: none
    /// Whether all that followed one's last position comes; none if there was no position.
    std::optional<bool> recovered{};
    Position missing_from{};  ///< the range that never comes, both ends included; perhaps unknown
    Position missing_to{};

    /// The server knows nothing of the position one had: it is another one, or its store is. What
    /// it names as missing is all of its present epoch, which does not come by itself; it need not
    /// be gone, a page of history may have it.
    bool position_unknown() const noexcept {
        return recovered == false && missing_to && missing_to == at &&
               missing_from == Position{at.epoch, 1};
    }
};

/// Greeted: from now on lines leave at once. Backfills of the rooms follow as ordinary events.
struct Online {
    std::string nick{};
    std::string token{};   ///< a secret: whoever has it is this person
    bool resumed = false;  ///< the same person as before; else a new one, under a new token
    std::vector<RoomStanding> rooms{};
};

/// No connection any more, or none that came to Online. Wishes are kept.
struct Offline {
    std::string reason{};  ///< one sentence for people
};

/// The server refused the nick or a room, or spoke no JSON-RPC: dialling again would not help.
/// Session::stopped() is true from now on.
struct Denied {
    std::string code{};  ///< NICK_IN_USE, BAD_NICK, BAD_ROOM, TOO_MANY_ROOMS …; often for programs
    std::string text{};  ///< one sentence for people: what is wrong, what to do
};

/// A room that was asked for on the way, by join() or call("join", …).
struct Entered {
    RoomStanding standing{};
};
/// One has left it, by leave() or call("leave", …).
struct Exited {
    std::string room{};
};
/// A room that join() asked for and the server refused; it is forgotten.
struct RoomRefused {
    std::string room{};
    std::string code{};
    std::string text{};
};

// -- what became of what one said --------------------------------------------------------------

/// A line of say() stands in its room, and with history it is durable. Once for each line, perhaps
/// after its own Message, perhaps before.
struct Said {
    std::string key;  ///< as say() returned it
    std::string room{};
    Position at{};
    bool repeated = false;  ///< it had been said before a cut; this is the first one's number
};
/// A line of say() was not said and never will be.
struct Refused {
    std::string key{};
    std::string room{};
    std::string body{};
    std::string code{};  ///< NOT_IN_ROOM, LINE_TOO_LONG, EMPTY …
    std::string text{};
};

/// Why a call was not carried out.
struct CallError {
    int rpc_code = 0;      ///< of JSON-RPC: -32601, -32602, -32000 (refused) …; 0: it was not asked
    std::string code{};    ///< of a refusal, NO_SUCH_NICK; OFFLINE if it was cut off or not sent
    std::string text{};    ///< one sentence for people, `detail` with it
    std::string detail{};  ///< what the code alone can't know, as the server put it
    bool retry = false;    ///< the same may succeed later
    std::uint64_t retry_after_ms = 0;  ///< 0: no time is known
};
/// The answer to a call(): once for each, in no promised order.
struct Answer {
    std::uint64_t id = 0;  ///< as call() returned it
    std::string method{};
    std::string result{};              ///< a JSON text (wire/json_reader.hpp reads it), or
    std::optional<CallError> error{};  ///< why there is none
};

// -- what happens in the rooms -----------------------------------------------------------------

struct Message {
    std::string room{};
    Position at{};
    Uuid id{};  ///< its first bytes are its time: time_of(id) is `ts`
    UnixMs ts = 0;
    std::string from{};
    std::string body{};  ///< may hold newlines, and anything that a terminal should not be sent raw
    std::string key{};   ///< its author's, often empty
    Position reply_to{};   ///< none, or the message it answers
    bool action = false;   ///< "* ana waves"
    bool removed = false;  ///< it was taken back: no body any more
    bool own = false;      ///< said under one's present nick, or by this session's say()
};
struct Edited {
    std::string room{};
    Position at{};
    UnixMs ts = 0;
    std::string from{};
    Position target{};  ///< the message that was changed
    std::string body{};
};
struct Redacted {
    std::string room{};
    Position at{};
    UnixMs ts = 0;
    std::string from{};
    Position target{};
};
struct Reacted {
    std::string room{};
    Position at{};
    UnixMs ts = 0;
    std::string from{};
    Position target{};
    std::string reaction{};  ///< an emoji, a word
    bool off = false;        ///< taken off again
};
struct TopicSet {
    std::string room{};
    Position at{};
    UnixMs ts = 0;
    std::string from{};
    std::string topic{};  ///< empty: cleared
};
/// Who comes, goes and changes names is told only with SessionOptions::notices.
struct Joined {
    std::string room{};
    std::string from{};  ///< empty: `count` came, and `people` are there since
    std::uint64_t count = 1;
    std::uint64_t people = 0;  ///< 0: not told
};
struct Left {
    std::string room{};
    std::string from{};  ///< empty: `count` went
    std::string reason{};
    std::uint64_t count = 1;
    std::uint64_t people = 0;
};
/// One's own new name comes once without a room, whatever is told.
struct Renamed {
    std::string room{};
    std::string from{};
    std::string nick{};  ///< what they are called now
    bool own = false;
};

using wire::told::Datagram;
using wire::told::Draining;
using wire::told::Gap;
using wire::told::Notice;
using wire::told::Private;
using wire::told::Read;
using wire::told::Typing;

using Event = std::variant<Online, Offline, Denied, Entered, Exited, RoomRefused, Said, Refused,
                           Answer, Message, Edited, Redacted, Reacted, TopicSet, Joined, Left,
                           Renamed, Private, Typing, Read, Gap, Datagram, Notice, Draining>;

}  // namespace chatd::client
