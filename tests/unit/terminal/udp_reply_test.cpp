#include "udp_reply.hpp"

#include <string>

#include "chatd/base/prng.hpp"
#include "chatd/wire/hex.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;
using namespace std::chrono_literals;

namespace {

std::string shown(std::string_view bytes, PrintStyle style, bool time = false) {
    std::string out;
    append_reply(out, as_bytes(bytes), style, 1234567ns, time);
    return out;
}

Payload bytes_of(std::string_view text) {
    const Bytes bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a reply in each style", "[terminal][udp_reply]") {
    CHECK(shown("hi", PrintStyle::automatic) == "hi\n");
    CHECK(shown("hi\n", PrintStyle::automatic) == "hi\n");
    CHECK(shown("\xff", PrintStyle::automatic) == wire::print_dump(as_bytes("\xff")));
    CHECK(shown("a\x1b\nb", PrintStyle::text) == "a␛\nb\n");
    CHECK(shown("hi", PrintStyle::hex) == "68 69\n");
    CHECK(shown("hi", PrintStyle::dump) == wire::print_dump(as_bytes("hi")));
    CHECK(shown("hi", PrintStyle::json) == R"({"after_ms":1.235,"length":2,"hex":"6869"})"
                                           "\n");
    CHECK(shown("h\x1b\n", PrintStyle::raw) == "h\x1b\n");
}

TEST_CASE("an empty reply is a line too", "[terminal][udp_reply]") {
    for (const auto style :
         {PrintStyle::automatic, PrintStyle::text, PrintStyle::hex, PrintStyle::dump}) {
        CHECK(shown("", style) == "\n");
    }
    CHECK(shown("", PrintStyle::json) == R"({"after_ms":1.235,"length":0,"hex":""})"
                                         "\n");
    CHECK(shown("", PrintStyle::raw).empty());
}

TEST_CASE("the time stands before the bytes", "[terminal][udp_reply]") {
    CHECK(shown("hi", PrintStyle::automatic, true) == "+1.235ms 2B hi\n");
    CHECK(shown("hi", PrintStyle::hex, true) == "+1.235ms 2B 68 69\n");
    CHECK(shown("hi", PrintStyle::dump, true) ==
          "+1.235ms 2B\n" + wire::print_dump(as_bytes("hi")));
    CHECK(shown("hi", PrintStyle::raw, true) == "hi");
}

TEST_CASE("whatever comes, no style but raw moves a cursor", "[terminal][udp_reply]") {
    Prng prng(3);
    for (int round = 0; round < 5'000; ++round) {
        std::string bytes;
        for (auto count = prng.below(40); count > 0; --count) {
            bytes += static_cast<char>(prng.below(prng.chance(50) ? 256 : 0x30));
        }
        for (const auto style : {PrintStyle::automatic, PrintStyle::text, PrintStyle::hex,
                                 PrintStyle::dump, PrintStyle::json}) {
            const std::string out = shown(bytes, style);
            REQUIRE(out.ends_with('\n'));
            for (const char byte : out) {
                const auto code = static_cast<unsigned char>(byte);
                REQUIRE((code >= 0x20 || code == '\n' || code == '\t'));
                REQUIRE(code != 0x7f);
            }
        }
    }
}

TEST_CASE("without expectations the replies are counted", "[terminal][udp_reply]") {
    Expectation two({}, 2);
    two.received(as_bytes("a"));
    CHECK_FALSE(two.met());
    two.received(as_bytes(""));
    CHECK(two.met());
    CHECK(two.missing() == nullptr);
    Expectation all({}, 0);
    all.received(as_bytes("a"));
    CHECK_FALSE(all.met());
    CHECK(all.received_count() == 1);
}

TEST_CASE("what is expected comes in order, others in between", "[terminal][udp_reply]") {
    Expectation expectation({bytes_of("one"), bytes_of("two")}, 1);
    for (const char* other : {"two", "on", "onex", ""}) {
        expectation.received(as_bytes(other));
        REQUIRE(expectation.missing() != nullptr);
        CHECK(*expectation.missing() == bytes_of("one"));
    }
    expectation.received(as_bytes("one"));
    CHECK(*expectation.missing() == bytes_of("two"));
    expectation.received(as_bytes("one"));
    CHECK_FALSE(expectation.met());
    expectation.received(as_bytes("two"));
    CHECK(expectation.met());
    CHECK(expectation.missing() == nullptr);
    CHECK(expectation.received_count() == 7);
}
