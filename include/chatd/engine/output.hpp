#pragma once
// What the engine wants done to a connection. The server carries outputs out in their order.

#include <cstdint>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"

namespace chatd::engine {

struct Output {
    enum class Kind : std::uint8_t {
        send,           ///< `bytes`, which stay valid until send_completed(); one at a time
        cancel,         ///< the send that is flying; it still completes
        pause_reading,  ///< nothing more is wanted from this connection for now
        resume_reading,
        shutdown_write,  ///< FIN, after what was sent
        ask_unsent,      ///< answered by unsent_reported(); only if EngineConfig::can_ask_unsent
        close,           ///< end it; answered by stream_closed() when no operation is left
    };
    Kind kind = Kind::close;
    ConnId connection;
    Bytes bytes;
};

}  // namespace chatd::engine
