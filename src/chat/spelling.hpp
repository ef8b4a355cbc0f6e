#pragma once
// A name's fold or skeleton (chat/names.hpp) on the stack. The names must be within
// limits::name_bytes_max, which the caller has checked.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "chatd/base/ascii.hpp"
#include "chatd/base/limits.hpp"

namespace chatd::chat {

/// Holds twice a name, as a skeleton may need; zeros follow the text, so that it hashes in words.
class Spelling {
public:
    constexpr void push_back(char c) noexcept { bytes_[size_++] = c; }
    constexpr std::string_view text() const noexcept { return {bytes_.data(), size_}; }

    /// A 32-bit hash that cannot be aimed at without knowing the salt.
    std::uint32_t hash(std::uint64_t salt) const noexcept {
        std::uint64_t mixed = salt + size_;
        for (std::size_t at = 0; at < size_; at += sizeof(std::uint64_t)) {
            std::uint64_t word;
            std::memcpy(&word, bytes_.data() + at, sizeof word);
            mixed = mix(mixed ^ word);
        }
        return static_cast<std::uint32_t>(mixed >> 32);
    }

private:
    /// The finaliser of splitmix64, as in base/prng.hpp.
    static constexpr std::uint64_t mix(std::uint64_t word) noexcept {
        word += 0x9e3779b97f4a7c15U;
        word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
        word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
        return word ^ (word >> 31);
    }

    std::array<char, 2 * limits::name_bytes_max> bytes_{};
    std::size_t size_ = 0;
};
static_assert(2 * limits::name_bytes_max % sizeof(std::uint64_t) == 0);

/// Writes the fold of `name` to anything with push_back().
template <class Out>
constexpr void write_fold(std::string_view name, Out& out) {
    for (const char c : name)
        out.push_back(ascii_lower(c));
}

/// Writes the skeleton of `name`, at most two characters for one.
template <class Out>
constexpr void write_skeleton(std::string_view name, Out& out) {
    char previous = '\0';
    for (const char c : name) {
        switch (c) {
            case 'I':
            case '1':
                out.push_back('l');
                break;
            case '0':
                out.push_back('o');
                break;
            case 'm':
            case 'M':
                out.push_back('r');
                out.push_back('n');
                break;
            case 'w':
            case 'W':
                out.push_back('v');
                out.push_back('v');
                break;
            case '-':
            case '_':
                if (previous != '-' && previous != '_') out.push_back('-');
                break;
            default:
                out.push_back(ascii_lower(c));
        }
        previous = c;
    }
}

constexpr Spelling fold_of(std::string_view name) {
    Spelling spelling;
    write_fold(name, spelling);
    return spelling;
}

constexpr Spelling skeleton_of(std::string_view name) {
    Spelling spelling;
    write_skeleton(name, spelling);
    return spelling;
}

}  // namespace chatd::chat
