#pragma once
// What the server tells unasked, as values: the reading side of wire/json_event.hpp, whose encoders
// these values give back. They own what they hold. Plain values, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chatd/base/position.hpp"
#include "chatd/wire/kept_event.hpp"

namespace chatd::wire {

class JsonValue;

namespace told {

/// Somebody said something to this person alone.
struct Private {
    std::string from{};
    std::string body{};
    UnixMs at = 0;
    friend bool operator==(const Private&, const Private&) = default;
};
struct Typing {
    std::string room{};
    std::string from{};
    bool on = true;  ///< false: no longer
    friend bool operator==(const Typing&, const Typing&) = default;
};
/// `from` has read the room up to `at`.
struct Read {
    std::string room{};
    std::string from{};
    Position at{};
    friend bool operator==(const Read&, const Read&) = default;
};
/// Numbers of a room that will not come: `from` to `to`, both included.
struct Gap {
    std::string room{};
    Epoch epoch = 0;
    Seq from = 0;
    Seq to = 0;
    friend bool operator==(const Gap&, const Gap&) = default;
};
/// A datagram as it is shown.
struct Datagram {
    std::string room{};
    std::string from{};                     ///< "udp:7", or a nick
    std::optional<std::uint64_t> number{};  ///< of a sender that counts
    std::vector<std::byte> payload{};
    friend bool operator==(const Datagram&, const Datagram&) = default;
};
/// The server tells something about itself: STORE_TROUBLE, STORE_OK.
struct Notice {
    std::string code{};
    std::string text{};
    friend bool operator==(const Notice&, const Notice&) = default;
};
/// The server is about to stop.
struct Draining {
    std::uint64_t reconnect_after_ms = 0;
    friend bool operator==(const Draining&, const Draining&) = default;
};

}  // namespace told

/// What happened in a room is a KeptEvent, whose `voice` nobody is told.
using Notification = std::variant<KeptEvent, told::Private, told::Typing, told::Read, told::Gap,
                                  told::Datagram, told::Notice, told::Draining>;

/// Reads the params of the notification `method`. nullopt for a method that is not known (later
/// servers have more) and for params that lack what they must have.
std::optional<Notification> read_notification(std::string_view method, const JsonValue& params);

/// Reads one event of a list, which names its kind itself: of `history` and `search`.
std::optional<KeptEvent> read_listed_event(const JsonValue& event);

/// Reads {"epoch":1,"seq":41}, among whatever other members.
std::optional<Position> read_position(const JsonValue& object);

}  // namespace chatd::wire
