#include "chatd/wire/token.hpp"

#include <sodium.h>

#include "chatd/base/assert.hpp"

namespace chatd::wire {

// sodium_init() chooses implementations and opens the kernel's source of chance; SHA-256, base64
// and comparison have one implementation and draw nothing, so nothing is initialized here.

namespace {

constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static_assert(sodium_base64_ENCODED_LEN(sizeof(TokenBytes), variant) == token_text_bytes + 1);
static_assert(sizeof(TokenDigest) == crypto_hash_sha256_BYTES);

}  // namespace

std::string print_token(const TokenBytes& token) {
    std::array<char, token_text_bytes + 1> text{};  // with the zero that libsodium ends it by
    sodium_bin2base64(text.data(), text.size(), token.data(), token.size(), variant);
    return {text.data(), token_text_bytes};
}

std::optional<TokenBytes> parse_token(std::string_view text) noexcept {
    if (text.size() != token_text_bytes) return std::nullopt;
    // libsodium 1.0.18 takes some bytes from 0x80 on for letters where char is signed.
    if (text.find_first_not_of(alphabet) != std::string_view::npos) return std::nullopt;
    TokenBytes token{};
    std::size_t bytes = 0;
    // Without a pointer for the end, everything must have been read.
    const int status = sodium_base642bin(token.data(), token.size(), text.data(), text.size(),
                                         nullptr, &bytes, nullptr, variant);
    if (status != 0 || bytes != token.size()) return std::nullopt;
    return token;
}

TokenDigest hash_token(std::string_view text) noexcept {
    TokenDigest digest{};
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const int status = crypto_hash_sha256(digest.data(), bytes, text.size());
    CHATD_ASSERT(status == 0);
    return digest;
}

bool same_digest(const TokenDigest& left, const TokenDigest& right) noexcept {
    return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace chatd::wire
