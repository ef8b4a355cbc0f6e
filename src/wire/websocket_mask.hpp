#pragma once
// Masking (RFC 6455 5.3) eight bytes at a time; the same operation masks and unmasks. The mask is
// held as the four bytes of the header in memory order, turned as the payload advances.

#include <bit>
#include <cstdint>
#include <cstring>

#include "chatd/base/bytes.hpp"

namespace chatd::wire {

/// The mask as it fits the byte after `bytes` more of payload.
constexpr std::uint32_t mask_after(std::uint32_t mask, std::size_t bytes) noexcept {
    const int turn = static_cast<int>(bytes % 4) * 8;
    return std::endian::native == std::endian::little ? std::rotr(mask, turn)
                                                      : std::rotl(mask, turn);
}

/// Copies `source` to `target` with the mask applied (0 copies plainly). The ranges do not overlap.
/// Returns whether the result is ASCII: most text is, and then needs no further UTF-8 check.
inline bool copy_masked(std::byte* target, Bytes source, std::uint32_t mask) noexcept {
    constexpr std::size_t word_bytes = sizeof(std::uint64_t);
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    const std::byte* from = source.data();
    std::size_t left = source.size();
    const std::uint64_t wide_mask = std::uint64_t{mask} << 32 | mask;
    std::uint64_t seen = 0;
    const auto copy_word = [&seen](std::byte* to, const std::byte* word_at, std::uint64_t key) {
        std::uint64_t word;
        std::memcpy(&word, word_at, word_bytes);
        word ^= key;
        seen |= word;
        std::memcpy(to, &word, word_bytes);
    };
    for (; left >= 4 * word_bytes; left -= 4 * word_bytes) {
        for (std::size_t offset = 0; offset < 4 * word_bytes; offset += word_bytes) {
            copy_word(target + offset, from + offset, wide_mask);
        }
        target += 4 * word_bytes;
        from += 4 * word_bytes;
    }
    for (; left >= word_bytes; left -= word_bytes) {
        copy_word(target, from, wide_mask);
        target += word_bytes;
        from += word_bytes;
    }
    for (; left > 0; --left) {
        std::byte mask_byte;
        std::memcpy(&mask_byte, &mask, 1);
        *target = *from++ ^ mask_byte;
        seen |= std::to_integer<std::uint64_t>(*target++);
        mask = mask_after(mask, 1);
    }
    return (seen & high_bits) == 0;
}

}  // namespace chatd::wire
