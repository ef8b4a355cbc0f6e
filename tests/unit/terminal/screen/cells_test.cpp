#include "screen/cells.hpp"

#include "screen_driver.hpp"
#include "support/catch.hpp"

using namespace chatd::terminal;

TEST_CASE("cells begin blank and take text with its style", "[terminal][screen][cells]") {
    Cells cells(2, 6);
    CHECK(cells.text() == "\n\n");
    CHECK(cells.write({0, 1}, "abc", {.bold = true}) == 4);
    CHECK(cells.row_text(0) == " abc");
    CHECK(cells.at(0, 1).style.bold);
    CHECK_FALSE(cells.at(0, 0).style.bold);
    CHECK_FALSE(cells.at(1, 1).style.bold);
}

TEST_CASE("what does not fit is left out whole", "[terminal][screen][cells]") {
    use_utf8();
    Cells cells(1, 6);
    CHECK(cells.write({0, 4}, "日本", {}) == 6);
    CHECK(cells.row_text(0) == "    日");
    CHECK(cells.write({0, 5}, "日", {}) == 5);
    CHECK(cells.write({0, 0}, "abcdef", {}, 3) == 3);
    CHECK(cells.row_text(0) == "abc 日");
    CHECK(cells.write({1, 0}, "below", {}) == 0);
    CHECK(cells.write({0, 9}, "beside", {}) == 9);
    CHECK(cells.row_text(0) == "abc 日");
}

TEST_CASE("a wide glyph of which half is overwritten is gone", "[terminal][screen][cells]") {
    use_utf8();
    Cells cells(1, 4);
    cells.write({0, 0}, "日本", {});
    CHECK(cells.at(0, 1).covered);
    cells.write({0, 1}, "x", {});
    CHECK(cells.row_text(0) == " x本");
    CHECK_FALSE(cells.at(0, 1).covered);
    cells.write({0, 2}, "y", {});
    CHECK(cells.row_text(0) == " xy");
    CHECK_FALSE(cells.at(0, 3).covered);
}

TEST_CASE("an area takes another style and keeps its text", "[terminal][screen][cells]") {
    Cells cells(2, 4);
    cells.write({1, 0}, "abcd", {});
    cells.restyle({1, 2, 5, 5}, {.reverse = true});
    CHECK(cells.row_text(1) == "abcd");
    CHECK_FALSE(cells.at(1, 1).style.reverse);
    CHECK(cells.at(1, 2).style.reverse);
    CHECK(cells.at(1, 3).style.reverse);
    CHECK_FALSE(cells.at(0, 2).style.reverse);
}

TEST_CASE("an area holds its own places alone", "[terminal][screen][cells]") {
    const Area area{1, 2, 3, 4};
    CHECK(area.holds({1, 2}));
    CHECK(area.holds({3, 5}));
    CHECK_FALSE(area.holds({0, 2}));
    CHECK_FALSE(area.holds({4, 2}));
    CHECK_FALSE(area.holds({1, 1}));
    CHECK_FALSE(area.holds({1, 6}));
    CHECK_FALSE(Area{}.holds({0, 0}));
}

TEST_CASE("characters are written as UTF-8 of every length", "[terminal][screen][cells]") {
    std::string out;
    for (const char32_t code : {U'a', U'é', U'日', U'👍'})
        append_utf8(out, code);
    CHECK(out == "aé日👍");
}
