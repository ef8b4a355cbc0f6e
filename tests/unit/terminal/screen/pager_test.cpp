#include "screen/pager.hpp"

#include <clocale>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

std::vector<PagerItem> items_of(std::size_t count, std::string room) {
    std::vector<PagerItem> items;
    for (std::size_t index = 1; index <= count; ++index)
        items.push_back({"head", "text " + std::to_string(index), room, {1, index}});
    return items;
}

std::string shown(Pager& pager, std::size_t rows) {
    std::string out;
    for (const Row& row : pager.visible_rows(rows, 40)) {
        for (const Span& span : row.spans)
            out += span.text;
        out += row.spans.front().style.reverse ? "< " : " ";
    }
    return out;
}

}  // namespace

TEST_CASE("the selection moves and stays in sight", "[terminal][screen][pager]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    Pager pager("found", items_of(5, "dev"));
    CHECK(pager.selectable());
    CHECK(shown(pager, 4) == "head< text 1 head text 2 ");
    pager.move(1);
    CHECK(pager.selected()->at.seq == 2);
    CHECK(shown(pager, 4) == "head text 1 head< text 2 ");
    pager.move(2);
    CHECK(shown(pager, 4) == "head text 3 head< text 4 ");
    pager.move(100);
    CHECK(pager.selected()->at.seq == 5);
    pager.move(-100);
    CHECK(shown(pager, 4) == "head< text 1 head text 2 ");
}

TEST_CASE("a row of the view selects its item", "[terminal][screen][pager]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    Pager pager("found", items_of(3, "dev"));
    CHECK(pager.select_row(3, 10, 40));
    CHECK(pager.selected()->at.seq == 2);
    CHECK_FALSE(pager.select_row(6, 10, 40));
    CHECK(pager.selected()->at.seq == 2);
}

TEST_CASE("a list without anywhere to go scrolls instead", "[terminal][screen][pager]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    Pager pager("help", items_of(5, ""));
    CHECK(pager.selected() == nullptr);
    CHECK_FALSE(pager.select_row(0, 10, 40));
    pager.move(1);
    CHECK(shown(pager, 2) == "head text 2 ");
    pager.move(100);
    CHECK(shown(pager, 2) == "head text 5 ");
    Pager empty("nothing", {});
    empty.move(1);
    CHECK(empty.visible_rows(4, 40).empty());
    CHECK(empty.selected() == nullptr);
}

TEST_CASE("what was found stands out, across rows too", "[terminal][screen][pager]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    Pager pager("found", {{"", "some \ue000word here\ue001 and on", "", {}}});
    const std::vector<Row> rows = pager.visible_rows(10, 14);
    REQUIRE(rows.size() >= 2);
    REQUIRE(rows[0].spans.size() == 2);
    CHECK(rows[0].spans[0].text == "some ");
    CHECK_FALSE(rows[0].spans[0].style.bold);
    CHECK(rows[0].spans[1].text == "word");
    CHECK(rows[0].spans[1].style.bold);
    CHECK(rows[1].spans[0].text == "here");
    CHECK(rows[1].spans[0].style.bold);
    CHECK_FALSE(rows.back().spans.back().style.bold);
}

TEST_CASE("a list has at most items_max", "[terminal][screen][pager]") {
    CHECK(Pager("many", items_of(Pager::items_max + 1, "dev")).count() == Pager::items_max);
}
