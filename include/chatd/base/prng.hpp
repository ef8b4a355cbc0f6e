#pragma once
// A seeded pseudo-random generator (xoshiro256**, seeded by splitmix64). Equal seeds give equal
// sequences on every machine; not for secrets. A plain value, owned by whoever draws from it.

#include <array>
#include <bit>
#include <cstdint>

namespace chatd {

class Prng {
public:
    explicit constexpr Prng(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15U;
            std::uint64_t mixed = seed;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
            word = mixed ^ (mixed >> 31);
        }
    }

    constexpr std::uint64_t next() noexcept {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// A number in [0, bound); 0 when bound is 0. The bias is below 2^-32 for 32-bit bounds.
    constexpr std::uint64_t below(std::uint64_t bound) noexcept {
        return bound == 0 ? 0 : next() % bound;
    }
    /// A number in [low, high], both included.
    constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
        return low + below(high - low + 1);
    }
    constexpr bool chance(std::uint64_t percent) noexcept { return below(100) < percent; }

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace chatd
