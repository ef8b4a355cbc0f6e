// The encoding half of wire/websocket.hpp.

#include <algorithm>
#include <cstring>

#include "chatd/base/assert.hpp"
#include "chatd/wire/websocket.hpp"
#include "wire/websocket_mask.hpp"

namespace chatd::wire {

namespace {

constexpr std::size_t close_code_bytes = 2;

/// The longest prefix of at most `bytes_max` bytes that ends where a character does.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return text.substr(0, end);
}

struct ClosePayload {
    std::array<std::byte, websocket_control_bytes_max> storage{};
    std::size_t used_bytes = 0;
    Bytes bytes() const noexcept { return Bytes(storage).first(used_bytes); }
};

ClosePayload close_payload(std::uint16_t code, std::string_view reason) noexcept {
    ClosePayload payload;
    if (code == close_code::none) return payload;
    CHATD_ASSERT(close_code_valid(code));
    payload.storage[0] = static_cast<std::byte>(code >> 8);
    payload.storage[1] = static_cast<std::byte>(code & 0xff);
    const std::string_view kept = cut_utf8(reason, websocket_control_bytes_max - close_code_bytes);
    std::copy_n(as_bytes(kept).begin(), kept.size(), payload.storage.begin() + close_code_bytes);
    payload.used_bytes = close_code_bytes + kept.size();
    return payload;
}

}  // namespace

std::size_t write_frame_header(std::byte* target, WebSocketOpcode opcode,
                               std::uint64_t payload_bytes, bool final) noexcept {
    const std::size_t header_bytes = frame_header_bytes(payload_bytes);
    const unsigned length_form =
        header_bytes == 2 ? static_cast<unsigned>(payload_bytes) : (header_bytes == 4 ? 126 : 127);
    target[0] = static_cast<std::byte>((final ? 0x80U : 0U) | static_cast<unsigned>(opcode));
    target[1] = static_cast<std::byte>(length_form);
    // RFC 6455 5.2: the extended length stands in network byte order.
    for (std::size_t index = header_bytes; index > 2; --index) {
        target[index - 1] = static_cast<std::byte>(payload_bytes & 0xff);
        payload_bytes >>= 8;
    }
    return header_bytes;
}

void append_frame_header(std::string& target, WebSocketOpcode opcode, std::uint64_t payload_bytes,
                         bool final) {
    std::array<std::byte, websocket_header_bytes_max> header;
    append(target,
           Bytes(header).first(write_frame_header(header.data(), opcode, payload_bytes, final)));
}

void append_frame(std::string& target, WebSocketOpcode opcode, Bytes payload, bool final) {
    append_frame_header(target, opcode, payload.size(), final);
    append(target, payload);
}

void append_masked_frame(std::string& target, WebSocketOpcode opcode, Bytes payload, MaskKey key,
                         bool final) {
    const std::size_t start = target.size();
    append_frame_header(target, opcode, payload.size(), final);
    target[start + 1] = static_cast<char>(target[start + 1] | 0x80);
    append(target, key);
    std::uint32_t mask;
    std::memcpy(&mask, key.data(), sizeof mask);
    const std::size_t payload_start = target.size();
    target.resize(payload_start + payload.size());
    copy_masked(reinterpret_cast<std::byte*>(target.data() + payload_start), payload, mask);
}

void append_close(std::string& target, std::uint16_t code, std::string_view reason) {
    append_frame(target, WebSocketOpcode::close, close_payload(code, reason).bytes());
}

void append_masked_close(std::string& target, std::uint16_t code, std::string_view reason,
                         MaskKey key) {
    append_masked_frame(target, WebSocketOpcode::close, close_payload(code, reason).bytes(), key);
}

}  // namespace chatd::wire
