#include "chatd/wire/errc.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "support/catch.hpp"

using namespace chatd::wire;

namespace {

template <class Visit>
void for_each_errc(Visit&& visit) {
    for (int value = 0; value <= static_cast<int>(errc_last); ++value)
        visit(static_cast<Errc>(value));
}

}  // namespace

TEST_CASE("every refusal has its own code, in upper case", "[wire][errc]") {
    std::set<std::string_view> codes;
    for_each_errc([&](Errc error) {
        const auto code = code_of(error);
        CAPTURE(code);
        CHECK(code != "INTERNAL");
        CHECK(codes.insert(code).second);
        CHECK(std::all_of(code.begin(), code.end(), [](char letter) {
            return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
                   letter == '_';
        }));
    });
    CHECK(codes.size() == static_cast<std::size_t>(errc_last) + 1);
}

TEST_CASE("every refusal has its own sentence of one line", "[wire][errc]") {
    std::set<std::string_view> sentences;
    for_each_errc([&](Errc error) {
        const auto sentence = text_of(error);
        CAPTURE(sentence);
        CHECK(sentence.ends_with('.'));
        CHECK(sentence.find('\n') == std::string_view::npos);
        CHECK(sentence.size() <= 120);
        CHECK(sentences.insert(sentence).second);
    });
}

TEST_CASE("the codes that design and protocol name are spelled so", "[wire][errc]") {
    CHECK(code_of(Errc::bad_utf8) == "BAD_UTF8");
    CHECK(code_of(Errc::nul) == "NUL");
    CHECK(code_of(Errc::line_too_long) == "LINE_TOO_LONG");
    CHECK(code_of(Errc::no_room) == "NO_ROOM");
    CHECK(code_of(Errc::unknown_command) == "UNKNOWN_COMMAND");
    CHECK(text_of(Errc::unknown_command) ==
          "No such command; /help lists them, // begins a line with a slash.");
}

TEST_CASE("a value outside the enum is an internal error, not a crash", "[wire][errc]") {
    CHECK(code_of(static_cast<Errc>(255)) == "INTERNAL");
    CHECK(text_of(static_cast<Errc>(255)) == "Internal error.");
}

TEST_CASE("a sentence for callers of methods names no command", "[wire][errc]") {
    for_each_errc([&](Errc error) {
        std::string text(method_text_of(error));
        CAPTURE(text);
        // These two are about lines of the text dialect and reach nobody else.
        if (error == Errc::unknown_command || error == Errc::need_more_params) return;
        const auto document = text.find("/rpc/openrpc.json");
        if (document != std::string::npos) text.erase(document, 1);
        CHECK(text.find(" /") == std::string::npos);
        CHECK(text.ends_with("."));
        const bool names_command = text_of(error).find(" /") != std::string_view::npos;
        CHECK((text_of(error) == text) == !names_command);
    });
}
