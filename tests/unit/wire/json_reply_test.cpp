#include "chatd/wire/json_reply.hpp"

#include <string>
#include <vector>

#include "chatd/wire/json_event.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"
#include "support/sample_connections.hpp"
#include "support/sample_event.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string result(const Reply& reply) {
    std::string out;
    append_reply_json(out, reply);
    return out;
}

KeptEvent kept(EventKind kind, std::string_view body) {
    return KeptEvent::of(test::sample_event(kind, body));
}

std::string listed(const KeptEvent& event) {
    std::string out;
    append_listed_event_json(out, event.view());
    return out;
}

std::string failure(const Failure& failure) {
    std::string out;
    append_failure_json(out, failure);
    return out;
}

}  // namespace

TEST_CASE("what says nothing is an empty object", "[wire][json][reply]") {
    CHECK(result(Done{}) == "{}");
    CHECK(result(HelpReply{}) == "{}");
    CHECK(result(QuitReply{}) == "{}");
}

TEST_CASE("what was said is answered with its number, id and time", "[wire][json][reply]") {
    SaidReply said{.room = "dev", .at = test::sample_at, .id = test::sample_id};
    const std::string expected = test::sample_head();
    CHECK(result(said) == expected + "}");
    said.repeated = true;
    CHECK(result(said) == expected + R"(,"repeated":true})");
}

TEST_CASE("small replies are one object each", "[wire][json][reply]") {
    CHECK(result(TopicReply{"dev", "re\"leases", "ana"}) ==
          R"({"room":"dev","topic":"re\"leases","from":"ana"})");
    CHECK(result(TopicReply{"dev", "", ""}) == R"({"room":"dev","topic":""})");
    CHECK(result(NickReply{"ana"}) == R"({"nick":"ana"})");
    CHECK(result(LeaveReply{"dev", "lobby"}) == R"({"room":"dev","current":"lobby"})");
    CHECK(result(LeaveReply{"dev", ""}) == R"({"room":"dev"})");
    CHECK(result(MsgReply{"bob", true}) == R"({"nick":"bob","kept":true})");
    CHECK(result(PingReply{"\n"}) == R"({"token":"\n"})");
    CHECK(result(NoticesReply{true}) == R"({"on":true})");
    CHECK(result(DatagramsReply{10}) == R"({"hz":10})");
}

TEST_CASE("lists are arrays, empty ones too", "[wire][json][reply]") {
    CHECK(result(RoomsReply{{{"lobby", 3}, {"dev", 0}}, 7}) ==
          R"({"rooms":[{"room":"lobby","people":3},{"room":"dev","people":0}],"total":7})");
    CHECK(result(RoomsReply{}) == R"({"rooms":[],"total":0})");
    CHECK(result(WhoReply{"dev", {"ana", "bob"}, 2}) ==
          R"({"room":"dev","nicks":["ana","bob"],"total":2})");
    CHECK(result(WhoReply{"dev", {}, 0}) == R"({"room":"dev","nicks":[],"total":0})");
    CHECK(result(SchedulesReply{}) == R"({"schedules":[]})");
}

TEST_CASE("a join tells how one stands, and whether all comes", "[wire][json][reply]") {
    RoomStanding standing{"dev", {3, 42}, 2, "t", {}, {}, {}};
    const std::string expected = R"({"room":"dev","epoch":3,"seq":42,"others":2,"topic":"t")";
    CHECK(result(JoinReply{standing}) == expected + "}");
    standing.recovered = true;
    CHECK(result(JoinReply{standing}) == expected + R"(,"recovered":true})");
    standing.recovered = false;
    standing.missing_from = {2, 5};
    standing.missing_to = {3, 1};
    CHECK(result(JoinReply{standing}) ==
          expected + R"(,"recovered":false,"missing":{"from":{"epoch":2,"seq":5},)"
                     R"("to":{"epoch":3,"seq":1}}})");
}

TEST_CASE("a session is its names and its rooms", "[wire][json][reply]") {
    HelloReply hello{"0.2.0", "s1", "ana", "t", false, {}};
    CHECK(result(hello) == R"({"version":"0.2.0","session":"s1","nick":"ana","token":"t",)"
                           R"("resumed":false,"rooms":[]})");
    hello.resumed = true;
    hello.rooms.resize(2);
    const std::string written = result(hello);
    const test::JsonText read(written);
    CHECK(read.value().find("resumed")->truth());
    CHECK(read.value().find("rooms")->count() == 2);
}

TEST_CASE("a page holds its events, each with its kind", "[wire][json][reply]") {
    HistoryReply page{.room = "dev", .events = {}, .more = true};
    CHECK(result(page) == R"({"room":"dev","events":[],"more":true})");
    page.events = {kept(EventKind::message, "a"), kept(EventKind::topic, "b")};
    CHECK(result(page) == R"({"room":"dev","events":[)" + listed(page.events[0]) + "," +
                              listed(page.events[1]) + R"(],"more":true})");
    SearchReply search{.hits = {{kept(EventKind::message, "a b"),
                                 "\xee\x80\x80"
                                 "a\xee\x80\x81 b"}}};
    CHECK(result(search) == R"({"hits":[{"event":)" + listed(search.hits[0].event) +
                                ",\"excerpt\":\"\xee\x80\x80"
                                "a\xee\x80\x81 b\"}],\"more\":false}");
}

TEST_CASE("a schedule is shown in the server's zone", "[wire][json][reply]") {
    ScheduleEntry entry{
        .id = 3, .room = "dev", .body = "tea", .action = false, .due = test::sample_ms};
    entry.zone_offset_s = 7'200;
    const std::string expected = R"({"id":3,"room":"dev","body":"tea","action":false,)"
                                 R"("due":"2026-11-26T12:00:00.123+02:00")";
    CHECK(result(ScheduleReply{entry}) == expected + "}");
    entry.every_ms = 86'400'000;
    CHECK(result(ScheduleReply{entry}) == expected + R"(,"every":"1d"})");
    CHECK(result(SchedulesReply{{entry}}) ==
          R"({"schedules":[)" + expected + R"(,"every":"1d"}]})");
}

TEST_CASE("counters stay within what a JSON number holds", "[wire][json][reply]") {
    const StatsReply stats{{{"a", 1}, {R"(b{c="d"})", UINT64_MAX}}};
    CHECK(result(stats) == R"({"a":1,"b{c=\"d\"}":9007199254740992})");
    CHECK(result(StatsReply{}) == "{}");
}

TEST_CASE("a connection is told with what the kernel knows of it", "[wire][json][reply]") {
    CHECK(result(test::sample_connections()) ==
          R"({"connections":[{"id":7,"dialect":"text","peer":"127.0.0.1:52114","nick":"ana",)"
          R"("rooms":["dev","lobby"],"since":"2026-11-26T10:00:00.123Z","held_bytes":11,)"
          R"("behind":13,"tcp":{"state":"ESTAB","rtt_us":45,"rttvar_us":12,"rto_us":204000,)"
          R"("mss_bytes":32768,"cwnd":10,"unacked":3,"lost":1,"retrans":2,"retrans_total":4,)"
          R"("notsent_bytes":5,"send_queue_bytes":6,"receive_queue_bytes":7,"last_sent_ms":8,)"
          R"("last_received_ms":9,"received_bytes":120,"sent_bytes":4000}},)"
          R"({"id":8,"dialect":"undecided","peer":"[::1]:7","rooms":[],)"
          R"("since":"1970-01-01T00:00:00.000Z","held_bytes":0,"behind":0}],)"
          R"("peers":[{"id":"udp:1","peer":"127.0.0.1:4000","heard":"2026-11-26T10:00:00.123Z",)"
          R"("received":3,"received_bytes":12,"sent":9,"sent_bytes":36}],)"
          R"("total":4,"peers_total":2,"next":100})");
    CHECK(result(ConnectionsReply{}) ==
          R"({"connections":[],"peers":[],"total":0,"peers_total":0})");
}

TEST_CASE("a failure says its code and whether to try again", "[wire][json][reply]") {
    CHECK(failure({Errc::nick_in_use}) == R"({"code":"NICK_IN_USE","retry":false})");
    CHECK(failure({Errc::too_fast, "", 1'500}) ==
          R"({"code":"TOO_FAST","retry":true,"retry_after_ms":1500})");
    CHECK(failure({Errc::store_behind}) == R"({"code":"STORE_BEHIND","retry":true})");
    CHECK(failure({Errc::recipient_full}) == R"({"code":"RECIPIENT_FULL","retry":true})");
    CHECK(failure({Errc::store_failed, "disk \"full\"", 10}) ==
          R"({"code":"STORE_FAILED","retry":true,"retry_after_ms":10,"detail":"disk \"full\""})");
}

TEST_CASE("an answer is a result or an error with the request's id", "[wire][json][reply]") {
    std::string out;
    append_outcome(out, "7", Outcome(NickReply{"ana"}));
    CHECK(out == R"({"jsonrpc":"2.0","result":{"nick":"ana"},"id":7})");
    out.clear();
    append_outcome(out, "\"x\"", std::unexpected(Failure{Errc::no_room}));
    CHECK(out == R"({"jsonrpc":"2.0","error":{"code":-32000,"message":")" +
                     std::string(method_text_of(Errc::no_room)) +
                     R"(","data":{"code":"NO_ROOM","retry":false}},"id":"x"})");
    out.clear();
    append_error(out, "1", rpc_error_of(RpcInvalid{rpc_code::invalid_params, "body: is missing"}));
    CHECK(out == R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params",)"
                 R"("data":{"detail":"body: is missing"}},"id":1})");
    out.clear();
    append_error(out, "1", rpc_error_of(RpcInvalid{rpc_code::method_not_found, "what to do"}));
    CHECK(out == R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found",)"
                 R"("data":{"detail":"what to do"}},"id":1})");
}

TEST_CASE("every refusal has a sentence that JSON can hold", "[wire][json][reply]") {
    for (int value = 1; value <= static_cast<int>(errc_last); ++value) {
        const RpcError error = rpc_error_of(Failure{static_cast<Errc>(value)});
        CHECK(error.code == rpc_code::refused);
        CHECK_FALSE(error.message.empty());
        CHECK(test::JsonText(error.data).value().find("code")->text() ==
              code_of(static_cast<Errc>(value)));
    }
}
