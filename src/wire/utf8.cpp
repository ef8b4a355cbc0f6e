#include "chatd/wire/utf8.hpp"

#include <simdjson.h>

#include <cstring>

namespace chatd::wire {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

/// How many bytes at the start of `bytes` are surely ASCII, counted in whole words.
std::size_t ascii_prefix(const std::uint8_t* bytes, std::size_t count) noexcept {
    std::size_t done = 0;
    for (; count - done >= sizeof(std::uint64_t); done += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, bytes + done, sizeof word);
        if ((word & high_bits) != 0) break;
    }
    return done;
}

}  // namespace

bool utf8_valid(Bytes text) noexcept {
    return text.empty() || simdjson::validate_utf8(as_text(text));
}

/// RFC 3629 4. The second byte's range is narrower after E0 and F0 (no overlong forms), after ED
/// (no surrogates) and after F4 (nothing above U+10FFFF); C0, C1 and F5..FF begin no character.
bool Utf8Checker::begin(std::uint8_t lead, State& state) noexcept {
    if (lead < 0x80) return true;
    if (lead < 0xc2 || lead > 0xf4) return false;
    state = {};
    state.following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (lead == 0xe0) state.low = 0xa0;
    if (lead == 0xed) state.high = 0x9f;
    if (lead == 0xf0) state.low = 0x90;
    if (lead == 0xf4) state.high = 0x8f;
    return true;
}

bool Utf8Checker::push(Bytes more) noexcept {
    if (failed_) return false;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(more.data());
    const std::size_t count = more.size();
    State state = state_;
    for (std::size_t at = 0; at < count; ++at) {
        if (state.following == 0) {
            at += ascii_prefix(bytes + at, count - at);
            if (at == count) break;
            failed_ = !begin(bytes[at], state);
        } else {
            failed_ = bytes[at] < state.low || bytes[at] > state.high;
            state = {static_cast<std::uint8_t>(state.following - 1), 0x80, 0xbf};
        }
        if (failed_) return false;
    }
    state_ = state;
    return true;
}

}  // namespace chatd::wire
