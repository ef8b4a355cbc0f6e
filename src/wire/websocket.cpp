#include "chatd/wire/websocket.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "wire/websocket_mask.hpp"

namespace chatd::wire {

namespace {

using Kind = WebSocketStep::Kind;

// std::string::reserve() rounds up to twice the present capacity. From an empty string's inline
// capacity this is below the first allocation made here, so the allowance is kept to the byte.
constexpr std::size_t first_bytes = 64;

constexpr bool is_control(WebSocketOpcode opcode) noexcept {
    return opcode >= WebSocketOpcode::close;
}

void release(std::string& text) noexcept {
    std::string().swap(text);
}

// Makes room for `incoming` more bytes: doubling, so that many small pieces cost O(n), but never
// past `ceiling_bytes`, what the declared lengths can still need. False: the allowance forbids it.
bool make_room(std::string& message, std::size_t incoming, std::size_t ceiling_bytes,
               std::size_t allowance) noexcept {
    const std::size_t capacity = message.capacity();
    const std::size_t needed = message.size() + incoming;
    if (needed <= capacity) return true;
    const std::size_t least = std::max(needed, first_bytes);
    if (least - capacity > allowance) return false;
    std::size_t wanted = std::max(least, std::min(2 * capacity, ceiling_bytes));
    if (wanted - capacity > allowance) wanted = least;
    std::string larger;
    larger.reserve(wanted);
    larger.append(message);
    message = std::move(larger);
    return true;
}

// A buffer of at least that size whose content is nobody's.
std::byte* scratch_of(std::string& scratch, std::size_t bytes) noexcept {
    if (scratch.size() < bytes) scratch.resize(bytes);
    return reinterpret_cast<std::byte*>(scratch.data());
}

std::uint64_t big_endian(const unsigned char* bytes, std::size_t count) noexcept {
    std::uint64_t number = 0;
    for (std::size_t index = 0; index < count; ++index)
        number = number << 8 | bytes[index];
    return number;
}

WebSocketRefusal check_long_form(std::uint64_t payload_bytes, std::size_t length_bytes) noexcept {
    if (payload_bytes >> 63 != 0) return {close_code::protocol_error, "length past 2^63-1"};
    // RFC 6455 5.2: the minimal number of bytes is used to encode the length.
    if (frame_header_bytes(payload_bytes) != 2 + length_bytes) {
        return {close_code::protocol_error, "length not in its shortest form"};
    }
    return {};
}

}  // namespace

bool close_code_valid(std::uint16_t code) noexcept {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

WebSocketStep WebSocketDecoder::step(Bytes input, const WebSocketLimits& limits,
                                     const WebSocketMemory& memory) noexcept {
    // One huge message must not leave a huge scratch buffer behind.
    if (memory.scratch.size() > limits::websocket_scratch_bytes_max) release(memory.scratch);

    // Filled in place all the way down: returning it by value from each function costs 10 ns.
    WebSocketStep found;
    std::size_t consumed = 0;
    while (consumed < input.size() && phase_ != Phase::ended) {
        const Bytes rest = input.subspan(consumed);
        consumed += phase_ == Phase::header ? start_frame(rest, limits, memory, found)
                                            : continue_frame(rest, limits, memory, found);
        if (found.kind == Kind::none) continue;
        found.consumed = found.kind == Kind::failed ? input.size() : consumed;
        return found;
    }
    found.consumed = input.size();
    return found;
}

// Takes a header and as much of the payload as there is. Returns how much of the input that was.
std::size_t WebSocketDecoder::start_frame(Bytes input, const WebSocketLimits& limits,
                                          const WebSocketMemory& memory,
                                          WebSocketStep& found) noexcept {
    Header header;
    const std::size_t header_bytes = read_header(input, limits, memory.message.size(), header);
    if (header.refusal) {
        fail(header.refusal, memory.message, found);
        return header_bytes;
    }
    if (header.bytes == 0) return input.size();

    const Bytes rest = input.subspan(header_bytes);
    const bool whole = header.payload_bytes <= rest.size();
    const Bytes piece = whole ? rest.first(header.payload_bytes) : rest;
    const bool alone = header.final && fragment_count_ == 0;
    if (whole && (alone || is_control(header.opcode))) {
        take_whole(header, piece, memory, found);
    } else {
        begin_frame(header);
        take_payload(piece, limits, memory, found);
    }
    return header_bytes + piece.size();
}

std::size_t WebSocketDecoder::continue_frame(Bytes input, const WebSocketLimits& limits,
                                             const WebSocketMemory& memory,
                                             WebSocketStep& found) noexcept {
    const Bytes piece = input.first(std::min<std::uint64_t>(payload_left_, input.size()));
    take_payload(piece, limits, memory, found);
    return piece.size();
}

WebSocketRefusal WebSocketDecoder::check_first_byte(unsigned byte,
                                                    const WebSocketLimits& limits) const noexcept {
    const auto opcode = static_cast<WebSocketOpcode>(byte & 0x0f);
    // RFC 6455 5.2: reserved bits mean extensions, and none is negotiated.
    if ((byte & 0x70) != 0) return {close_code::protocol_error, "reserved bits are set"};
    if (is_control(opcode)) {
        if (opcode > WebSocketOpcode::pong) return {close_code::protocol_error, "unknown opcode"};
        // RFC 6455 5.5: control frames are not fragmented.
        const bool final = (byte & 0x80) != 0;
        return final ? WebSocketRefusal{}
                     : WebSocketRefusal{close_code::protocol_error, "fragmented control frame"};
    }
    if (opcode > WebSocketOpcode::binary) return {close_code::protocol_error, "unknown opcode"};
    if (opcode != WebSocketOpcode::continuation) {
        if (fragment_count_ == 0) return {};
        return {close_code::protocol_error, "new message inside a message"};
    }
    if (fragment_count_ == 0) return {close_code::protocol_error, "continuation of no message"};
    if (fragment_count_ < limits.fragments_max) return {};
    return {close_code::too_big, "too many fragments"};
}

WebSocketRefusal WebSocketDecoder::check_second_byte(unsigned byte,
                                                     WebSocketOpcode opcode) const noexcept {
    const bool masked = (byte & 0x80) != 0;
    if (masked != (role_ == WebSocketRole::server)) {
        return {close_code::protocol_error,
                masked ? "frames to a client are not masked" : "client frames are masked"};
    }
    if (is_control(opcode) && (byte & 0x7f) > websocket_control_bytes_max) {
        return {close_code::protocol_error, "control frame over 125 bytes"};
    }
    return {};
}

// Reads as much of a header as there is. The checks stand in the order of the bytes they look at,
// so the same stream fails with the same code wherever it is cut.
void WebSocketDecoder::inspect(const unsigned char* bytes, std::size_t available,
                               const WebSocketLimits& limits, std::size_t message_bytes,
                               Header& header) const noexcept {
    header.opcode = static_cast<WebSocketOpcode>(bytes[0] & 0x0f);
    header.final = (bytes[0] & 0x80) != 0;
    header.refusal = check_first_byte(bytes[0], limits);
    if (header.refusal || available < 2) return;
    header.refusal = check_second_byte(bytes[1], header.opcode);
    if (header.refusal) return;

    const unsigned length_form = bytes[1] & 0x7f;
    const std::size_t length_bytes = length_form < 126 ? 0 : (length_form == 126 ? 2 : 8);
    if (available < 2 + length_bytes) return;
    header.payload_bytes = length_form;
    if (length_bytes != 0) {
        header.payload_bytes = big_endian(bytes + 2, length_bytes);
        header.refusal = check_long_form(header.payload_bytes, length_bytes);
        if (header.refusal) return;
    }
    const bool too_big = message_bytes > limits.message_bytes_max ||
                         header.payload_bytes > limits.message_bytes_max - message_bytes;
    if (too_big && !is_control(header.opcode)) {
        header.refusal = {close_code::too_big, "message too big"};
        return;
    }
    const std::size_t mask_bytes = role_ == WebSocketRole::server ? sizeof header.mask : 0;
    if (available < 2 + length_bytes + mask_bytes) return;
    if (mask_bytes != 0) std::memcpy(&header.mask, bytes + 2 + length_bytes, sizeof header.mask);
    header.bytes = static_cast<std::uint8_t>(2 + length_bytes + mask_bytes);
}

// Reads a header in place where it is whole, otherwise byte by byte into header_. Returns how many
// bytes it took.
std::size_t WebSocketDecoder::read_header(Bytes input, const WebSocketLimits& limits,
                                          std::size_t message_bytes, Header& header) noexcept {
    if (header_bytes_ == 0) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
        inspect(bytes, input.size(), limits, message_bytes, header);
        if (header.bytes != 0 || header.refusal) return header.bytes;
    }
    std::size_t taken = 0;
    while (taken < input.size()) {
        CHATD_ASSERT(header_bytes_ < header_.size());
        header_[header_bytes_++] = std::to_integer<unsigned char>(input[taken++]);
        inspect(header_.data(), header_bytes_, limits, message_bytes, header);
        if (header.bytes != 0 || header.refusal) {
            header_bytes_ = 0;
            break;
        }
    }
    return taken;
}

// A frame that is a whole event and stands whole in the input: it never touches the connection's
// own memory. An unmasked one is handed out where it stands.
void WebSocketDecoder::take_whole(const Header& header, Bytes payload,
                                  const WebSocketMemory& memory, WebSocketStep& found) noexcept {
    bool ascii = false;
    if (role_ == WebSocketRole::server) {
        std::byte* target = scratch_of(memory.scratch, payload.size());
        ascii = copy_masked(target, payload, header.mask);
        payload = {target, payload.size()};
    }
    if (header.opcode == WebSocketOpcode::text && !ascii && !utf8_valid(payload)) {
        return fail({close_code::bad_payload, "text is not UTF-8"}, memory.message, found);
    }
    return deliver(header.opcode, payload, memory.message, found);
}

void WebSocketDecoder::begin_frame(const Header& header) noexcept {
    opcode_ = header.opcode;
    final_ = header.final;
    mask_ = header.mask;
    payload_left_ = header.payload_bytes;
    phase_ = Phase::payload;
    if (is_control(opcode_)) return;
    if (fragment_count_ == 0) message_opcode_ = opcode_;
    ++fragment_count_;
}

// Appends a piece of the frame's payload to the message. A control frame's pieces stand behind
// the data: no data byte can come before the control frame is whole and taken off again.
void WebSocketDecoder::take_payload(Bytes piece, const WebSocketLimits& limits,
                                    const WebSocketMemory& memory, WebSocketStep& found) noexcept {
    std::string& message = memory.message;
    const bool control = is_control(opcode_);
    const std::size_t ceiling_bytes = final_ ? message.size() + payload_left_  //
                                             : limits.message_bytes_max;
    if (!make_room(message, piece.size(), ceiling_bytes, memory.allowance)) {
        return fail({close_code::busy, "too many unfinished messages, try again later"}, message,
                    found);
    }
    const std::size_t start = message.size();
    bool ascii = false;
    message.resize_and_overwrite(start + piece.size(), [&](char* text, std::size_t bytes) {
        ascii = copy_masked(reinterpret_cast<std::byte*>(text + start), piece, mask_);
        return bytes;
    });
    mask_ = mask_after(mask_, piece.size());
    payload_left_ -= piece.size();
    if (control) {
        control_bytes_ = static_cast<std::uint8_t>(control_bytes_ + piece.size());
    } else if (message_opcode_ == WebSocketOpcode::text && !(ascii && utf8_.complete())) {
        if (!utf8_.push(as_bytes(message).subspan(start))) {
            return fail({close_code::bad_payload, "text is not UTF-8"}, message, found);
        }
    }
    if (payload_left_ == 0) finish_frame(memory, found);
}

void WebSocketDecoder::finish_frame(const WebSocketMemory& memory, WebSocketStep& found) noexcept {
    std::string& message = memory.message;
    phase_ = Phase::header;
    if (is_control(opcode_)) {
        const std::size_t bytes = std::exchange(control_bytes_, std::uint8_t{0});
        const std::size_t data_bytes = message.size() - bytes;
        std::byte* target = scratch_of(memory.scratch, bytes);
        if (bytes != 0) std::memcpy(target, message.data() + data_bytes, bytes);
        message.resize(data_bytes);
        if (fragment_count_ == 0) release(message);
        return deliver(opcode_, {target, bytes}, message, found);
    }
    if (!final_) return;
    if (message_opcode_ == WebSocketOpcode::text && !utf8_.complete()) {
        return fail({close_code::bad_payload, "text is not UTF-8"}, message, found);
    }
    fragment_count_ = 0;
    const std::size_t bytes = message.size();
    if (bytes <= memory.scratch.size()) {
        std::memcpy(memory.scratch.data(), message.data(), bytes);
    } else {
        memory.scratch = std::move(message);
    }
    release(message);
    return deliver(message_opcode_, as_bytes(memory.scratch).first(bytes), message, found);
}

void WebSocketDecoder::deliver(WebSocketOpcode opcode, Bytes payload, std::string& message,
                               WebSocketStep& found) noexcept {
    found.payload = payload;
    switch (opcode) {
        case WebSocketOpcode::text:
            found.kind = Kind::text;
            return;
        case WebSocketOpcode::binary:
            found.kind = Kind::binary;
            return;
        case WebSocketOpcode::ping:
            found.kind = Kind::ping;
            return;
        case WebSocketOpcode::pong:
            found.kind = Kind::pong;
            return;
        case WebSocketOpcode::close:
            return deliver_close(payload, message, found);
        case WebSocketOpcode::continuation:
            break;
    }
    CHATD_ASSERT(false);
}

void WebSocketDecoder::deliver_close(Bytes payload, std::string& message,
                                     WebSocketStep& found) noexcept {
    // RFC 6455 5.5.1: empty, or a code of two bytes in network order and a reason in UTF-8.
    std::uint16_t code = close_code::none;
    if (!payload.empty()) {
        if (payload.size() == 1) {
            return fail({close_code::protocol_error, "close frame of one byte"}, message, found);
        }
        code = static_cast<std::uint16_t>(std::to_integer<unsigned>(payload[0]) << 8 |
                                          std::to_integer<unsigned>(payload[1]));
        payload = payload.subspan(2);
        if (!close_code_valid(code)) {
            return fail({close_code::protocol_error, "close code not allowed"}, message, found);
        }
        if (!utf8_valid(payload)) {
            return fail({close_code::bad_payload, "close reason is not UTF-8"}, message, found);
        }
    }
    release(message);
    phase_ = Phase::ended;
    found.kind = Kind::close;
    found.code = code;
    found.payload = payload;
}

void WebSocketDecoder::fail(WebSocketRefusal refusal, std::string& message,
                            WebSocketStep& found) noexcept {
    release(message);
    phase_ = Phase::ended;
    found.kind = Kind::failed;
    found.code = refusal.code;
    found.payload = as_bytes(refusal.reason);
}

}  // namespace chatd::wire
