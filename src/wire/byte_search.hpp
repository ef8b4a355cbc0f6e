#pragma once
// Finding the first byte that needs care, sixteen at a time. Most text has none, so codecs that
// escape or split spend their time here. Pure functions, any thread; views are for the call.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace chatd::wire {

/// Sixteen bytes compared at once; both compilers turn this into vector instructions.
using Block [[gnu::vector_size(16)]] = std::uint8_t;

template <class Mask>
bool any(const Mask& mask) noexcept {
    std::uint64_t halves[2];
    static_assert(sizeof halves == sizeof mask);
    std::memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
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
