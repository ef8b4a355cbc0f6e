#include "screen/editor.hpp"

#include "chatd/base/prng.hpp"
#include "screen_driver.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

/// The text with the cursor in it: "ab|c".
std::string shown(const Editor& editor) {
    std::string text = editor.text();
    return text.insert(editor.cursor(), "|");
}

Editor with(std::string_view text) {
    Editor editor;
    REQUIRE(editor.insert(text));
    return editor;
}

}  // namespace

TEST_CASE("what is typed stands before the cursor", "[terminal][screen][editor]") {
    Editor editor = with("held");
    CHECK(shown(editor) == "held|");
    editor.left();
    editor.insert("lo worl");
    CHECK(shown(editor) == "hello worl|d");
    editor.home();
    editor.insert(">");
    CHECK(shown(editor) == ">|hello world");
    editor.end();
    CHECK(shown(editor) == ">hello world|");
}

TEST_CASE("every step and deletion is one character as people count",
          "[terminal][screen][editor]") {
    use_utf8();
    Editor editor = with("e\u0301👩\u200d👧日");
    editor.left();
    editor.erase_left();
    CHECK(shown(editor) == "e\u0301|日");
    editor.erase_right();
    CHECK(shown(editor) == "e\u0301|");
    editor.erase_right();
    editor.erase_left();
    editor.erase_left();
    CHECK(shown(editor) == "|");
    editor.left();
    editor.right();
    CHECK(shown(editor) == "|");
}

TEST_CASE("words are jumped over and cut", "[terminal][screen][editor]") {
    Editor editor = with("one two  three");
    editor.word_left();
    CHECK(shown(editor) == "one two  |three");
    editor.word_left();
    CHECK(shown(editor) == "one |two  three");
    editor.word_right();
    CHECK(shown(editor) == "one two|  three");
    editor.cut_word_left();
    CHECK(shown(editor) == "one |  three");
    editor.cut_to_end();
    CHECK(shown(editor) == "one |");
    editor.home();
    editor.paste();
    CHECK(shown(editor) == "  three|one ");
    editor.cut_to_home();
    CHECK(shown(editor) == "|one ");
    editor.cut_to_home();  // nothing is cut, so what was cut stays
    editor.end();
    editor.paste();
    CHECK(shown(editor) == "one   three|");
}

TEST_CASE("lines typed before come back, and the one being typed is kept",
          "[terminal][screen][editor]") {
    Editor editor = with("first");
    CHECK(editor.submit() == "first");
    editor.insert("second");
    editor.submit();
    editor.insert("second");
    editor.submit();  // the same again is kept once
    editor.insert("half");
    editor.older();
    CHECK(shown(editor) == "second|");
    editor.older();
    CHECK(shown(editor) == "first|");
    editor.older();
    CHECK(shown(editor) == "first|");
    editor.newer();
    editor.newer();
    CHECK(shown(editor) == "half|");
    editor.newer();
    CHECK(shown(editor) == "half|");
    editor.older();
    editor.insert("!");
    CHECK(editor.submit() == "second!");
    editor.older();
    CHECK(shown(editor) == "second!|");
}

TEST_CASE("an empty line is not remembered, nor one that is cleared",
          "[terminal][screen][editor]") {
    Editor editor;
    CHECK(editor.submit().empty());
    editor.insert("a mistake");
    editor.clear();
    CHECK(shown(editor) == "|");
    editor.older();
    CHECK(shown(editor) == "|");
}

TEST_CASE("a line has at most bytes_max, and lines_kept_max are kept",
          "[terminal][screen][editor]") {
    Editor editor = with(std::string(Editor::bytes_max - 1, 'x'));
    CHECK_FALSE(editor.insert("é"));
    CHECK(editor.text().size() == Editor::bytes_max - 1);
    CHECK(editor.insert("e"));
    CHECK_FALSE(editor.insert("e"));
    CHECK(editor.replace(0, 4, "yyyy"));
    CHECK_FALSE(editor.replace(0, 4, "zzzzz"));
    CHECK(editor.text().starts_with("yyyyx"));
    editor.clear();
    for (std::size_t line = 0; line < Editor::lines_kept_max + 2; ++line) {
        editor.insert(std::to_string(line));
        editor.submit();
    }
    for (std::size_t line = 0; line < Editor::lines_kept_max + 2; ++line)
        editor.older();
    CHECK(editor.text() == "2");
}

TEST_CASE("whatever the keys, the cursor stands between two characters",
          "[terminal][screen][editor]") {
    use_utf8();
    Prng prng(11);
    constexpr std::string_view pieces[]{"a", " ", "日", "e\u0301", "👩\u200d👧", "🇩", "\u200d"};
    Editor editor;
    for (int round = 0; round < 5000; ++round) {
        switch (prng.below(12)) {
            case 0:
                editor.left();
                break;
            case 1:
                editor.right();
                break;
            case 2:
                editor.word_left();
                break;
            case 3:
                editor.word_right();
                break;
            case 4:
                editor.erase_left();
                break;
            case 5:
                editor.erase_right();
                break;
            case 6:
                editor.cut_word_left();
                break;
            case 7:
                editor.paste();
                break;
            case 8:
                editor.older();
                break;
            case 9:
                editor.submit();
                break;
            default:
                editor.insert(pieces[prng.below(std::size(pieces))]);
                break;
        }
        REQUIRE(editor.cursor() <= editor.text().size());
        REQUIRE(editor.text().size() <= Editor::bytes_max);
        if (editor.cursor() < editor.text().size()) {
            REQUIRE((static_cast<unsigned char>(editor.text()[editor.cursor()]) & 0xc0) != 0x80);
        }
    }
}
