#include "screen/rows.hpp"

#include "screen_driver.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

constexpr UnixMs minute = 60'000;

Entry said(Seq seq, std::string from, std::string body, UnixMs when = friday) {
    return {.at = {1, seq}, .when = when, .from = std::move(from), .body = std::move(body)};
}

std::string shown(const std::vector<Row>& rows, std::size_t columns) {
    Cells cells(rows.size(), columns);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (const Span& span : rows[row].spans)
            cells.write({row, span.column}, span.text, span.style);
    }
    return "\n" + cells.text();
}

std::string all_of(const Conversation& talk, const Look& look) {
    return shown(visible_rows(talk, look, 1000, {}), look.columns);
}

const Look wide{.columns = 50, .epoch = 1, .nick = "me"};

}  // namespace

TEST_CASE("lines are cut between words, and words only where they must",
          "[terminal][screen][rows]") {
    use_utf8_and_utc();
    using Pieces = std::vector<std::string_view>;
    CHECK(wrap("one two three", 7) == Pieces{"one two", "three"});
    CHECK(wrap("one two three", 8) == Pieces{"one two", "three"});
    CHECK(wrap("abcdefghij", 4) == Pieces{"abcd", "efgh", "ij"});
    CHECK(wrap("a bcdefghij", 4) == Pieces{"a", "bcde", "fghi", "j"});
    CHECK(wrap("日本語", 3) == Pieces{"日", "本", "語"});
    CHECK(wrap("日本", 1) == Pieces{"日", "本"});
    CHECK(wrap("", 4) == Pieces{""});
}

TEST_CASE("messages are grouped by author and day", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "yesterday", friday - 24 * 60 * minute));
    talk.append(said(2, "ana", "hello"));
    talk.append(said(3, "ana", "are you there?"));
    talk.append(said(4, "ana", "still me", friday + minute));
    talk.append(said(5, "bob", "yes", friday + minute));
    talk.append(said(6, "bob", "sorry", friday + 20 * minute));
    CHECK(all_of(talk, wide) == R"(
─────────── Thursday, 26 November 2026 ───────────
13:43         ana yesterday
──────────── Friday, 27 November 2026 ────────────
13:43         ana hello
                  are you there?
13:44             still me
13:44         bob yes
14:03         bob sorry
)");
}

TEST_CASE("long and many lines stand under each other", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "a line that is too long for one row of thirty-two\nand another"));
    talk.append(
        said(2, "a.nick.that.is.much.too.long", "日本語の行がここで折り返すのはいつもと同じ"));
    CHECK(all_of(talk, wide) == R"(
──────────── Friday, 27 November 2026 ────────────
13:43         ana a line that is too long for one
                  row of thirty-two
                  and another
13:43 a.nick.tha… 日本語の行がここで折り返すのはい
                  つもと同じ
)");
}

TEST_CASE("what happened to a message is shown with it", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "helo"));
    talk.append(said(2, "bob", "secret"));
    Entry answer = said(3, "cy", "indeed");
    answer.reply_to = {1, 1};
    talk.append(answer);
    Entry action = said(4, "cy", "waves");
    action.kind = Entry::Kind::action;
    talk.append(action);
    talk.change({Change::Kind::edited, {1, 5}, {1, 1}, "ana", "hello"});
    talk.change({Change::Kind::redacted, {1, 6}, {1, 2}, "bob", {}});
    talk.change({Change::Kind::reacted, {1, 7}, {1, 3}, "ana", "👍", false});
    talk.change({Change::Kind::reacted, {1, 8}, {1, 3}, "bob", "👍", false});
    CHECK(all_of(talk, wide) == R"(
──────────── Friday, 27 November 2026 ────────────
13:43         ana hello (edited)
13:43         bob (removed)
                  ↪ ana: hello
13:43          cy indeed
                  👍 2
13:43           * cy waves
)");
}

TEST_CASE("gaps, events and answers stand in their places", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "before"));
    talk.append({.kind = Entry::Kind::gap, .when = friday, .body = "5 messages are gone"});
    talk.append({.kind = Entry::Kind::happened, .when = friday, .body = "bob joined"});
    talk.append({.kind = Entry::Kind::failed, .when = friday, .body = "no"});
    talk.append(
        {.kind = Entry::Kind::datagram, .when = friday, .from = "udp:7", .body = "2B de ad"});
    talk.append(said(7, "ana", "after"));
    CHECK(all_of(talk, wide) == R"(
──────────── Friday, 27 November 2026 ────────────
13:43         ana before
                ⚠ 5 messages are gone
13:43           · bob joined
                ✗ no
13:43       udp:7 2B de ad
13:43         ana after
)");
}

TEST_CASE("the numbers of messages can stand in the place of times", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append({.at = {1, 99}, .when = friday, .from = "ana", .body = "older"});
    talk.append({.at = {3, 5}, .when = friday, .from = "ana", .body = "newer"});
    Look look = wide;
    look.numbers = true;
    look.epoch = 3;
    CHECK(all_of(talk, look) == R"(
──────────── Friday, 27 November 2026 ────────────
  #1:99        ana older
     #5            newer
)");
}

TEST_CASE("a narrow view goes without times", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "hello there, all of you"));
    CHECK(all_of(talk, {.columns = 20, .epoch = 1, .nick = "me"}) == R"(
 Friday, 27 Novemb…
  ana hello there,
      all of you
)");
}

TEST_CASE("what is new to the reader stands under a rule", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "read"));
    talk.read_serial = talk.entries().back().serial;
    talk.append(said(2, "ana", "unread"));
    CHECK(all_of(talk, wide) == R"(
──────────── Friday, 27 November 2026 ────────────
13:43         ana read
────────────────────── new ───────────────────────
13:43         ana unread
)");
}

TEST_CASE("lines that are not said yet stand at the end", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "hi"));
    const std::vector<PendingLine> pending{{"k1", "lobby", "wait", false},
                                           {"k2", "lobby", "waves", true}};
    CHECK(shown(visible_rows(talk, wide, 3, pending), wide.columns) == R"(
13:43         ana hi
    …          me wait
    …           * me waves
)");
}

TEST_CASE("who is named is marked, and every nick keeps its colour", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    talk.append(said(1, "ana", "you"));
    Entry naming = said(2, "ana", "me?");
    naming.mention = true;
    talk.append(naming);
    const std::vector<Row> rows = rows_of(talk, 1, wide);
    REQUIRE(rows.size() == 1);
    // Grouped, yet its author is there, reversed.
    const Span& nick = rows[0].spans[0];
    CHECK(nick.text == "ana");
    CHECK(nick.style.reverse);
    CHECK(nick.style.colour == style_of_nick("ana").colour);
    CHECK(style_of_nick("ana") == style_of_nick("ana"));
    CHECK(style_of_nick("ana").colour != Colour::red);
}

TEST_CASE("the view moves by rows and stops at both ends", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    for (Seq seq = 1; seq <= 10; ++seq)
        talk.append(said(seq, "ana", std::to_string(seq) + "\nsecond"));
    // 21 rows with the day; the view has 4.
    const auto view = [&talk] {
        std::string out;
        for (const Row& row : visible_rows(talk, wide, 4, {}))
            out += row.spans.back().text + " ";
        return out;
    };
    const auto move = [&talk](std::ptrdiff_t by) { talk.scroll = scrolled(talk, wide, 4, by); };
    CHECK(view() == "9 second 10 second ");
    move(1);
    CHECK(view() == "second 9 second 10 ");
    CHECK_FALSE(talk.scroll.following);
    move(3);
    CHECK(view() == "7 second 8 second ");
    CHECK(rows_above(talk, wide, 4, 100) == 13);
    CHECK(rows_above(talk, wide, 4, 5) == 5);
    move(-2);
    CHECK(view() == "8 second 9 second ");
    talk.append(said(11, "ana", "11"));
    CHECK(view() == "8 second 9 second ");
    move(100);
    CHECK(view().find("Friday") != std::string::npos);
    CHECK(rows_above(talk, wide, 4, 100) == 0);
    talk.add_older({said(0, "ana", "0")}, false);  // nothing: it has no number
    move(-1);
    CHECK(view() == "1 second 2 second ");
    move(-100);
    CHECK(talk.scroll.following);
    CHECK(view() == "second 10 second 11 ");
    move(-1);
    CHECK(talk.scroll.following);
}

TEST_CASE("a view over less than its rows does not move", "[terminal][screen][rows]") {
    use_utf8_and_utc();
    Conversation talk;
    CHECK(scrolled(talk, wide, 4, 3) == Scroll{});
    talk.append(said(1, "ana", "hi"));
    CHECK(scrolled(talk, wide, 4, 3) == Scroll{});
    CHECK(visible_rows(talk, wide, 4, {}).size() == 2);
}
