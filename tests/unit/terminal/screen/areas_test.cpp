#include "screen/areas.hpp"

#include <clocale>

#include "support/catch.hpp"

using namespace chatd::terminal;

namespace {

std::size_t cells_of(const Area& area) {
    return area.rows * area.columns;
}

}  // namespace

TEST_CASE("a usual terminal has everything", "[terminal][screen][areas]") {
    const Areas areas = areas_of(24, 80, 1, true);
    CHECK(areas.title.rows == 1);
    CHECK(areas.rooms.columns == 13);
    CHECK(areas.members.columns == 13);
    CHECK(areas.talk.rows == 21);
    CHECK(areas.talk.columns == 52);
    CHECK(areas.status.row == 22);
    CHECK(areas.input.row == 23);
    CHECK(areas_of(24, 80, 1, false).talk.columns == 66);
}

TEST_CASE("a small one keeps the talk and the line", "[terminal][screen][areas]") {
    const Areas narrow = areas_of(10, 40, 1, true);
    CHECK(narrow.rooms.rows == 0);
    CHECK(narrow.members.rows == 0);
    CHECK(narrow.talk.columns == 40);
    CHECK(narrow.talk.rows == 7);
    const Areas flat = areas_of(4, 80, 3, true);
    CHECK(flat.title.rows == 0);
    CHECK(flat.status.rows == 0);
    CHECK(flat.input.rows == 1);
    CHECK(flat.talk.rows == 3);
    CHECK(areas_of(1, 1, 1, true).talk.rows == 0);
}

TEST_CASE("whatever the size, areas lie side by side within it", "[terminal][screen][areas]") {
    for (std::size_t rows = 1; rows < 70; rows += 3) {
        for (std::size_t columns = 1; columns < 260; columns += 7) {
            for (std::size_t input = 1; input < 6; ++input) {
                const Areas areas = areas_of(rows, columns, input, true);
                CAPTURE(rows, columns, input);
                std::size_t cells = 0;
                for (const Area& area : {areas.title, areas.rooms, areas.talk, areas.members,
                                         areas.status, areas.input}) {
                    REQUIRE(area.row + area.rows <= rows);
                    REQUIRE(area.column + area.columns <= columns);
                    cells += cells_of(area);
                }
                const std::size_t rules = (areas.rooms.rows > 0 ? areas.talk.rows : 0) +
                                          (areas.members.rows > 0 ? areas.talk.rows : 0);
                REQUIRE(cells + rules == rows * columns);
                REQUIRE(areas.input.rows >= 1);
            }
        }
    }
}

TEST_CASE("the line being typed is cut into rows under its prompt", "[terminal][screen][areas]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    InputRows input = input_rows_of("", 0, 2, 10);
    CHECK(input.rows == std::vector<std::string>{""});
    CHECK(input.cursor == Place{0, 2});
    input = input_rows_of("abcdefghij", 10, 2, 10);
    CHECK(input.rows == std::vector<std::string>{"abcdefgh", "ij"});
    CHECK(input.cursor == Place{1, 4});
    input = input_rows_of("abcdefghij", 3, 2, 10);
    CHECK(input.cursor == Place{0, 5});
    // Full to the last column: the cursor stands in a row of its own.
    input = input_rows_of("abcdefgh", 8, 2, 10);
    CHECK(input.rows == std::vector<std::string>{"abcdefgh", ""});
    CHECK(input.cursor == Place{1, 2});
    // A wide character never straddles two rows.
    input = input_rows_of("a日日日日", 13, 2, 10);
    CHECK(input.rows == std::vector<std::string>{"a日日日", "日"});
    CHECK(input.cursor == Place{1, 4});
}
