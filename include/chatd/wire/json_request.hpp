#pragma once
// JSON-RPC's side of the vocabulary: a method and its parameters to one request. Whatever carries
// JSON (TCP lines, WebSocket messages, POST bodies) decodes through this; wire/openrpc.hpp is the
// document that describes it to clients.
// Plain functions, any thread. Requests borrow from `params`, so they are valid as long as it is.
//
// Parameters come by name, or by position in the order of json_methods(); null stands for one that
// is not given, and unknown names are ignored. How they are written:
//   a room        "dev", with or without '#'; without one the connection's current room
//   a position    {"epoch":1,"seq":41}, as every event and answer carries these two members.
//                 `target` of edit, redact and react may leave out `epoch`: the room's present one
//   slow_reader   "backfill", "oldest", "latest" or "close"
//   rooms         an array of rooms, or of {"room":…,"since":position,"slow_reader":…} with the
//                 last two optional
//   hex           "de ad be ef" (wire/hex.hpp)
//   when, every   one of them: "PT10M", "18:00", an RFC 3339 time; "P1D" (wire/time_text.hpp)

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chatd/wire/json_value.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::wire {

enum class JsonParamKind : std::uint8_t {
    text,     ///< a string without NUL; `min` and `max` are bytes
    integer,  ///< from `min` to `max`
    boolean,
    position,  ///< with its epoch
    target,    ///< a position that may leave out its epoch
    slow_reader,
    rooms,
};

struct JsonParam {
    JsonName name;
    JsonParamKind kind = JsonParamKind::text;
    bool required = false;
    std::uint64_t min = 0;
    std::uint64_t max = 0;
};

class JsonArguments;

/// One method of the vocabulary.
struct JsonMethod {
    JsonName name;
    std::span<const JsonParam> params;  ///< in their order, those required first
    /// Makes the request of arguments that fit `params`; the error names the member.
    std::expected<Request, std::string> (*make)(const JsonArguments&) = nullptr;
};

/// Every method there is.
std::span<const JsonMethod> json_methods() noexcept;

/// Why a call is no request.
struct RpcInvalid {
    int code = 0;        ///< rpc_code::method_not_found or invalid_params
    std::string detail;  ///< "body: is missing"
};

/// Decodes one call. `datagram_bytes_max` bounds what `datagram` sends. What only a server in its
/// state can judge (nicks, room names, keys, the lines of a body) is left to it.
std::expected<Request, RpcInvalid> decode_json_request(std::string_view method,
                                                       std::optional<JsonValue> params,
                                                       std::size_t datagram_bytes_max);

}  // namespace chatd::wire
