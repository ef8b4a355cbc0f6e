#include "wire/sha1.hpp"

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string hex_digest(std::string_view message) {
    const test::Guarded guarded(message);
    std::string hex;
    for (const std::byte byte : sha1(guarded.bytes())) {
        hex += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    }
    return hex;
}

}  // namespace

TEST_CASE("the test vectors of RFC 3174 7.3", "[wire][sha1]") {
    CHECK(hex_digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(hex_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    CHECK(hex_digest(std::string(1'000'000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    std::string digits;
    for (int time = 0; time < 80; ++time)
        digits += "01234567";
    CHECK(hex_digest(digits) == "dea356a2cddd90c7a7ecedc5ebb563934f460452");
    CHECK(hex_digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST_CASE("padding at every length around a block's end", "[wire][sha1]") {
    CHECK(hex_digest(std::string(55, 'a')) == "c1c8bbdc22796e28c0e15163d20899b65621d65a");
    CHECK(hex_digest(std::string(56, 'a')) == "c2db330f6083854c99d4b5bfb6e8f29f201be699");
    CHECK(hex_digest(std::string(63, 'a')) == "03f09f5b158a7a8cdad920bddc29b81c18a551f5");
    CHECK(hex_digest(std::string(64, 'a')) == "0098ba824b5c16427bd7a1122a5a442a25ec644d");
    CHECK(hex_digest(std::string(65, 'a')) == "11655326c708d70319be2610e8a57d9a5b959d3b");
}
