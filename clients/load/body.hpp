#pragma once
// What chatload says: a body of a given size that begins with a stamp, so that whoever hears it
// can tell who said it, which one of theirs it is and when it was due. The rest is a filler known
// to both ends. Everything is printable ASCII without blanks, so any line or frame carries it.
//
//     ~  rrrrpppp  ssssssss  tttttttt  filler...
//     |  run and   sequence  due time
//     marker  publisher      (each word: 48 bits, six to a character, low ones first)
//
// Plain values, one thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatd::load {

inline constexpr std::size_t word_bytes = 8;
inline constexpr std::size_t stamp_bytes = 1 + 3 * word_bytes;
inline constexpr std::size_t body_bytes_max = 4096;  ///< the most a chatd line holds

/// A 48-bit word as eight characters from '0' to 'o'. Bits above the 48th are dropped.
std::uint64_t word_encoded(std::uint64_t value) noexcept;

/// The value of eight characters loaded as one little-endian word, or nothing when one of them
/// is outside the alphabet. Branch free but for that: it runs once a word of every delivery.
constexpr std::optional<std::uint64_t> word_decoded(std::uint64_t characters) noexcept {
    std::uint64_t bits = characters - 0x3030303030303030U;
    if ((bits & 0xc0c0c0c0c0c0c0c0U) != 0) return std::nullopt;
    bits = (bits & 0x003f003f003f003fU) | ((bits & 0x3f003f003f003f00U) >> 2);
    bits = (bits & 0x00000fff00000fffU) | ((bits & 0x0fff00000fff0000U) >> 4);
    return (bits & 0xffffffU) | ((bits >> 8) & 0xffffff000000U);
}

struct Stamp {
    std::uint32_t run = 0;        ///< tells this run's bodies from another's
    std::uint16_t publisher = 0;  ///< index among the run's publishers
    std::uint64_t sequence = 0;   ///< from 0, per publisher
    std::uint64_t due_ns = 0;     ///< intended send time, since the run began
    friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// Writes and checks bodies of one size (stamp_bytes to body_bytes_max).
class BodyForm {
public:
    explicit BodyForm(std::size_t body_bytes);

    std::size_t bytes() const noexcept { return form_.size(); }
    /// The body for this stamp; valid until the next call.
    std::string_view write(const Stamp& stamp) noexcept;
    /// The stamp at the beginning of a body, or nothing when there is none.
    static std::optional<Stamp> read(std::string_view body) noexcept;
    /// Whether what follows the stamp arrived unchanged, nothing cut and nothing added.
    bool filler_is_intact(std::string_view body) const noexcept;

private:
    std::string form_;
};

}  // namespace chatd::load
