#include "wire/base64.hpp"

#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;

TEST_CASE("the test vectors of RFC 4648 10", "[wire][base64]") {
    const std::pair<const char*, const char*> table[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, encoded] : table) {
        const test::Guarded guarded(plain);
        CHECK(base64_encode(guarded.bytes()) == encoded);
        CHECK(base64_decoded_bytes(encoded) == std::string_view(plain).size());
    }
}

TEST_CASE("every letter of the alphabet", "[wire][base64]") {
    std::string bytes;
    for (int value = 0; value < 256; ++value)
        bytes += static_cast<char>(value);
    const std::string encoded = base64_encode(as_bytes(bytes));
    CHECK(encoded.starts_with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"));
    CHECK(encoded.ends_with("8PHy8/T19vf4+fr7/P3+/w=="));
    CHECK(base64_decoded_bytes(encoded) == 256);
}

TEST_CASE("what is not base64", "[wire][base64]") {
    for (const char* bad : {"A", "AA", "AAA", "A===", "====", "AA=A", "=AAA", "AAA-", "AA_A",
                            "AA A", "AAAA\n", "AA==AAAA"}) {
        CAPTURE(bad);
        CHECK_FALSE(base64_decoded_bytes(bad));
    }
}
