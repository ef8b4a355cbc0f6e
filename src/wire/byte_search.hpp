#pragma once
// Finding the first byte that needs care, sixteen at a time. Most text has none, so codecs that
// escape or split spend their time here. Pure functions, any thread; views are for the call.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace chatd::wire {

/// Sixteen bytes compared at once; both compilers turn this into vector instructions.
using Block [[gnu::vector_size(16)]] = std::uint8_t;
using Halves [[gnu::vector_size(16)]] = std::uint64_t;

template <class Mask>
bool any(const Mask& mask) noexcept {
    std::uint64_t halves[2];
    static_assert(sizeof halves == sizeof mask);
    std::memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/// Whether `suspicious` holds for no byte. Shorter texts than a block, which most names are, are
/// looked at in two halves that overlap.
template <class Suspicious>
bool none_suspicious(std::string_view text, Suspicious suspicious) noexcept {
    constexpr std::size_t half = sizeof(Block) / 2;
    const char* const end = text.data() + text.size();
    Block block;
    if (text.size() >= sizeof block) {
        std::memcpy(&block, end - sizeof block, sizeof block);
        for (const char* at = text.data(); at < end - sizeof block; at += sizeof block) {
            Block other;
            std::memcpy(&other, at, sizeof other);
            if (any(suspicious(other))) return false;
        }
        return !any(suspicious(block));
    }
    if (text.size() >= half) {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::memcpy(&first, text.data(), half);
        std::memcpy(&last, end - half, half);
        const Halves halves{first, last};
        std::memcpy(&block, &halves, sizeof block);
        return !any(suspicious(block));
    }
    return std::none_of(text.begin(), text.end(),
                        [&](char byte) { return suspicious(static_cast<std::uint8_t>(byte)); });
}

/// The position at or after `at` of the first byte for which `suspicious` holds, or the size.
/// `suspicious` works on a byte and on a Block alike.
template <class Suspicious>
std::size_t find_suspicious(std::string_view text, std::size_t at, Suspicious suspicious) noexcept {
    for (; text.size() - at >= sizeof(Block); at += sizeof(Block)) {
        Block block;
        std::memcpy(&block, text.data() + at, sizeof block);
        if (any(suspicious(block))) break;
    }
    while (at < text.size() && !suspicious(static_cast<std::uint8_t>(text[at])))
        ++at;
    return at;
}

}  // namespace chatd::wire
