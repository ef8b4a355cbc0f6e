#include "screen/completion.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace chatd::terminal;

namespace {

using Words = std::vector<std::string>;

const Vocabulary words{.commands = {"/help", "/history", "/join"},
                       .nicks = {"bob", "Anna", "ana"},
                       .rooms = {"lobby", "Dev", "devops"},
                       .own_numbers = {"41", "7"},
                       .others_numbers = {"40", "3:2"}};

Words candidates(std::string_view line) {
    return Completion(line, line.size(), words).candidates();
}

}  // namespace

TEST_CASE("what is completed depends on where the word stands", "[terminal][screen][completion]") {
    CHECK(candidates("/h") == Words{"/help ", "/history "});
    CHECK(candidates("/H") == Words{"/help ", "/history "});
    CHECK(candidates("an") == Words{"Anna: ", "ana: "});
    CHECK(candidates("hello an") == Words{"Anna ", "ana "});
    CHECK(candidates("see #de") == Words{"#Dev ", "#devops "});
    CHECK(candidates("/join d") == Words{"#Dev ", "#devops "});
    CHECK(candidates("/JOIN ") == Words{"#lobby ", "#Dev ", "#devops "});
    CHECK(candidates("/msg ") == Words{"bob ", "Anna ", "ana "});
    CHECK(candidates("/msg b") == Words{"bob "});
    CHECK(candidates("/edit ") == Words{"41 ", "7 "});
    CHECK(candidates("/reply ") == Words{"40 ", "3:2 "});
    CHECK(candidates("/edit 41 bo") == Words{"bob "});
    CHECK(candidates("see /h").empty());
    CHECK(candidates("x").empty());
    CHECK(candidates("").empty());
    CHECK(candidates("hello ").empty());
}

TEST_CASE("candidates take turns, in both directions", "[terminal][screen][completion]") {
    Completion completion("hi an there", 5, words);
    CHECK(completion.begin() == 3);
    CHECK(completion.end() == 5);
    CHECK(completion.choose(1) == "Anna ");
    CHECK(completion.end() == 8);
    CHECK(completion.choose(1) == "ana ");
    CHECK(completion.end() == 7);
    CHECK(completion.choose(1) == "Anna ");
    CHECK(completion.choose(-1) == "ana ");
    CHECK(completion.chosen() == 1);
    Completion backwards("/h", 2, words);
    CHECK(backwards.choose(-1) == "/history ");
    CHECK(backwards.choose(1) == "/help ");
}

TEST_CASE("the commands are those of the help", "[terminal][screen][completion]") {
    const Words commands = known_commands();
    for (const char* command : {"/join", "/leave", "/nick", "/msg", "/me", "/topic", "/search",
                                "/every", "/unschedule", "/quit"}) {
        CHECK(std::find(commands.begin(), commands.end(), command) != commands.end());
    }
    CHECK(std::none_of(commands.begin(), commands.end(),
                       [](const std::string& word) { return word.starts_with("//"); }));
}
