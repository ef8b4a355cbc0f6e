#pragma once
// UUIDs (RFC 9562): 16 bytes in network order, written as 36 lower-case characters. Version 7
// begins with 48 bits of Unix milliseconds, so ids sort by time. Plain values, any thread.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/position.hpp"

namespace chatd {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    /// All zero: none.
    explicit constexpr operator bool() const noexcept { return *this != Uuid{}; }
    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
};

inline constexpr std::size_t uuid_text_bytes = 36;

/// Version 7 (RFC 9562 5.7) of that millisecond; `high` and `low` are random, 12 and 62 bits of
/// them are used.
Uuid make_uuid7(UnixMs at, std::uint64_t high, std::uint64_t low) noexcept;

/// The milliseconds that a version 7 id begins with.
UnixMs time_of(const Uuid& id) noexcept;

/// The 36 characters, "0197f3b2-…".
std::array<char, uuid_text_bytes> uuid_text(const Uuid& id) noexcept;

/// Appends them.
void append_uuid(std::string& out, const Uuid& id);

/// Reads exactly 36 characters, in either case; nullopt for anything else.
std::optional<Uuid> parse_uuid(std::string_view text) noexcept;

}  // namespace chatd
