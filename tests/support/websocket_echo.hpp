#pragma once
// A WebSocket endpoint without a kernel: bytes in, answer bytes out. The server side echoes as
// /echo does; the client side collects what it is told. Both end at a close or a failure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/wire/websocket.hpp"

namespace chatd::test {

inline constexpr wire::WebSocketLimits echo_limits{limits::websocket_echo_bytes_max,
                                                   limits::websocket_fragments_max};

/// One event, owning its payload.
struct SeenEvent {
    wire::WebSocketStep::Kind kind = wire::WebSocketStep::Kind::none;
    std::uint16_t code = 0;
    std::string payload;
    friend bool operator==(const SeenEvent&, const SeenEvent&) = default;
};

/// A decoder with the memory it needs.
class WebSocketEnd {
public:
    explicit WebSocketEnd(wire::WebSocketRole role, wire::WebSocketLimits limits = echo_limits,
                          std::size_t allowance = limits::reassembly_bytes_max)
        : decoder_(role), limits_(limits), allowance_(allowance) {}

    /// Decodes all of `input`; calls seen(step) for each event.
    template <class Seen>
    void feed(std::string_view input, Seen&& seen) {
        Bytes rest = as_bytes(input);
        while (!rest.empty()) {
            const auto step = decoder_.step(rest, limits_, {message_, scratch_, allowance_});
            if (step.kind != wire::WebSocketStep::Kind::none) seen(step);
            rest = rest.subspan(step.consumed);
        }
    }

    std::vector<SeenEvent> events(std::string_view input) {
        std::vector<SeenEvent> all;
        feed(input, [&](const wire::WebSocketStep& step) {
            all.push_back({step.kind, step.code, std::string(as_text(step.payload))});
        });
        return all;
    }

    const wire::WebSocketDecoder& decoder() const { return decoder_; }
    const std::string& message() const { return message_; }

private:
    wire::WebSocketDecoder decoder_;
    wire::WebSocketLimits limits_;
    std::size_t allowance_;
    std::string message_;
    std::string scratch_;
};

/// The answer of a server of /echo to one event.
inline void append_echo(std::string& answer, const wire::WebSocketStep& step) {
    using Kind = wire::WebSocketStep::Kind;
    using wire::WebSocketOpcode;
    switch (step.kind) {
        case Kind::none:
        case Kind::pong:
            break;
        case Kind::text:
            wire::append_frame(answer, WebSocketOpcode::text, step.payload);
            break;
        case Kind::binary:
            wire::append_frame(answer, WebSocketOpcode::binary, step.payload);
            break;
        case Kind::ping:
            wire::append_frame(answer, WebSocketOpcode::pong, step.payload);
            break;
        case Kind::close:
        case Kind::failed:
            wire::append_close(answer, step.code, as_text(step.payload));
            break;
    }
}

}  // namespace chatd::test
