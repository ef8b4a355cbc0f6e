#include "forward_text.hpp"

#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/text_reply.hpp"
#include "chatd/wire/text_request.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

// "method params" of the command `line`, typed in #dev, whose epoch is 3; "" if it is not carried.
std::string call_text(std::string_view line) {
    const auto request = wire::decode_text_request(line, limits::datagram_bytes_max);
    REQUIRE(request);
    const ForwardedPlace place{"dev", [](std::string_view room) {
                                   return room == "dev" || room == "#dev" ? Epoch{3} : Epoch{7};
                               }};
    const auto call = call_of(*request, place);
    return call ? std::string(call->method) + ' ' + call->params : "";
}

bool is_repeated(std::string_view line) {
    const auto request = wire::decode_text_request(line, limits::datagram_bytes_max);
    return call_of(*request, {"dev", [](std::string_view) { return Epoch{3}; }})->repeatable;
}

// What a text client is answered by the server itself, and by way of JSON.
void check_same(std::string_view method, std::string_view command, const wire::Reply& reply,
                Epoch epoch = 0) {
    std::string json;
    wire::append_reply_json(json, reply);
    wire::JsonReader reader(64 * 1024, 16);
    const auto value = reader.read(as_bytes(json));
    REQUIRE(value);
    const auto back = reply_of(method, *value, epoch);
    REQUIRE(back);
    std::string direct;
    std::string forwarded;
    wire::append_text_reply(direct, command, reply);
    wire::append_text_reply(forwarded, command, *back);
    CHECK(forwarded == direct);
}

wire::KeptEvent kept_sample(wire::EventKind kind, Seq seq, std::string body) {
    wire::KeptEvent event{.kind = kind, .room = "dev", .from = "ana", .body = std::move(body)};
    event.at = {3, seq};
    event.id.bytes = {0x01, 0x9a, 0xc0, 0x01, 0x02, 0x03, 0x70, 0x01, 0x80, 0, 0, 0, 0, 0, 0, 9};
    return event;
}

std::string told_text(const client::Event& event, bool notices = true) {
    std::string out;
    append_told(out, event, "me", notices);
    return out;
}

}  // namespace

TEST_CASE("a command becomes the call that it is, in the room that is meant",
          "[terminal][forward]") {
    CHECK(call_text("/who") == R"(who {"room":"dev"})");
    CHECK(call_text("/who #ops") == R"(who {"room":"#ops"})");
    CHECK(call_text("/search disk") == R"(search {"query":"disk"})");
    CHECK(call_text("/read 41") == R"(read {"at":{"epoch":3,"seq":41},"room":"dev"})");
    CHECK(call_text("/history ops after 5 10") ==
          R"(history {"room":"ops","after":{"epoch":7,"seq":5},"limit":10})");
    CHECK(call_text("/join #dev 41") == R"(join {"room":"#dev","since":{"epoch":3,"seq":41}})");
    CHECK(call_text("/history before 2:5") ==
          R"(history {"room":"dev","before":{"epoch":2,"seq":5}})");
    CHECK(call_text("/edit 41 better").starts_with("edit "));
    CHECK(call_text("/stats") == "stats {}");
}

TEST_CASE("schedules and datagrams are not carried", "[terminal][forward]") {
    for (const char* const line : {"/in 10m x", "/at 18:00 x", "/schedules", "/unschedule 1",
                                   "/dgram on", "/hex 00", "/help", "/quit", "said"}) {
        CHECK(call_text(line).empty());
    }
}

TEST_CASE("what twice is more than once is not asked again", "[terminal][forward]") {
    for (const char* const line :
         {"/msg bob hi", "/edit 1 x", "/redact 1", "/react 1 x", "/topic new"}) {
        CHECK_FALSE(is_repeated(line));
    }
    for (const char* const line :
         {"/nick a", "/join a", "/leave", "/who", "/topic", "/ping", "/read 1", "/notices on"}) {
        CHECK(is_repeated(line));
    }
}

TEST_CASE("an answer reads as if chatd had given it in text", "[terminal][forward]") {
    check_same("nick", "NICK", wire::NickReply{"ana"});
    check_same("join", "JOIN", wire::JoinReply{{.room = "dev", .at = {3, 41}, .others = 2}});
    check_same("join", "JOIN",
               wire::JoinReply{{.room = "dev",
                                .at = {3, 41},
                                .others = 1,
                                .recovered = false,
                                .missing_from = {2, 7},
                                .missing_to = {2, 20}}});
    check_same("leave", "LEAVE", wire::LeaveReply{"dev", "lobby"});
    check_same("leave", "LEAVE", wire::LeaveReply{"dev", ""});
    check_same("rooms", "ROOMS", wire::RoomsReply{{{"lobby", 3}, {"dev", 1}}, 2});
    check_same("who", "WHO", wire::WhoReply{"dev", {"ana", "bob"}, 2});
    check_same("topic", "TOPIC", wire::TopicReply{"dev", "new\nlines", "ana"});
    check_same("topic", "TOPIC", wire::TopicReply{"dev", "", ""});
    check_same("topic", "TOPIC", wire::SaidReply{.room = "dev", .at = {3, 41}});
    check_same("edit", "EDIT", wire::SaidReply{.room = "dev", .at = {3, 41}});
    check_same("msg", "MSG", wire::MsgReply{"bob", false});
    check_same("msg", "MSG", wire::MsgReply{"bob", true});
    check_same("ping", "PING", wire::PingReply{"x"});
    check_same("notices", "NOTICES", wire::NoticesReply{true});
    check_same("typing", "TYPING", wire::Done{});
    check_same("stats", "STATS", wire::StatsReply{{{"connections", 3}, {"rooms", 1}}});
}

TEST_CASE("pages of history and search read as in text", "[terminal][forward]") {
    auto edited = kept_sample(wire::EventKind::edited, 42, "better");
    edited.target = {3, 41};
    const wire::HistoryReply page{
        .room = "dev",
        .events = {kept_sample(wire::EventKind::message, 41, "hi\nthere"),
                   kept_sample(wire::EventKind::action, 43, "waves"), edited},
        .more = true,
        .epoch = 3};
    check_same("history", "HISTORY", page, 3);
    check_same("history", "HISTORY", wire::HistoryReply{.room = "dev"});
    wire::SearchReply found{.hits = {}, .more = false};
    found.hits.push_back(
        {kept_sample(wire::EventKind::message, 41, "the disk"), "the \ue000disk\ue001"});
    check_same("search", "SEARCH", found);
}

TEST_CASE("an answer without what it must have is none", "[terminal][forward]") {
    wire::JsonReader reader(1024, 4);
    const auto value = reader.read(as_bytes(std::string_view("{\"room\":\"dev\"}")));
    REQUIRE(value);
    CHECK_FALSE(reply_of("edit", *value, 0));
}

TEST_CASE("what others do is told, what oneself does is not", "[terminal][forward]") {
    client::Message message{.room = "dev", .at = {3, 1}, .from = "ana", .body = "a\nb"};
    CHECK(told_text(message) == "#dev <ana> a\n#dev <ana> b\n");
    message.own = true;
    CHECK(told_text(message).empty());
    CHECK(told_text(client::Redacted{"dev", {3, 2}, 0, "ana", {3, 1}})
              .starts_with("NOTE * REDACTED #dev 1 "));
    CHECK(told_text(client::Redacted{"dev", {3, 2}, 0, "me", {3, 1}}).empty());
    CHECK(told_text(client::Private{"ana", "psst\n\x1b[2J", 0}) == "@ana psst\n@ana \u241b[2J\n");
}

TEST_CASE("who comes and goes is told with notices alone", "[terminal][forward]") {
    const client::Joined joined{.room = "dev", .from = "ana"};
    CHECK(told_text(joined) == "-- ana joined #dev\n");
    CHECK(told_text(joined, false).empty());
    CHECK(told_text(client::Joined{.room = "dev", .from = "", .count = 40, .people = 90}) ==
          "-- 40 joined #dev (90 here)\n");
    CHECK(told_text(client::Left{.room = "dev", .from = "ana", .reason = "quit"}) ==
          "-- ana left #dev (quit)\n");
    CHECK(told_text(client::Renamed{"dev", "ana", "eve", false}) == "-- ana is now eve in #dev\n");
    CHECK(told_text(client::Typing{"dev", "ana", true}) == "-- ana is typing in #dev\n");
    CHECK(told_text(client::Typing{"dev", "ana", true}, false).empty());
}

TEST_CASE("gaps, refusals and the store's troubles are told", "[terminal][forward]") {
    CHECK(told_text(client::Gap{"dev", 3, 5, 9}) ==
          "NOTE * GAP #dev 3:5-9 :5 messages were not delivered to you.\n");
    std::string gap;
    append_gap_notice(gap, "dev", {3, 5}, {4, 2}, "they are gone");
    CHECK(gap == "NOTE * GAP #dev 3:5-4:2 :Messages were not delivered to you; they are gone.\n");
    CHECK(told_text(client::Refused{"k", "dev", "x", "NOT_IN_ROOM", "Join it first."}) ==
          "FAIL * NOT_IN_ROOM :Join it first.\n");
    CHECK(told_text(client::Notice{"STORE_TROUBLE", "The disk is full."}) ==
          "NOTE * STORE_TROUBLE :The disk is full.\n");
    CHECK(told_text(client::Notice{"STORE_TROUBLE", "x"}, false).empty());
    CHECK(told_text(client::Offline{"cut"}).empty());  // an outage is hidden
    CHECK(told_text(client::Draining{100}).empty());
}
