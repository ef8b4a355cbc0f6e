#pragma once
// Who asked what, for an answer that may come later: in which words the outcome of a request is
// spelled, and where it goes.

#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/base/ids.hpp"
#include "chatd/wire/json_rpc.hpp"

namespace chatd::engine {

using BatchId = Handle<struct BatchTag>;

struct Ask {
    enum class Carrier : std::uint8_t {
        text,  ///< lines; `command` names what was asked
        rpc,   ///< JSON-RPC on a stream: an answer with `id`, alone or in a batch
        post,  ///< JSON-RPC as the answer to an HTTP POST
        http,  ///< a resource: its own status and body
    };
    Carrier carrier = Carrier::text;
    std::string_view command = "*";  ///< upper case, of static storage or one of its length
    bool silent = false;             ///< a JSON-RPC notification: nobody hears the outcome
    std::string id{};                ///< JSON, as written
    BatchId batch{};                 ///< null: an answer of its own

    /// Whether success would be told at all: what is said in the text dialect has no answer.
    bool wants_said() const noexcept {
        if (carrier != Carrier::text) return !silent;
        return command != "*" && command != "ME" && command != "REPLY";
    }
    /// Whether answers must come in the order of what was asked.
    bool in_order() const noexcept { return carrier == Carrier::text; }
};

/// A JSON-RPC text whose answers are not all there.
struct Batch {
    ConnId connection{};
    Ask::Carrier carrier = Ask::Carrier::rpc;
    wire::RpcAnswers answers;
};

}  // namespace chatd::engine
