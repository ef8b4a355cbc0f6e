#include "chatd/wire/token.hpp"

#include <string>

#include "chatd/base/bytes.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/wire/hex.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string hex_of(const TokenDigest& digest) {
    std::string hex = print_hex(std::as_bytes(std::span(digest)));
    std::erase(hex, ' ');
    return hex;
}

TokenBytes random_token(Prng& prng) {
    TokenBytes token;
    for (auto& byte : token)
        byte = static_cast<std::uint8_t>(prng.below(256));
    return token;
}

}  // namespace

TEST_CASE("a token is written in the URL-safe alphabet without padding", "[wire][token]") {
    TokenBytes token{};
    CHECK(print_token(token) == std::string(43, 'A'));
    token.fill(0xff);
    CHECK(print_token(token) == std::string(42, '_') + "8");
    token.fill(0xfb);
    CHECK(print_token(token) == "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s");
}

TEST_CASE("a token is read back from its text", "[wire][token]") {
    Prng prng(1);
    for (int round = 0; round < 2'000; ++round) {
        const TokenBytes token = random_token(prng);
        const std::string text = print_token(token);
        REQUIRE(text.size() == token_text_bytes);
        CHECK(parse_token(test::Guarded(text).text()) == token);
    }
}

TEST_CASE("what is not exactly a token is refused", "[wire][token]") {
    Prng prng(2);
    const std::string good = print_token(random_token(prng));
    REQUIRE(parse_token(good));
    test::for_every_cut(good, [&](std::string_view first, std::string_view) {
        if (first.size() < good.size()) CHECK_FALSE(parse_token(test::Guarded(first).text()));
    });
    CHECK_FALSE(parse_token(good + "A"));
    CHECK_FALSE(parse_token(good + "="));
    CHECK_FALSE(parse_token(good.substr(1) + "="));
    const std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t index = 0; index < good.size(); ++index) {
        for (int value = 0; value < 256; ++value) {
            const char wrong = static_cast<char>(value);
            if (alphabet.find(wrong) != std::string_view::npos) continue;
            CAPTURE(index, value);
            std::string bad = good;
            bad[index] = wrong;
            CHECK_FALSE(parse_token(bad));
        }
    }
}

TEST_CASE("a token has one spelling", "[wire][token]") {
    // 'A' is six zero bits; the last two of the 43rd character stand for nothing.
    const std::string head(42, 'A');
    CHECK(parse_token(head + "A"));
    CHECK(parse_token(head + "E"));
    for (const char last : {'B', 'C', 'D', 'F', '9', '_'}) {
        CAPTURE(last);
        CHECK_FALSE(parse_token(head + last));
    }
}

TEST_CASE("a token is hashed as FIPS 180-4 says", "[wire][token]") {
    CHECK(hex_of(hash_token("")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex_of(hash_token("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_of(hash_token("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("digests are equal only if every byte is", "[wire][token]") {
    const TokenDigest digest = hash_token("abc");
    CHECK(same_digest(digest, hash_token("abc")));
    for (std::size_t index = 0; index < digest.size(); ++index) {
        TokenDigest other = digest;
        other[index] ^= 1;
        CHECK_FALSE(same_digest(digest, other));
    }
}
