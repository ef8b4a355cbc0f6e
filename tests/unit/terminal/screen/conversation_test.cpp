#include "screen/conversation.hpp"

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

Entry said(Seq seq, std::string body = {}) {
    if (body.empty()) body = std::to_string(seq);
    return {.at = {1, seq}, .from = "ana", .body = std::move(body)};
}

Page page_of(Seq first, Seq last) {
    Page page;
    for (Seq seq = first; seq <= last; ++seq)
        page.emplace_back(said(seq));
    return page;
}

std::string bodies(const Conversation& talk) {
    std::string out;
    for (const Entry& entry : talk.entries())
        out += entry.body + (entry.edited ? "* " : entry.removed ? "- " : " ");
    return out;
}

bool serials_rise(const Conversation& talk) {
    for (std::size_t index = 1; index < talk.entries().size(); ++index) {
        if (talk.entries()[index - 1].serial >= talk.entries()[index].serial) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("pages of history stand before what came live", "[terminal][screen][conversation]") {
    Conversation talk;
    CHECK(talk.append({.kind = Entry::Kind::told, .body = "welcome"}));
    CHECK(talk.append(said(11)));
    talk.add_older(page_of(8, 11), true);  // 11 is here already
    CHECK(bodies(talk) == "8 9 10 welcome 11 ");
    CHECK(talk.oldest() == Position{1, 8});
    CHECK(talk.newest() == Position{1, 11});
    CHECK(talk.more_before());
    talk.add_older(page_of(5, 7), false);
    CHECK(bodies(talk) == "5 6 7 8 9 10 welcome 11 ");
    CHECK_FALSE(talk.more_before());
    CHECK(serials_rise(talk));
    CHECK(talk.append(said(11)));  // a double
    CHECK(talk.append(said(12)));
    CHECK(bodies(talk) == "5 6 7 8 9 10 welcome 11 12 ");
}

TEST_CASE("entries are found by number, serial and key", "[terminal][screen][conversation]") {
    Conversation talk;
    Entry keyed = said(2);
    keyed.key = "k";
    talk.append(said(1));
    talk.append(keyed);
    talk.append({.kind = Entry::Kind::told, .body = "x"});
    REQUIRE(talk.find(Position{1, 2}) != nullptr);
    CHECK(talk.find(Position{1, 2})->key == "k");
    CHECK(talk.find(Position{1, 3}) == nullptr);
    CHECK(talk.find(Position{}) == nullptr);
    const std::uint64_t serial = talk.entries()[1].serial;
    CHECK(talk.index_of(serial) == 1);
    CHECK(talk.find(serial) == &talk.entries()[1]);
    CHECK(talk.index_of(serial + 10) == 3);
    CHECK(talk.has_key("ana", "k"));
    CHECK_FALSE(talk.has_key("bob", "k"));
}

TEST_CASE("changes meet their message in whatever order they come",
          "[terminal][screen][conversation]") {
    const Change first{Change::Kind::edited, {1, 5}, {1, 2}, "ana", "first"};
    const Change second{Change::Kind::edited, {1, 9}, {1, 2}, "ana", "second"};
    const Change gone{Change::Kind::redacted, {1, 6}, {1, 3}, "ana", {}};
    Conversation live;
    live.append(said(2));
    live.append(said(3));
    live.change(first);
    live.change(gone);
    live.change(second);
    CHECK(bodies(live) == "second* - ");
    CHECK(live.newest() == Position{1, 9});

    Conversation backwards;
    backwards.append(said(10));
    backwards.add_older({second}, true);
    backwards.add_older({said(4), first, gone}, true);
    CHECK(backwards.oldest() == Position{1, 4});
    backwards.add_older({said(2), said(3)}, false);
    CHECK(bodies(backwards) == "second* - 4 10 ");

    Conversation in_one_page;
    in_one_page.change(second);
    in_one_page.add_older({said(2), said(3), first, gone}, false);
    CHECK(bodies(in_one_page) == "second* - ");
}

TEST_CASE("reactions are counted by person and taken off again",
          "[terminal][screen][conversation]") {
    Conversation talk;
    talk.append(said(1));
    const auto react = [&talk](Seq seq, std::string from, std::string word, bool off) {
        talk.change(
            {Change::Kind::reacted, {1, seq}, {1, 1}, std::move(from), std::move(word), off});
    };
    react(2, "bob", "+1", false);
    react(3, "bob", "+1", false);
    react(4, "cy", "+1", false);
    react(5, "cy", "x", false);
    REQUIRE(talk.entries()[0].reactions.size() == 2);
    CHECK(talk.entries()[0].reactions[0].from == std::vector<std::string>{"bob", "cy"});
    react(6, "cy", "x", true);
    react(7, "dee", "y", true);
    CHECK(talk.entries()[0].reactions.size() == 1);
    talk.change({Change::Kind::redacted, {1, 8}, {1, 1}, "ana", {}});
    CHECK(talk.entries()[0].reactions.empty());
}

TEST_CASE("at the end the oldest goes when there is too much", "[terminal][screen][conversation]") {
    Conversation talk;
    for (Seq seq = 1; seq <= Conversation::entries_max + 5; ++seq)
        CHECK(talk.append(said(seq)));
    CHECK(talk.entries().size() == Conversation::entries_max);
    CHECK(talk.oldest() == Position{1, 6});
    CHECK(talk.more_before());
    CHECK_FALSE(talk.more_after());
}

TEST_CASE("scrolled far back the newest goes, and live lines wait for their page",
          "[terminal][screen][conversation]") {
    Conversation talk;
    const Seq newest = Conversation::entries_max + 500;
    talk.append(said(newest));
    for (Seq seq = newest - 1; seq > 100; seq -= 100)
        talk.add_older(page_of(seq - 99, seq), true);
    CHECK(talk.entries().size() == Conversation::entries_max);
    CHECK(talk.more_after());
    CHECK(talk.newest() < Position{1, newest});
    CHECK_FALSE(talk.append(said(newest + 1)));
    CHECK(talk.append({.kind = Entry::Kind::told, .body = "told"}));
    const Seq next = talk.newest().seq + 1;
    talk.add_newer(page_of(next, newest + 1), false);
    CHECK(talk.newest() == Position{1, newest + 1});
    CHECK_FALSE(talk.more_after());
    CHECK(talk.append(said(newest + 2)));
    CHECK(serials_rise(talk));
}

TEST_CASE("who reads back is not pushed away by a flood", "[terminal][screen][conversation]") {
    Conversation talk;
    talk.append(said(1));
    talk.scroll = {false, talk.entries()[0].serial, 0};
    for (Seq seq = 2; seq <= Conversation::entries_max + 10; ++seq)
        talk.append(said(seq));
    CHECK(talk.entries().front().at == Position{1, 1});
    CHECK(talk.more_after());
}

TEST_CASE("a line that came live after its page was read is asked for again",
          "[terminal][screen][conversation]") {
    Conversation talk;
    talk.replace(page_of(10, 12), true, true);
    CHECK_FALSE(talk.append(said(15)));
    talk.add_newer(page_of(13, 14), false);
    CHECK(talk.more_after());
    talk.add_newer(page_of(15, 15), false);
    CHECK_FALSE(talk.more_after());
    talk.replace(page_of(10, 12), true, true);
    CHECK_FALSE(talk.append(said(15)));
    talk.replace(page_of(13, 14), true, false);
    CHECK(talk.more_after());
    talk.add_newer({}, false);  // the server does not have it
    CHECK_FALSE(talk.more_after());
    CHECK(talk.append(said(16)));
}

TEST_CASE("another window takes the place of the old one", "[terminal][screen][conversation]") {
    Conversation talk;
    talk.append(said(100));
    talk.replace(page_of(10, 12), true, true);
    CHECK(bodies(talk) == "10 11 12 ");
    CHECK(talk.more_before());
    CHECK(talk.more_after());
    CHECK_FALSE(talk.append(said(101)));
    talk.add_newer(page_of(12, 14), true);
    CHECK(bodies(talk) == "10 11 12 13 14 ");
}

TEST_CASE("what is shown cannot move the cursor", "[terminal][screen][conversation]") {
    CHECK(safe_lines("a\r\nb\x1b[2J") == "a\nb␛[2J");
    CHECK(safe_lines("a\u2028b\u202e") == "a\nb\ufffd");
    CHECK(safe_lines("\x9b\xff") == "\ufffd\ufffd");
    CHECK(safe_lines("").empty());
}
