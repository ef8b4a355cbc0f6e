#include "store/search.hpp"

#include "chatd/wire/time_text.hpp"
#include "support/keeper_fixture.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

const std::string open_mark = "\xee\x80\x80";
const std::string close_mark = "\xee\x80\x81";
std::string marked(const std::string& word) {
    return open_mark + word + close_mark;
}

std::vector<std::string> found(KeeperFixture& fixture, const std::string& text,
                               const std::string& room = {}) {
    const auto page = fixture.search(text, room);
    CHECK(page.error == "");
    std::vector<std::string> bodies;
    for (const auto& hit : page.hits)
        bodies.push_back(hit.event.body);
    return bodies;
}
using Bodies = std::vector<std::string>;

chat::KeepEvent said_by(std::string from, std::string room, Position at, std::string body) {
    auto write = said(std::move(room), at, std::move(body));
    write.event.from = std::move(from);
    return write;
}

}  // namespace

TEST_CASE("all words of a search must be there, in any case, with or without accents",
          "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "The deploy failed"),
                      said("dev", {1, 2}, "a deploy that went well"),
                      said("dev", {1, 3}, "Caf\xc3\xa9 deployed"));
    CHECK(found(fixture, "DEPLOY failed") == Bodies{"The deploy failed"});
    CHECK(found(fixture, "cafe") == Bodies{"Caf\xc3\xa9 deployed"});
    CHECK(found(fixture, "deploy").size() == 2);
    CHECK(found(fixture, "nothing").empty());
}

TEST_CASE("a phrase is found only as it stands", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "went very well"),
                      said("dev", {1, 2}, "it went well"));
    CHECK(found(fixture, "\"went well\"") == Bodies{"it went well"});
    CHECK(found(fixture, "went well").size() == 2);
}

TEST_CASE("room, author and time narrow a search, with words and without", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepRoom{"Ops", 1});
    fixture.carry_out(said_by("ana", "dev", {1, 1}, "bug one"));
    store_time += 86'400'000;
    fixture.carry_out(said_by("Bob", "Ops", {1, 1}, "bug two"),
                      said_by("Bob", "dev", {1, 2}, "bug three"));
    CHECK(found(fixture, "bug in:ops") == Bodies{"bug two"});
    CHECK(found(fixture, "bug", "ops") == Bodies{"bug two"});
    CHECK(found(fixture, "bug in:dev", "ops").size() == 2);
    CHECK(found(fixture, "bug in:nowhere").empty());
    CHECK(found(fixture, "bug from:bob in:dev") == Bodies{"bug three"});
    CHECK(found(fixture, "from:ana") == Bodies{"bug one"});
    CHECK(found(fixture, "from:bob") == Bodies{"bug three", "bug two"});
    CHECK(found(fixture, "in:dev") == Bodies{"bug three", "bug one"});

    std::string day;  // the second one, which begins after the first message and before the others
    wire::append_time(day, (start_of_time / 86'400'000 + 1) * 86'400'000);
    day.resize(10);
    CHECK(found(fixture, "bug before:" + day) == Bodies{"bug one"});
    CHECK(found(fixture, "bug after:" + day).size() == 2);
    CHECK(found(fixture, "after:" + day + " in:dev") == Bodies{"bug three"});
}

TEST_CASE("a time in a search is a boundary to the millisecond", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "now"));
    std::string now;
    wire::append_time(now, start_of_time);
    CHECK(found(fixture, "after:" + now).size() == 1);
    CHECK(found(fixture, "before:" + now).empty());
    now.clear();
    wire::append_time(now, start_of_time + 1);
    CHECK(found(fixture, "after:" + now).empty());
    CHECK(found(fixture, "before:" + now).size() == 1);
}

TEST_CASE("the better match comes first, of equal ones the newer", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "tea tea tea"),
                      said("dev", {1, 2}, "a long line in which tea is only one of many words"),
                      said("dev", {1, 3}, "some tea please"),
                      said("dev", {1, 4}, "more tea please"));
    CHECK(found(fixture, "tea") == Bodies{"tea tea tea", "more tea please", "some tea please",
                                          "a long line in which tea is only one of many words"});
}

TEST_CASE("the excerpt marks what matched and is cut from a long body", "[store][search]") {
    KeeperFixture fixture;
    std::string longer;
    for (int word = 0; word < 100; ++word)
        longer += "word" + std::to_string(word) + " ";
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "all is Well here"),
                      said("dev", {1, 2}, longer));
    auto page = fixture.search("well");
    REQUIRE(page.hits.size() == 1);
    CHECK(page.hits[0].excerpt == "all is " + marked("Well") + " here");
    page = fixture.search("word50");
    REQUIRE(page.hits.size() == 1);
    const std::string& excerpt = page.hits[0].excerpt;
    CHECK(excerpt.find(marked("word50")) != std::string::npos);
    CHECK(excerpt.size() < longer.size() / 2);
    CHECK(excerpt.starts_with("\xe2\x80\xa6"));

    page = fixture.search("from:ana in:dev");
    REQUIRE(page.hits.size() == 2);
    CHECK(page.hits[0].excerpt == longer.substr(0, 200) + "\xe2\x80\xa6");
    CHECK(page.hits[1].excerpt == "all is Well here");
}

TEST_CASE("hits are given in pages, the best first", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1});
    fixture.say_lines("dev", 1, 1, 250);
    const auto page = [&fixture](std::uint32_t limit, std::uint32_t skip) {
        return fixture.ask<chat::SearchPage>(
            chat::ReadSearch{.query = 4, .text = "line", .limit = limit, .skip = skip});
    };
    CHECK(page(0, 0).query == 4);
    CHECK(page(0, 0).hits.size() == limits::search_hits_default);
    CHECK(page(0, 0).more);
    CHECK(page(1'000, 0).hits.size() == limits::search_hits_max);
    CHECK(page(3, 2).hits[0].event.at == Position{1, 248});
    CHECK(page(50, 200).hits.size() == 50);
    CHECK_FALSE(page(50, 200).more);
    CHECK(page(50, 249).hits.size() == 1);
    CHECK(page(50, 250).hits.empty());
    CHECK(page(50, 100'000).hits.empty());
}

TEST_CASE("matches are ranked among the newest ones, then among as many older ones",
          "[store][search]") {
    constexpr std::uint32_t block = limits::search_ranked_max;
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "line line line"));
    fixture.say_lines("dev", 1, 2, block);
    std::vector<Seq> found;
    for (std::uint32_t skip = 0; skip <= block; skip += limits::search_hits_max) {
        const auto page = fixture.ask<chat::SearchPage>(chat::ReadSearch{
            .query = 1, .text = "line", .limit = limits::search_hits_max, .skip = skip});
        for (const auto& hit : page.hits)
            found.push_back(hit.event.at.seq);
        CHECK(page.more == (skip + limits::search_hits_max <= block));
    }
    // The best of all is older than the newest block, so it comes next; no page repeats a hit.
    REQUIRE(found.size() == block + 1);
    CHECK(found.front() == block + 1);
    CHECK(found.back() == 1);
    std::sort(found.begin(), found.end());
    CHECK(std::unique(found.begin(), found.end()) == found.end());
}

TEST_CASE("what FTS5 would take for an operator is only a word", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "say \"hi\" NOT bye (really)"));
    for (const std::string text :
         {"NOT", "hi NOT bye", "a\"b", "body:hi", "hi*", "^hi", "{hi}", "(hi", "hi)", "NEAR(hi)",
          "'", "\\", "hi AND", "-hi", "+hi", "5\" x", "!!!", "\"\xe2\x98\x95\""}) {
        INFO(text);
        const auto page = fixture.search(text);
        CHECK(page.error == "");
    }
    CHECK(found(fixture, "hi NOT bye").size() == 1);
    CHECK(found(fixture, "bye AND").empty());
    CHECK(store::match_expression({"a\"b", "c d"}) == "\"a\"\"b\" AND \"c d\"");
}

TEST_CASE("a search outside the language is answered with what is wrong", "[store][search]") {
    KeeperFixture fixture;
    const auto page = fixture.search("\"open");
    CHECK(page.bad_query);
    CHECK(page.error == "a quote is not closed");
    CHECK(page.query == 1);
}

TEST_CASE("only what was said is found, not topics, reactions or edits", "[store][search]") {
    KeeperFixture fixture;
    using wire::EventKind;
    fixture.carry_out(
        chat::KeepRoom{"dev", 1}, said("dev", {1, 1}, "before"),
        about(EventKind::topic, "dev", {1, 2}, {}, "after"),
        about(EventKind::reacted, "dev", {1, 3}, {1, 1}, "after"),
        about(EventKind::edited, "dev", {1, 4}, {1, 1}, "after all"),
        chat::KeepEvent{event_of(EventKind::action, "dev", {1, 5}, "looks after"), 7});
    CHECK(found(fixture, "after") == Bodies{"looks after", "after all"});
    CHECK(found(fixture, "from:ana").size() == 2);
}

TEST_CASE("a search that would take too long ends with what it has", "[store][search]") {
    KeeperFixture fixture;
    fixture.carry_out(chat::KeepRoom{"dev", 1}, chat::KeepRoom{"ops", 1},
                      said("dev", {1, 1}, "line of another room"));
    for (Seq seq = 1; seq <= 240'000; seq += 4'000)
        fixture.say_lines("ops", 1, seq, 4'000);
    const auto page = fixture.search("line in:dev");
    CHECK(page.error == "");
    CHECK(page.hits.empty());
    CHECK(page.more);
    // The connection works on, within its transaction too.
    CHECK(fixture
              .carry_out(said("dev", {1, 2}, "next"),
                         chat::ReadSearch{.query = 1, .text = "line in:dev"},
                         said("dev", {1, 3}, "and next"))
              .size() == 2);
    CHECK(found(fixture, "next in:dev").size() == 2);
}
