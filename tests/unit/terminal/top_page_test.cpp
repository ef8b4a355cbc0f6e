#include "top_page.hpp"

#include <string>

#include "chatd/wire/json_reply.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"
#include "support/sample_connections.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

std::string page_json(const wire::ConnectionsReply& reply) {
    std::string text;
    wire::append_reply_json(text, reply);
    return text;
}

}  // namespace

TEST_CASE("a page becomes rows", "[terminal][top]") {
    TopMoment moment;
    const auto next = moment.add_page(page_json(test::sample_connections()));
    REQUIRE(next);
    CHECK(*next == 100);
    CHECK(moment.connection_count == 4);
    CHECK(moment.peer_count == 2);
    REQUIRE(moment.rows.size() == 3);
    const TopRow& ana = moment.rows[0];
    CHECK(ana.id == "7");
    CHECK(ana.nick == "ana");
    CHECK(ana.rooms == "#dev,#lobby");
    CHECK(ana.since == test::sample_ms);
    CHECK(ana.behind == 13);
    CHECK(ana.queue_bytes() == 11 + 6);
    CHECK(ana.in_bytes == 120);
    CHECK(ana.out_bytes == 4'000);
    CHECK(ana.tcp->state == "ESTAB");
    CHECK(ana.tcp->rtt_us == 45);
    CHECK(ana.tcp->retrans_total == 4);
    CHECK_FALSE(moment.rows[1].tcp);
    CHECK(moment.rows[2].dialect == "udp");
    CHECK(moment.rows[2].id == "udp:1");
    CHECK(moment.rows[2].in_bytes == 12);
}

TEST_CASE("pages add up, also as JSON", "[terminal][top]") {
    TopMoment moment;
    CHECK(moment.json() == R"({"connections":[],"peers":[],"total":0,"peers_total":0})");
    wire::ConnectionsReply last = test::sample_connections();
    last.next = 0;
    REQUIRE(moment.add_page(page_json(test::sample_connections())));
    const auto next = moment.add_page(page_json(last));
    REQUIRE(next);
    CHECK_FALSE(*next);
    CHECK(moment.rows.size() == 6);
    const test::JsonText json(moment.json());
    CHECK(json.value().find("connections")->count() == 4);
    CHECK(json.value().find("peers")->count() == 2);
    CHECK(json.value().find("total")->integer() == 4);
}

TEST_CASE("what is no page is refused in a sentence", "[terminal][top]") {
    for (const char* text :
         {"", "x", "[]", "{}", R"({"connections":1,"peers":[]})", R"({"connections":[]})"}) {
        TopMoment moment;
        const auto next = moment.add_page(text);
        REQUIRE_FALSE(next);
        CHECK(next.error().find("not chatd") != std::string::npos);
    }
    TopMoment moment;
    CHECK(moment.add_page(R"({"connections":[{"id":"x","tcp":7,"rooms":{}}],"peers":[{}]})"));
    CHECK(moment.rows.size() == 2);
}

TEST_CASE("rates are of those that were there before", "[terminal][top]") {
    TopMoment before;
    before.rows.resize(2);
    before.rows[0].id = "1";
    before.rows[0].in_bytes = 100;
    before.rows[1].id = "2";
    before.rows[1].out_bytes = 50;
    TopMoment now = before;
    now.rows[0].in_bytes = 300;
    now.rows[1].out_bytes = 40;  // another one's number
    now.rows.emplace_back().id = "3";
    now.compare(before, 2);
    CHECK(now.rows[0].in_rate == 100.0);
    CHECK(now.rows[0].out_rate == 0.0);
    CHECK(now.rows[1].out_rate == 0.0);
    CHECK_FALSE(now.rows[2].in_rate);
    now.compare(before, 0);
    CHECK(now.rows[0].in_rate == 100.0);
}
