#include "wire/sha1.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace chatd::wire {

namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;

using State = std::array<std::uint32_t, 5>;

// RFC 3174 6.1, one block.
void mix_block(State& state, const std::byte* block) noexcept {
    std::array<std::uint32_t, 80> words;
    for (std::size_t index = 0; index < 16; ++index) {
        words[index] = 0;
        for (std::size_t byte = 0; byte < 4; ++byte) {
            words[index] =
                words[index] << 8 | std::to_integer<std::uint32_t>(block[4 * index + byte]);
        }
    }
    for (std::size_t index = 16; index < words.size(); ++index) {
        words[index] = std::rotl(
            words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1);
    }
    auto [a, b, c, d, e] = state;
    for (std::size_t index = 0; index < words.size(); ++index) {
        std::uint32_t mixed = 0;
        if (index < 20) {
            mixed = ((b & c) | (~b & d)) + 0x5A827999U;
        } else if (index < 40) {
            mixed = (b ^ c ^ d) + 0x6ED9EBA1U;
        } else if (index < 60) {
            mixed = ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU;
        } else {
            mixed = (b ^ c ^ d) + 0xCA62C1D6U;
        }
        const std::uint32_t next = std::rotl(a, 5) + mixed + e + words[index];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

}  // namespace

Sha1Digest sha1(Bytes message) noexcept {
    State state{0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
    Bytes rest = message;
    for (; rest.size() >= block_bytes; rest = rest.subspan(block_bytes)) {
        mix_block(state, rest.data());
    }
    // RFC 3174 4: a one bit, zeroes, and the length in bits fill the last one or two blocks.
    std::array<std::byte, 2 * block_bytes> tail{};
    std::ranges::copy(rest, tail.begin());
    tail[rest.size()] = std::byte{0x80};
    const std::size_t tail_bytes =
        rest.size() + 1 + length_bytes <= block_bytes ? block_bytes : 2 * block_bytes;
    std::uint64_t message_bits = std::uint64_t{message.size()} * 8;
    for (std::size_t index = 1; index <= length_bytes; ++index) {
        tail[tail_bytes - index] = static_cast<std::byte>(message_bits & 0xff);
        message_bits >>= 8;
    }
    for (std::size_t start = 0; start < tail_bytes; start += block_bytes) {
        mix_block(state, tail.data() + start);
    }
    Sha1Digest digest;
    for (std::size_t index = 0; index < digest.size(); ++index) {
        digest[index] = static_cast<std::byte>(state[index / 4] >> (24 - 8 * (index % 4)) & 0xff);
    }
    return digest;
}

}  // namespace chatd::wire
