#pragma once
// Resume tokens: 256 random bits, written as 43 characters of base64url (RFC 4648 5, no padding).
// Whoever has a token is that session, so only its hash is kept. Plain values, any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatd::wire {

using TokenBytes = std::array<std::uint8_t, 32>;
using TokenDigest = std::array<std::uint8_t, 32>;  ///< SHA-256 (FIPS 180-4)

inline constexpr std::size_t token_text_bytes = 43;

/// The 43 characters of a token; the bytes must come from a generator fit for secrets.
std::string print_token(const TokenBytes& token);

/// Reads exactly 43 characters; nullopt for anything else. A token has one spelling: the two bits
/// that its last character has over must be zero.
std::optional<TokenBytes> parse_token(std::string_view text) noexcept;

/// The hash that a token is kept and looked up by: of its text, whatever that is.
TokenDigest hash_token(std::string_view text) noexcept;

/// Whether two hashes are equal, in a time that does not tell where they differ.
bool same_digest(const TokenDigest& left, const TokenDigest& right) noexcept;

}  // namespace chatd::wire
