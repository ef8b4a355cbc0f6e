#include "top_table.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

TopRow row_of(std::string id, std::string nick) {
    TopRow made;
    made.id = std::move(id);
    made.nick = std::move(nick);
    made.dialect = "text";
    made.peer = "127.0.0.1:5000" + made.id;
    made.rooms = "#lobby";
    made.tcp = TopTcp{.state = "ESTAB", .rtt_us = 45, .rttvar_us = 12, .cwnd = 10};
    return made;
}

std::string ids_in_order(std::vector<TopRow> rows, TopOrder order, bool reversed = false) {
    sort_rows(rows, order, reversed);
    std::string ids;
    for (const TopRow& each : rows)
        ids += each.id;
    return ids;
}

}  // namespace

TEST_CASE("numbers are short", "[terminal][top]") {
    CHECK(short_bytes(0) == "0");
    CHECK(short_bytes(999) == "999");
    CHECK(short_bytes(1'000) == "1k");
    CHECK(short_bytes(1'234) == "1.2k");
    CHECK(short_bytes(12'345) == "12k");
    CHECK(short_bytes(999'499) == "999k");
    CHECK(short_bytes(999'500) == "1M");
    CHECK(short_bytes(4.2e9) == "4.2G");
    CHECK(short_bytes(1e18) == "1000P");
    CHECK(short_ms(0) == "0.000");
    CHECK(short_ms(45) == "0.045");
    CHECK(short_ms(9'999) == "9.999");
    CHECK(short_ms(12'345) == "12.3");
    CHECK(short_ms(1'234'567) == "1234");
    CHECK(short_age(-5) == "0s");
    CHECK(short_age(99'999) == "99s");
    CHECK(short_age(100'000) == "1m");
    CHECK(short_age(6'000'000) == "1h");
    CHECK(short_age(172'800'000) == "2d");
}

TEST_CASE("rows that are equal stand by their numbers, however they came", "[terminal][top]") {
    const std::vector<TopRow> rows{row_of("10", "a"), row_of("9", "a"), row_of("2", "a")};
    CHECK(ids_in_order(rows, TopOrder::rate) == "2910");
    CHECK(ids_in_order(rows, TopOrder::rate, true) == "2910");
}

TEST_CASE("rows are in order", "[terminal][top]") {
    std::vector<TopRow> rows{row_of("1", "cid"), row_of("2", "ana"), row_of("3", "bob")};
    rows[0].in_bytes = 5;
    rows[1].out_bytes = 9;
    rows[2].in_rate = 3;
    rows[0].held_bytes = 7;
    rows[1].tcp->send_queue_bytes = 8;
    rows[2].behind = 1;
    rows[0].tcp->rtt_us = 99;
    rows[1].tcp->retrans_total = 1;
    rows[2].tcp.reset();
    rows[0].since = 30;
    rows[1].since = 10;
    rows[2].since = 20;
    CHECK(ids_in_order(rows, TopOrder::rate) == "312");
    CHECK(ids_in_order(rows, TopOrder::in) == "123");
    CHECK(ids_in_order(rows, TopOrder::out) == "213");
    CHECK(ids_in_order(rows, TopOrder::queue) == "213");
    CHECK(ids_in_order(rows, TopOrder::behind) == "312");
    CHECK(ids_in_order(rows, TopOrder::rtt) == "123");
    CHECK(ids_in_order(rows, TopOrder::retrans) == "213");
    CHECK(ids_in_order(rows, TopOrder::age) == "231");
    CHECK(ids_in_order(rows, TopOrder::nick) == "231");
    CHECK(ids_in_order(rows, TopOrder::nick, true) == "132");
    CHECK(ids_in_order(rows, TopOrder::peer) == "123");
}

TEST_CASE("a wide table has all columns, a narrow one the most telling", "[terminal][top]") {
    std::vector<TopRow> rows{row_of("1", "ana")};
    rows[0].in_bytes = 1'234;
    const auto wide = table_lines(rows, 1'000, 5'000);
    REQUIRE(wide.size() == 2);
    CHECK(wide[0] ==
          "NICK         DIALECT   PEER                  STATE   RTTms  VARms  RETR  LOST UNACK  "
          "CWND QUEUE BEHIND  IN/s OUT/s    IN   OUT  AGE ROOMS");
    CHECK(wide[1] ==
          "ana          text      127.0.0.1:50001       ESTAB   0.045  0.012     0     0     0    "
          "10     0      0     -     -  1.2k     0   5s #lobby");
    for (std::size_t width = 1; width < 200; ++width) {
        for (const std::string& line : table_lines(rows, width, 5'000)) {
            CAPTURE(width, line);
            CHECK(line.size() <= std::max<std::size_t>(width, 12));
        }
    }
    const std::string narrow = table_lines(rows, 80, 0)[0];
    for (const char* head : {"NICK", "PEER", "RTTms", "RETR", "QUEUE", "BEHIND"})
        CHECK(narrow.find(head) != std::string::npos);
}

TEST_CASE("what does not fit is marked, and nothing moves the cursor", "[terminal][top]") {
    std::vector<TopRow> rows{row_of("1", "a-nick-of-twenty-one"),
                             row_of("2", "\x1b[2J\xe2\x80\xae")};
    rows[0].dialect = "websocket-json";
    rows[1].tcp.reset();
    rows[1].nick.clear();
    rows[1].rooms = "\x1b]0;x\x07";
    const auto lines = table_lines(rows, 1'000, 0);
    CHECK(lines[1].starts_with("a-nick-of-t+ ws-json   "));
    CHECK(
        lines[2].starts_with("-            text      127.0.0.1:50002       -           -      -"));
    for (const std::string& line : lines) {
        for (const char byte : line) {
            CHECK(byte >= 0x20);
        }
    }
}
