#include "line_editor.hpp"

#include <clocale>

#include "support/catch.hpp"

using chatd::terminal::cursor_row;

TEST_CASE("the cursor's row follows the wrapping of the terminal", "[terminal][line_editor]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    CHECK(cursor_row(2, L"", 20) == 0);
    CHECK(cursor_row(2, std::wstring(17, L'x'), 20) == 0);
    // The column after the last one is the first of the next row.
    CHECK(cursor_row(2, std::wstring(18, L'x'), 20) == 1);
    CHECK(cursor_row(2, std::wstring(37, L'x'), 20) == 1);
    CHECK(cursor_row(2, std::wstring(38, L'x'), 20) == 2);
    CHECK(cursor_row(20, L"", 20) == 1);
    CHECK(cursor_row(45, L"", 20) == 2);
}

TEST_CASE("a wide character moves whole to the next row", "[terminal][line_editor]") {
    REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
    CHECK(cursor_row(0, L"日日日日", 10) == 0);
    CHECK(cursor_row(0, L"日日日日日", 10) == 1);
    // One column is left over at the end of each row of nine.
    CHECK(cursor_row(0, L"日日日日", 9) == 0);
    CHECK(cursor_row(0, L"日日日日日", 9) == 1);
    CHECK(cursor_row(0, L"日日日日日日日日", 9) == 1);
    CHECK(cursor_row(0, L"日日日日日日日日日", 9) == 2);
    CHECK(cursor_row(0, L"e\u0301e\u0301e\u0301", 4) == 0);
}
