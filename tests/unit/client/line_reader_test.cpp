#include "chatd/client/line_reader.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using client::LineReader;

namespace {

struct Reading {
    explicit Reading(std::size_t line_bytes_max = client::reader_line_bytes_max)
        : reader(line_bytes_max) {}

    void feed(std::string_view text) {
        // Against a guard page: not one byte past the input may be read.
        const test::Guarded guarded(text);
        reader.feed(guarded.bytes(), [this](std::string_view line) { lines.emplace_back(line); });
    }
    void finish() {
        reader.finish([this](std::string_view line) { lines.emplace_back(line); });
    }

    LineReader reader;
    std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines are the same however they were cut", "[client][line_reader]") {
    const std::string text =
        "one\n\ntwo\r\n\nthree h\xc3\xa4\n" + std::string("nul\0\n", 5) + "rest";
    const Lines wanted{"one", "", "two\r", "", "three h\xc3\xa4", std::string("nul\0", 4)};
    test::for_every_cut(text, [&](std::string_view first, std::string_view second) {
        Reading reading;
        reading.feed(first);
        reading.feed(second);
        REQUIRE(reading.lines == wanted);
        REQUIRE(reading.reader.unfinished_bytes() == 4);
        reading.finish();
        REQUIRE(reading.lines.back() == "rest");
    });
    Reading single;
    for (const char byte : text)
        single.feed({&byte, 1});
    CHECK(single.lines == wanted);
}

TEST_CASE("the end of the stream ends the last line once", "[client][line_reader]") {
    Reading reading;
    reading.feed("a\nb");
    reading.finish();
    reading.finish();
    CHECK(reading.lines == Lines{"a", "b"});
    reading.feed("");
    CHECK(reading.reader.unfinished_bytes() == 0);
}

TEST_CASE("a line past the bound comes in pieces, and nothing is lost", "[client][line_reader]") {
    const std::string text = "abcdefghij\nabcd\nabcde\n\n";
    const Lines wanted{"abcd", "efgh", "ij", "abcd", "abcd", "e", ""};
    test::for_every_cut(text, [&](std::string_view first, std::string_view second) {
        Reading reading(4);
        reading.feed(first);
        REQUIRE(reading.reader.unfinished_bytes() <= 4);
        reading.feed(second);
        REQUIRE(reading.lines == wanted);
    });
}

TEST_CASE("a line that lies in one buffer is not copied", "[client][line_reader]") {
    LineReader reader;
    const std::string text = "first\nsecond\n";
    std::vector<const char*> places;
    reader.feed(as_bytes(text), [&](std::string_view line) { places.push_back(line.data()); });
    CHECK(places == std::vector<const char*>{text.data(), text.data() + 6});
}
