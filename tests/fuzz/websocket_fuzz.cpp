// Events depend on the bytes alone: a stream fed in pieces gives the events it gives as a whole,
// memory stays within its bounds at every step, and every event encodes to what decodes to it.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../support/websocket_echo.hpp"
#include "chatd/base/assert.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;
using Kind = WebSocketStep::Kind;

namespace {

struct Settings {
    WebSocketRole role = WebSocketRole::server;
    WebSocketLimits limits;
};

/// The first byte of the input chooses the role and limits near what the input can reach.
Settings settings_of(std::uint8_t choice) {
    const auto role = (choice & 1) != 0 ? WebSocketRole::client : WebSocketRole::server;
    const std::size_t message_bytes_max = std::size_t{16} << (choice >> 1 & 0x7);
    const std::uint32_t fragments_max = 1U << (choice >> 4);
    return {role, {message_bytes_max, fragments_max}};
}

/// Cuts the input by its own bytes: the byte at a cut says how long the next piece is.
std::size_t piece_bytes(Bytes rest) {
    return std::min<std::size_t>(1 + (std::to_integer<std::size_t>(rest.front()) & 0x1f),
                                 rest.size());
}

std::vector<SeenEvent> events_in_pieces(Bytes input, const Settings& settings) {
    WebSocketEnd end(settings.role, settings.limits);
    const std::size_t idle_bytes = end.message().capacity();
    std::vector<SeenEvent> all;
    while (!input.empty()) {
        const Bytes piece = input.first(piece_bytes(input));
        for (SeenEvent& event : end.events(as_text(piece)))
            all.push_back(std::move(event));
        input = input.subspan(piece.size());
        // A first allocation is 64 bytes; a control frame may stand behind the longest message.
        CHATD_ASSERT(end.message().capacity() <=
                     std::max<std::size_t>(
                         64, settings.limits.message_bytes_max + websocket_control_bytes_max));
        if (end.decoder().between_messages()) CHATD_ASSERT(end.message().capacity() == idle_bytes);
    }
    return all;
}

WebSocketOpcode opcode_of(Kind kind) {
    switch (kind) {
        case Kind::text:
            return WebSocketOpcode::text;
        case Kind::binary:
            return WebSocketOpcode::binary;
        case Kind::ping:
            return WebSocketOpcode::ping;
        case Kind::pong:
            return WebSocketOpcode::pong;
        case Kind::none:
        case Kind::close:
        case Kind::failed:
            break;
    }
    return WebSocketOpcode::close;
}

void check_round_trip(const SeenEvent& event, const Settings& settings) {
    if (event.kind == Kind::failed) return;
    constexpr MaskKey key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
    const bool masked = settings.role == WebSocketRole::server;
    std::string encoded;
    if (event.kind == Kind::close) {
        masked ? append_masked_close(encoded, event.code, event.payload, key)
               : append_close(encoded, event.code, event.payload);
    } else {
        const WebSocketOpcode opcode = opcode_of(event.kind);
        masked ? append_masked_frame(encoded, opcode, as_bytes(event.payload), key)
               : append_frame(encoded, opcode, as_bytes(event.payload));
    }
    WebSocketEnd end(settings.role, settings.limits);
    CHATD_ASSERT(end.events(encoded) == std::vector<SeenEvent>{event});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Settings settings = settings_of(data[0]);
    const Bytes input = std::as_bytes(std::span(data + 1, size - 1));
    WebSocketEnd whole(settings.role, settings.limits);
    const std::vector<SeenEvent> events = whole.events(as_text(input));
    CHATD_ASSERT(events == events_in_pieces(input, settings));
    for (std::size_t index = 0; index < events.size(); ++index) {
        const Kind kind = events[index].kind;
        const bool ends = kind == Kind::close || kind == Kind::failed;
        CHATD_ASSERT(!ends || index + 1 == events.size());
        check_round_trip(events[index], settings);
    }
    return 0;
}
