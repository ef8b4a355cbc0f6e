#include "chatd/base/uuid.hpp"

#include <string>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;

namespace {

std::string text_of(const Uuid& id) {
    std::string text;
    append_uuid(text, id);
    return text;
}

constexpr UnixMs time_ms_max = (UnixMs{1} << 48) - 1;

}  // namespace

TEST_CASE("the example of RFC 9562 appendix A.6 is made from its parts", "[base][uuid]") {
    const Uuid id = make_uuid7(0x017f22e279b0, 0xcc3, 0x18c4dc0c0c07398f);
    CHECK(text_of(id) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    CHECK(time_of(id) == 1'645'557'742'000);
}

TEST_CASE("only the random bits that have a place are used", "[base][uuid]") {
    CHECK(text_of(make_uuid7(0, ~std::uint64_t{0}, ~std::uint64_t{0})) ==
          "00000000-0000-7fff-bfff-ffffffffffff");
    CHECK(text_of(make_uuid7(time_ms_max, 0, 0)) == "ffffffff-ffff-7000-8000-000000000000");
    CHECK(make_uuid7(5, 0x1001, 9) == make_uuid7(5, 0x0001, 9));
}

TEST_CASE("ids sort by their time, as bytes and as text", "[base][uuid]") {
    Prng prng(1);
    for (int round = 0; round < 2'000; ++round) {
        const auto earlier = static_cast<UnixMs>(prng.below(time_ms_max));
        const auto later = earlier + 1 + static_cast<UnixMs>(prng.below(1'000));
        if (later > time_ms_max) continue;
        const Uuid first = make_uuid7(earlier, prng.next(), prng.next());
        const Uuid second = make_uuid7(later, prng.next(), prng.next());
        CHECK(first < second);
        CHECK(text_of(first) < text_of(second));
        CHECK(time_of(first) == earlier);
        CHECK(time_of(second) == later);
    }
}

TEST_CASE("an id is read back from its text, in either case", "[base][uuid]") {
    Prng prng(2);
    for (int round = 0; round < 2'000; ++round) {
        const Uuid id =
            make_uuid7(static_cast<UnixMs>(prng.below(time_ms_max)), prng.next(), prng.next());
        std::string text = text_of(id);
        REQUIRE(text.size() == uuid_text_bytes);
        CHECK(parse_uuid(test::Guarded(text).text()) == id);
        for (char& letter : text)
            if (letter >= 'a' && letter <= 'f') letter = static_cast<char>(letter - 'a' + 'A');
        CHECK(parse_uuid(text) == id);
    }
}

TEST_CASE("an id of zeros is none, any other is one", "[base][uuid]") {
    CHECK_FALSE(Uuid{});
    CHECK(make_uuid7(0, 0, 0));
    CHECK(parse_uuid("00000000-0000-0000-0000-000000000000") == Uuid{});
}

TEST_CASE("what is not exactly an id is refused", "[base][uuid]") {
    const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    REQUIRE(parse_uuid(good));
    test::for_every_cut(good, [&](std::string_view first, std::string_view) {
        if (first.size() < good.size()) CHECK_FALSE(parse_uuid(test::Guarded(first).text()));
    });
    CHECK_FALSE(parse_uuid(good + "0"));
    CHECK_FALSE(parse_uuid("{17f22e2-79b0-7cc3-98c4-dc0c0c07398}"));
    CHECK_FALSE(parse_uuid("017f22e279b07cc398c4dc0c0c07398f0000"));
    for (std::size_t index = 0; index < good.size(); ++index) {
        for (const char wrong : {'g', ' ', '/', ':', '@', '`', '\0'}) {
            CAPTURE(index, wrong);
            std::string bad = good;
            bad[index] = wrong;
            CHECK_FALSE(parse_uuid(bad));
        }
        std::string moved = good;
        moved[index] = moved[index] == '-' ? '0' : '-';
        CHECK_FALSE(parse_uuid(moved));
    }
}
