#pragma once
// WebSocket frames (RFC 6455), both roles, values in and values out: no socket, no clock.
//
// A WebSocketDecoder is one connection's 64 bytes of state. It owns no memory: an unfinished
// message is gathered in a string of the connection's, and a finished one is handed out in a
// scratch buffer that all connections of one thread share, so an idle connection holds no heap
// and a small message never allocates. Decoder and memory belong to one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/utf8.hpp"

namespace chatd::wire {

/// Which end decodes. A server takes masked frames only, a client unmasked ones (RFC 6455 5.1).
enum class WebSocketRole : std::uint8_t { server, client };

enum class WebSocketOpcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

/// The codes this server names; RFC 6455 7.4.1 and IANA's WebSocket Close Code registry.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported = 1003;
inline constexpr std::uint16_t none = 1005;  ///< a close frame without a code; never on the wire
inline constexpr std::uint16_t bad_payload = 1007;
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t restart = 1012;
inline constexpr std::uint16_t busy = 1013;
}  // namespace close_code

/// Whether a close frame may carry this code: 1000-1003, 1007-1014, 3000-4999.
bool close_code_valid(std::uint16_t code) noexcept;

/// What one message may be; it may differ by path, so the caller passes it with each step.
struct WebSocketLimits {
    std::size_t message_bytes_max = 0;  ///< beyond: 1009, from the header that declares it
    std::uint32_t fragments_max = 0;    ///< frames of one message; beyond: 1009
};

/// The memory a step may use.
struct WebSocketMemory {
    /// The connection's unfinished message and, behind it, the part of a control frame that came.
    /// Only the decoder changes it. Empty and without heap between messages; its capacity() is
    /// what the connection holds of the reassembly budget.
    std::string& message;
    /// Shared by the connections of a thread: where an event's payload stands.
    std::string& scratch;
    /// By how much message.capacity() may grow in this step; more is needed: 1013.
    std::size_t allowance = 0;
};

/// What a step found. `payload` is valid until the next step that gets the same scratch buffer or
/// until the input is gone, whichever is first.
struct WebSocketStep {
    enum class Kind : std::uint8_t {
        none,    ///< all input taken, no event yet
        text,    ///< a whole text message, valid UTF-8
        binary,  ///< a whole binary message
        ping,    ///< to be answered by a pong with the same payload (RFC 6455 5.5.3)
        pong,
        close,   ///< the peer closes: `code` (none = 1005), payload is its reason, valid UTF-8
        failed,  ///< close with `code`; payload is the reason to send, a static text
    };
    Kind kind = Kind::none;
    std::uint16_t code = 0;
    std::size_t consumed = 0;  ///< bytes of the input taken; the rest is passed again
    Bytes payload{};
};

/// Why a stream fails: the close code and its reason.
struct WebSocketRefusal {
    std::uint16_t code = 0;        ///< 0: it doesn't
    const char* reason = nullptr;  ///< static
    explicit operator bool() const noexcept { return code != 0; }
};

class WebSocketDecoder {
public:
    explicit WebSocketDecoder(WebSocketRole role) noexcept : role_(role) {}

    /// Takes a prefix of `input`, which may be cut anywhere, and yields at most one event. `none`
    /// means that all input was taken. After `close` or `failed` everything is swallowed
    /// (RFC 6455 5.5.1, 7.1.7): later steps take all input and yield none.
    ///
    /// Errors, decided by the first byte that shows them (text as soon as no valid continuation
    /// exists, RFC 6455 8.1):
    ///   1002  reserved bits or opcodes, wrong masking, a length not in its shortest form or past
    ///         2^63-1, a control frame fragmented or over 125 bytes, a continuation of nothing, a
    ///         message inside a message, a bad close frame
    ///   1007  text or a close reason that is not UTF-8
    ///   1009  a message past limits.message_bytes_max, or in too many fragments: both mean that
    ///         the message is too big to be put together
    ///   1013  memory.allowance is too small for what came
    WebSocketStep step(Bytes input, const WebSocketLimits& limits,
                       const WebSocketMemory& memory) noexcept;

    /// True when nothing of a message or frame is pending and neither close nor failure was seen.
    bool between_messages() const noexcept {
        return phase_ == Phase::header && header_bytes_ == 0 && fragment_count_ == 0;
    }

private:
    enum class Phase : std::uint8_t { header, payload, ended };

    struct Header {
        std::uint64_t payload_bytes = 0;
        std::uint32_t mask = 0;  ///< in memory order; 0 for an unmasked frame
        std::uint8_t bytes = 0;  ///< 0: more is needed
        WebSocketOpcode opcode = WebSocketOpcode::continuation;
        bool final = false;
        WebSocketRefusal refusal{};
    };

    std::size_t start_frame(Bytes input, const WebSocketLimits& limits,
                            const WebSocketMemory& memory, WebSocketStep& found) noexcept;
    std::size_t continue_frame(Bytes input, const WebSocketLimits& limits,
                               const WebSocketMemory& memory, WebSocketStep& found) noexcept;
    std::size_t read_header(Bytes input, const WebSocketLimits& limits, std::size_t message_bytes,
                            Header& header) noexcept;
    void inspect(const unsigned char* bytes, std::size_t available, const WebSocketLimits& limits,
                 std::size_t message_bytes, Header& header) const noexcept;
    WebSocketRefusal check_first_byte(unsigned byte, const WebSocketLimits& limits) const noexcept;
    WebSocketRefusal check_second_byte(unsigned byte, WebSocketOpcode opcode) const noexcept;
    void take_whole(const Header& header, Bytes payload, const WebSocketMemory& memory,
                    WebSocketStep& found) noexcept;
    void begin_frame(const Header& header) noexcept;
    void take_payload(Bytes piece, const WebSocketLimits& limits, const WebSocketMemory& memory,
                      WebSocketStep& found) noexcept;
    void finish_frame(const WebSocketMemory& memory, WebSocketStep& found) noexcept;
    void deliver(WebSocketOpcode opcode, Bytes payload, std::string& message,
                 WebSocketStep& found) noexcept;
    void deliver_close(Bytes payload, std::string& message, WebSocketStep& found) noexcept;
    void fail(WebSocketRefusal refusal, std::string& message, WebSocketStep& found) noexcept;

    std::uint64_t payload_left_ = 0;    ///< of the frame being read
    std::uint32_t mask_ = 0;            ///< turned so that it fits the next byte
    std::uint32_t fragment_count_ = 0;  ///< frames of the unfinished message; 0: there is none
    Utf8Checker utf8_;  ///< over the unfinished text message; complete between messages
    std::array<unsigned char, 14> header_{};  ///< a header that came in pieces
    std::uint8_t header_bytes_ = 0;
    std::uint8_t control_bytes_ = 0;  ///< of a control frame, behind the data in the message
    WebSocketOpcode opcode_ = WebSocketOpcode::continuation;          ///< of the frame
    WebSocketOpcode message_opcode_ = WebSocketOpcode::continuation;  ///< of the message
    bool final_ = false;
    Phase phase_ = Phase::header;
    WebSocketRole role_;
};
static_assert(sizeof(WebSocketDecoder) <= 64, "one per connection");

// -- encoding --------------------------------------------------------------------------------

inline constexpr std::size_t websocket_header_bytes_max = 10;    ///< without a mask
inline constexpr std::size_t websocket_control_bytes_max = 125;  ///< payload, RFC 6455 5.5

using MaskKey = std::array<std::byte, 4>;

/// Size of an unmasked header before that much payload: 2, 4 or 10; a mask adds 4.
constexpr std::size_t frame_header_bytes(std::uint64_t payload_bytes) noexcept {
    if (payload_bytes < 126) return 2;
    return payload_bytes <= 0xffff ? 4 : 10;
}

/// Writes an unmasked header to `target`, which has room for frame_header_bytes(payload_bytes);
/// returns that size.
std::size_t write_frame_header(std::byte* target, WebSocketOpcode opcode,
                               std::uint64_t payload_bytes, bool final = true) noexcept;

/// Appends an unmasked header; the payload follows as it is (server role).
void append_frame_header(std::string& target, WebSocketOpcode opcode, std::uint64_t payload_bytes,
                         bool final = true);

/// Appends a whole unmasked frame (server role).
void append_frame(std::string& target, WebSocketOpcode opcode, Bytes payload, bool final = true);

/// Appends a whole masked frame (client role). RFC 6455 10.3 wants the key unpredictable; the
/// caller draws it.
void append_masked_frame(std::string& target, WebSocketOpcode opcode, Bytes payload, MaskKey key,
                         bool final = true);

/// Appends a close frame; code 1005 gives one without a payload. A reason over 123 bytes is cut
/// where a character ends; it is valid UTF-8.
void append_close(std::string& target, std::uint16_t code, std::string_view reason);
void append_masked_close(std::string& target, std::uint16_t code, std::string_view reason,
                         MaskKey key);

}  // namespace chatd::wire
