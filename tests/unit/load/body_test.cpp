#include "load/body.hpp"

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::load;

TEST_CASE("a word of 48 bits survives its eight characters", "[load][body]") {
    Prng prng(1);
    for (int round = 0; round < 10'000; ++round) {
        const std::uint64_t value = prng.next() & 0xffff'ffff'ffffU;
        CHECK(word_decoded(word_encoded(value)) == value);
    }
    CHECK(word_decoded(word_encoded(0)) == 0U);
    CHECK(word_encoded(0) == 0x3030303030303030U);
    CHECK(word_encoded(0xffff'ffff'ffffU) == 0x6f6f6f6f6f6f6f6fU);
}

TEST_CASE("a character outside the alphabet is no word, wherever it stands", "[load][body]") {
    const std::uint64_t good = word_encoded(0x1234'5678'9abcU);
    for (unsigned place = 0; place < 8; ++place) {
        for (unsigned character = 0; character < 256; ++character) {
            const std::uint64_t mask = std::uint64_t{0xff} << (8 * place);
            const std::uint64_t word = (good & ~mask) | (std::uint64_t{character} << (8 * place));
            CHECK(word_decoded(word).has_value() == (character >= '0' && character <= 'o'));
        }
    }
}

TEST_CASE("a stamp is read as it was written, in a body of any size", "[load][body]") {
    const Stamp stamp{
        .run = 0xdead'beef, .publisher = 513, .sequence = 1ULL << 40, .due_ns = 987'654'321'012U};
    for (const std::size_t bytes :
         {stamp_bytes, std::size_t{64}, std::size_t{1024}, body_bytes_max}) {
        BodyForm form(bytes);
        const test::Guarded body(form.write(stamp));
        CHECK(body.text().size() == bytes);
        CHECK(BodyForm::read(body.text()) == stamp);
        CHECK(form.filler_is_intact(body.text()));
    }
}

TEST_CASE("what is no body has no stamp", "[load][body]") {
    BodyForm form(64);
    const std::string body(form.write({}));
    for (std::size_t size = 0; size < stamp_bytes; ++size) {
        const test::Guarded cut(std::string_view(body).substr(0, size));
        CHECK_FALSE(BodyForm::read(cut.text()));
    }
    CHECK_FALSE(BodyForm::read("hello, this is a person who writes a long line"));
    std::string spoiled = body;
    spoiled[9] = ' ';
    CHECK_FALSE(BodyForm::read(spoiled));
}

TEST_CASE("a body that was cut, extended or changed is noticed", "[load][body]") {
    BodyForm form(64);
    const std::string body(form.write({.sequence = 7}));
    CHECK(form.filler_is_intact(body));
    CHECK_FALSE(form.filler_is_intact(body + "x"));
    CHECK_FALSE(form.filler_is_intact(std::string_view(body).substr(0, 63)));
    for (std::size_t place = stamp_bytes; place < body.size(); ++place) {
        std::string changed = body;
        changed[place] = '?';
        CHECK_FALSE(form.filler_is_intact(changed));
    }
}
