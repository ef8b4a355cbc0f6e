#include "chatd/wire/text_reply.hpp"

#include <array>
#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/base/prng.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/text_request.hpp"
#include "chatd/wire/utf8.hpp"
#include "support/catch.hpp"
#include "support/hostile.hpp"
#include "support/sample_connections.hpp"

using namespace chatd;
using namespace chatd::wire;
using client::TextEvent;
using Lines = std::vector<std::string>;

namespace {

constexpr UnixMs ten_o_clock = 1'795'687'200'123;  // 2026-11-26T10:00:00.123Z

std::string reply_text(std::string_view command, const Reply& reply) {
    std::string out;
    append_text_reply(out, command, reply);
    return out;
}

Lines reply_lines(std::string_view text) {
    Lines lines;
    for_each_reply_line(text, [&lines](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

Lines reply_lines(std::string_view command, const Reply& reply) {
    return reply_lines(reply_text(command, reply));
}

KeptEvent kept(EventKind kind, Seq seq, std::string body, Seq target = 0) {
    KeptEvent event;
    event.kind = kind;
    event.room = "dev";
    event.from = "ana";
    event.body = std::move(body);
    event.id = make_uuid7(ten_o_clock, 1, 2);
    event.at = {3, seq};
    if (target > 0) event.target = {3, target};
    return event;
}

RoomStanding standing(std::uint32_t others) {
    RoomStanding room;
    room.room = "dev";
    room.at = {3, 41};
    room.others = others;
    return room;
}

ScheduleEntry schedule(std::string body) {
    ScheduleEntry entry;
    entry.id = 7;
    entry.room = "dev";
    entry.body = std::move(body);
    entry.due = ten_o_clock;
    entry.zone_offset_s = 7'200;
    return entry;
}

}  // namespace

TEST_CASE("what is said is answered by nothing", "[wire][text_reply]") {
    const SaidReply said{"dev", {3, 41}, {}, false};
    for (const char* command : {"*", "ME", "REPLY"})
        CHECK(reply_text(command, said).empty());
    CHECK(reply_text("HEX", Done{}).empty());
    CHECK(reply_text("*", Done{}).empty());
}

TEST_CASE("what changes something is answered with its number", "[wire][text_reply]") {
    const SaidReply said{"dev", {3, 41}, {}, false};
    for (const std::string command : {"EDIT", "REDACT", "REACT", "TOPIC"}) {
        CHECK(reply_text(command, said) ==
              "NOTE " + command + " OK #dev 41 :Done; it is number 41.\n");
    }
    CHECK(reply_text("TYPING", Done{}) == "NOTE TYPING OK :Done.\n");
    CHECK(reply_text("READ", Done{}) == "NOTE READ OK :Done.\n");
    CHECK(reply_text("UNSCHEDULE", Done{}) == "NOTE UNSCHEDULE OK :It will not be said.\n");
}

TEST_CASE("names and rooms are answered in the words of the protocol", "[wire][text_reply]") {
    CHECK(reply_text("NICK", NickReply{"ana"}) == "NOTE NICK OK ana :You are ana.\n");
    CHECK(reply_text("JOIN", JoinReply{standing(0)}) ==
          "NOTE JOIN OK #dev :You are in #dev with nobody else; your lines go there.\n");
    CHECK(reply_text("JOIN", JoinReply{standing(1)}) ==
          "NOTE JOIN OK #dev :You are in #dev with 1 other; your lines go there.\n");
    CHECK(reply_text("JOIN", JoinReply{standing(2)}) ==
          "NOTE JOIN OK #dev :You are in #dev with 2 others; your lines go there.\n");
    CHECK(reply_text("LEAVE", LeaveReply{"dev", "lobby"}) ==
          "NOTE LEAVE OK #dev :You left #dev; your lines go to #lobby.\n");
    CHECK(reply_text("LEAVE", LeaveReply{"lobby", ""}) ==
          "NOTE LEAVE OK #lobby :You left #lobby; /join ROOM to talk again.\n");
    CHECK(reply_text("MSG", MsgReply{"bob", false}) == "NOTE MSG OK bob :Sent to bob alone.\n");
    CHECK(reply_text("MSG", MsgReply{"bob", true}) ==
          "NOTE MSG KEPT bob :bob is away; it is kept until they return.\n");
}

TEST_CASE("a join by position says whether all that follows comes", "[wire][text_reply]") {
    const std::string sentence = " :You are in #dev with nobody else; your lines go there.\n";
    RoomStanding room = standing(0);
    room.recovered = true;
    CHECK(reply_text("JOIN", JoinReply{room}) == "NOTE JOIN OK #dev 3:41 recovered" + sentence);
    room.recovered = false;
    CHECK(reply_text("JOIN", JoinReply{room}) == "NOTE JOIN OK #dev 3:41 lost" + sentence);
    room.missing_from = {2, 7};
    room.missing_to = {2, 20};
    CHECK(reply_text("JOIN", JoinReply{room}) == "NOTE JOIN OK #dev 3:41 lost 2:7-2:20" + sentence);
}

TEST_CASE("lists are entries and their number", "[wire][text_reply]") {
    CHECK(reply_lines("ROOMS", RoomsReply{{{"lobby", 2}, {"dev", 1}}, 2}) ==
          Lines{"-- #lobby 2", "-- #dev 1", "NOTE ROOMS END 2 :2 in all."});
    CHECK(reply_lines("ROOMS", RoomsReply{}) == Lines{"NOTE ROOMS END 0 :0 in all."});
    CHECK(reply_lines("WHO", WhoReply{"dev", {"ana", "bob"}, 2'345}) ==
          Lines{"-- ana", "-- bob", "NOTE WHO END 2345 :The first 2 of 2345 in all."});
    CHECK(reply_lines("STATS", StatsReply{{{"chatd_rooms", 3}, {"chatd_nicks", 4}}}) ==
          Lines{"-- chatd_rooms 3", "-- chatd_nicks 4", "NOTE STATS END 2 :2 in all."});
    const Lines help = reply_lines("HELP", HelpReply{});
    REQUIRE(help.size() == help_lines().size() + 1);
    CHECK(help.front() == "-- " + std::string(help_lines().front()));
    CHECK(help.back() == "NOTE HELP END 31 :Anything else is said in the current room.");
}

TEST_CASE("connections are a line each, with what the kernel says of them", "[wire][text_reply]") {
    CHECK(
        reply_lines("CONNECTIONS", test::sample_connections()) ==
        Lines{"-- 7 text 127.0.0.1:52114 ana #dev,#lobby since 2026-11-26T10:00:00.123Z held 11 "
              "behind 13 ESTAB in 120 out 4000 recvq 7 sendq 6 notsent 5 rtt_us 45 rttvar_us 12 "
              "rto_us 204000 mss 32768 cwnd 10 unacked 3 lost 1 retrans 2 retrans_total 4",
              "-- 8 undecided [::1]:7 - - since 1970-01-01T00:00:00.000Z held 0 behind 0",
              "-- udp:1 udp 127.0.0.1:4000 heard 2026-11-26T10:00:00.123Z received 3 in 12 sent 9 "
              "out 36",
              "NOTE CONNECTIONS END 3 more 100 :3 shown; /connections 100 goes on."});
    CHECK(reply_lines("CONNECTIONS", ConnectionsReply{.total = 1}) ==
          Lines{"NOTE CONNECTIONS END 0 :1 in all."});
}

TEST_CASE("switches, pings and farewells are answered in one line", "[wire][text_reply]") {
    CHECK(reply_text("PING", PingReply{"1 2"}) == "NOTE PING PONG :1 2\n");
    CHECK(reply_text("PING", PingReply{""}) == "NOTE PING PONG :\n");
    CHECK(reply_text("PING", PingReply{"\x1b[2J"}) == "NOTE PING PONG :\xe2\x90\x9b[2J\n");
    CHECK(reply_text("NOTICES", NoticesReply{true}) ==
          "NOTE NOTICES OK on :You see who comes, goes, types and reads.\n");
    CHECK(reply_text("NOTICES", NoticesReply{false}) ==
          "NOTE NOTICES OK off :You no longer see who comes, goes, types and reads.\n");
    CHECK(reply_text("DGRAM", DatagramsReply{10}) ==
          "NOTE DGRAM OK on 10 :You see the newest datagrams of #lobby, at most 10 a second of "
          "each sender.\n");
    CHECK(reply_text("DGRAM", DatagramsReply{0}) ==
          "NOTE DGRAM OK off :You no longer see datagrams.\n");
    CHECK(reply_text("QUIT", QuitReply{}) == "NOTE QUIT OK :Goodbye.\n");
}

TEST_CASE("a topic is told with who set it", "[wire][text_reply]") {
    CHECK(reply_text("TOPIC", TopicReply{"dev", "release: Friday", "ana"}) ==
          "NOTE TOPIC IS #dev ana :release: Friday\n");
    CHECK(reply_text("TOPIC", TopicReply{"dev", "release", ""}) == "NOTE TOPIC IS #dev :release\n");
    CHECK(reply_text("TOPIC", TopicReply{"dev", "", "ana"}) ==
          "NOTE TOPIC NONE #dev :#dev has no topic.\n");
    CHECK(reply_lines("TOPIC", TopicReply{"dev", "one\ntwo", "ana"}) ==
          Lines{"NOTE TOPIC IS #dev ana :one", "NOTE TOPIC IS #dev ana :two"});
}

TEST_CASE("history is what happened, with its number and time", "[wire][text_reply]") {
    HistoryReply history;
    history.room = "dev";
    history.epoch = 3;
    history.events = {
        kept(EventKind::message, 41, "hello"),   kept(EventKind::action, 42, "waves"),
        kept(EventKind::message, 43, "yes", 41), kept(EventKind::edited, 44, "hello, all", 41),
        kept(EventKind::redacted, 45, "", 43),   kept(EventKind::reacted, 46, "+1", 41),
        kept(EventKind::topic, 47, "release"),   kept(EventKind::topic, 48, "")};
    const std::string time = " 2026-11-26T10:00:00.123Z ";
    Lines expected{"-- #dev 41" + time + "<ana> hello",
                   "-- #dev 42" + time + "* ana waves",
                   "-- #dev 43" + time + "re 41 <ana> yes",
                   "-- #dev 44" + time + "ana edited 41: hello, all",
                   "-- #dev 45" + time + "ana took 43 back",
                   "-- #dev 46" + time + "ana reacted to 41: +1",
                   "-- #dev 47" + time + "ana set the topic: release",
                   "-- #dev 48" + time + "ana cleared the topic",
                   "NOTE HISTORY END 8 :8 shown."};
    CHECK(reply_lines("HISTORY", history) == expected);
    history.more = true;
    expected.back() = "NOTE HISTORY END 8 more :8 shown; there are more.";
    CHECK(reply_lines("HISTORY", history) == expected);
    CHECK(reply_lines("HISTORY", HistoryReply{}) == Lines{"NOTE HISTORY END 0 :None."});
}

TEST_CASE("a page shows what was taken back as removed, its body never", "[wire][text_reply]") {
    HistoryReply history;
    history.epoch = 3;
    history.events = {kept(EventKind::message, 41, "secret"), kept(EventKind::action, 42, "secret"),
                      kept(EventKind::reacted, 43, "+1", 41)};
    history.events[0].removed = true;
    history.events[1].removed = true;
    history.events[2].off = true;
    const Lines lines = reply_lines("HISTORY", history);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "-- #dev 41 2026-11-26T10:00:00.123Z <ana> (removed)");
    CHECK(lines[1] == "-- #dev 42 2026-11-26T10:00:00.123Z * ana (removed)");
    CHECK(lines[2] == "-- #dev 43 2026-11-26T10:00:00.123Z ana unreacted to 41: +1");
    SearchReply search;
    search.hits = {{history.events[0], "a \xee\x80\x80secret\xee\x80\x81"}};
    CHECK(reply_lines("SEARCH", search).front() ==
          "-- #dev 3:41 2026-11-26T10:00:00.123Z <ana> (removed)");
}

TEST_CASE("numbers of another epoch than the room's bear theirs", "[wire][text_reply]") {
    HistoryReply history;
    history.epoch = 4;
    history.events = {kept(EventKind::message, 41, "old"), kept(EventKind::reacted, 2, "+1", 41)};
    history.events[1].at = {4, 2};
    const Lines lines = reply_lines("HISTORY", history);
    CHECK(lines[0] == "-- #dev 3:41 2026-11-26T10:00:00.123Z <ana> old");
    CHECK(lines[1] == "-- #dev 2 2026-11-26T10:00:00.123Z ana reacted to 3:41: +1");
}

TEST_CASE("a body of several lines gives an entry for each", "[wire][text_reply]") {
    HistoryReply history;
    history.epoch = 3;
    history.events = {kept(EventKind::message, 41, "one\ntwo\n\nfour")};
    const std::string head = "-- #dev 41 2026-11-26T10:00:00.123Z <ana> ";
    CHECK(reply_lines("HISTORY", history) ==
          Lines{head + "one", head + "two", head, head + "four", "NOTE HISTORY END 1 :1 shown."});
}

TEST_CASE("search hits show what was found between stars", "[wire][text_reply]") {
    SearchReply search;
    search.more = true;
    search.hits = {
        {kept(EventKind::message, 41, "all of it"), "say \xee\x80\x80hello\xee\x80\x81 to\nall"},
        {kept(EventKind::topic, 42, "hello"), "\xee\x80\x80hello\xee\x80\x81"},
        {kept(EventKind::message, 43, "whole"), ""}};
    CHECK(reply_lines("SEARCH", search) ==
          Lines{"-- #dev 3:41 2026-11-26T10:00:00.123Z <ana> say *hello* to all",
                "-- #dev 3:42 2026-11-26T10:00:00.123Z ana set the topic: *hello*",
                "-- #dev 3:43 2026-11-26T10:00:00.123Z <ana> whole",
                "NOTE SEARCH END 3 more :3 shown; there are more."});
}

TEST_CASE("a schedule is told with its time in the server's zone", "[wire][text_reply]") {
    ScheduleEntry entry = schedule("tea");
    CHECK(reply_text("IN", ScheduleReply{entry}) ==
          "NOTE IN OK 7 2026-11-26T12:00:00.123+02:00 #dev :It will be said in #dev at "
          "2026-11-26T12:00:00.123+02:00.\n");
    entry.every_ms = 86'400'000;
    entry.action = true;
    CHECK(reply_text("EVERY", ScheduleReply{entry}) ==
          "NOTE EVERY OK 7 2026-11-26T12:00:00.123+02:00 every 1d me #dev :It will be said in #dev "
          "at 2026-11-26T12:00:00.123+02:00, and every 1d from then on.\n");
    CHECK(reply_lines("SCHEDULES", SchedulesReply{{schedule("tea\nis ready"), entry}}) ==
          Lines{"-- 7 2026-11-26T12:00:00.123+02:00 #dev tea",
                "-- 7 2026-11-26T12:00:00.123+02:00 #dev is ready",
                "-- 7 2026-11-26T12:00:00.123+02:00 every 1d me #dev tea",
                "NOTE SCHEDULES END 2 :2 in all."});
    CHECK(reply_lines("SCHEDULES", SchedulesReply{}) == Lines{"NOTE SCHEDULES END 0 :0 in all."});
}

TEST_CASE("a failure is one line: command, code, sentence and detail", "[wire][text_reply]") {
    std::string out = "before\n";
    append_text_failure(out, "NICK", {Errc::nick_in_use, {}, 0});
    append_text_failure(out, "SEARCH", {Errc::bad_query, "at \x1b\n \"", 250});
    const std::string sentence(text_of(Errc::bad_query));
    CHECK(out ==
          "before\nFAIL NICK NICK_IN_USE :That nick, or one that looks like it, is taken; choose "
          "another.\nFAIL SEARCH BAD_QUERY :" +
              sentence + " (at \xe2\x90\x9b\xe2\x90\x8a \")\n");
}

TEST_CASE("replies are appended and what stood before stays", "[wire][text_reply]") {
    std::string out = "before\n";
    append_text_reply(out, "NICK", NickReply{"ana"});
    append_text_reply(out, "QUIT", QuitReply{});
    CHECK(out == "before\nNOTE NICK OK ana :You are ana.\nNOTE QUIT OK :Goodbye.\n");
}

// -- nothing written can forge a line --------------------------------------------------------

namespace {

KeptEvent hostile_event(Prng& prng) {
    KeptEvent event;
    event.kind = static_cast<EventKind>(prng.below(6));
    event.room = test::random_name(prng);
    event.from = test::random_name(prng);
    event.body = test::hostile_body(prng);
    event.id = make_uuid7(ten_o_clock, prng.next(), prng.next());
    event.at = {prng.between(1, 3), prng.below(1'000)};
    if (prng.chance(50)) event.target = {prng.between(1, 3), prng.below(1'000)};
    event.off = prng.chance(50);
    event.removed = prng.chance(20);
    return event;
}

// Every line but the last is an entry that begins with `head`; the last is a reply to `command`.
void check_list(const Lines& lines, std::string_view command, const Lines& heads) {
    REQUIRE_FALSE(lines.empty());
    std::size_t entry = 0;
    for (std::size_t index = 0; index + 1 < lines.size(); ++index) {
        const TextEvent read = client::parse_text_event(lines[index]);
        CAPTURE(lines[index]);
        REQUIRE(read.kind == TextEvent::Kind::notice);
        if (!read.body.starts_with(heads[entry])) ++entry;
        REQUIRE(entry < heads.size());
        REQUIRE(read.body.starts_with(heads[entry]));
        REQUIRE(is_plain(lines[index]));
    }
    const TextEvent end = client::parse_text_event(lines.back());
    REQUIRE(end.kind == TextEvent::Kind::reply);
    REQUIRE(end.command == command);
    REQUIRE(end.code == "END");
}

}  // namespace

TEST_CASE("no body in a page yields a line of another kind, author or room", "[wire][text_reply]") {
    Prng prng(6);
    for (int round = 0; round < 10'000; ++round) {
        HistoryReply history;
        SearchReply search;
        Lines heads;
        for (auto left = prng.between(1, 3); left > 0; --left) {
            const KeptEvent event = hostile_event(prng);
            const std::string time = " 2026-11-26T10:00:00.123Z ";
            const std::string at =
                std::to_string(event.at.epoch) + ":" + std::to_string(event.at.seq) + time;
            std::string who = event.from + " ";
            if (is_said(event.kind)) {
                who = event.target == Position{} ? ""
                                                 : "re " + std::to_string(event.target.epoch) +
                                                       ":" + std::to_string(event.target.seq) + " ";
                who += event.kind == EventKind::message ? "<" + event.from + "> "
                                                        : "* " + event.from + " ";
            }
            heads.push_back("#" + event.room + " " + at + who);
            history.events.push_back(event);
            search.hits.push_back({event, test::hostile_body(prng)});
        }
        check_list(reply_lines("HISTORY", history), "HISTORY", heads);
        check_list(reply_lines("SEARCH", search), "SEARCH", heads);
    }
}

TEST_CASE("no text of a reply yields a line of another kind", "[wire][text_reply]") {
    Prng prng(7);
    for (int round = 0; round < 10'000; ++round) {
        const std::string body = test::hostile_body(prng);
        const std::string name = test::random_name(prng);
        CAPTURE(body);
        for (const std::string& line : reply_lines("TOPIC", TopicReply{name, body, "ana"})) {
            const TextEvent read = client::parse_text_event(line);
            REQUIRE(read.kind == TextEvent::Kind::reply);
            REQUIRE(read.command == "TOPIC");
            REQUIRE(read.context == (body.empty() ? "#" + name : "#" + name + " ana"));
            REQUIRE(is_plain(line));
        }
        const Lines pong = reply_lines("PING", PingReply{body});
        REQUIRE(pong.size() == 1);
        REQUIRE(client::parse_text_event(pong.front()).code == "PONG");
        REQUIRE(is_plain(pong.front()));

        ScheduleEntry entry = schedule(body);
        entry.room = name;
        entry.action = prng.chance(50);
        const std::string me = entry.action ? "me " : "";
        check_list(reply_lines("SCHEDULES", SchedulesReply{{entry}}), "SCHEDULES",
                   {"7 2026-11-26T12:00:00.123+02:00 " + me + "#" + name + " "});
        std::string failure;
        append_text_failure(failure, "SEARCH", {Errc::bad_query, body, 0});
        REQUIRE(reply_lines(failure).size() == 1);
        REQUIRE(client::parse_text_event(reply_lines(failure).front()).code == "BAD_QUERY");
        REQUIRE(is_plain(reply_lines(failure).front()));
        REQUIRE(utf8_valid(as_bytes(failure)));
    }
}
