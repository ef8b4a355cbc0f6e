#include "chatd/engine/datagram_view.hpp"

#include <map>
#include <vector>

#include "chatd/base/prng.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace std::chrono_literals;

namespace {

constexpr ConnId ana_id{1, 1};
constexpr ConnId bob_id{2, 1};

// What a reader is shown, as "sender:payload".
std::vector<std::string> shown(DatagramView& view, ConnId reader, Time now,
                               std::size_t count_max = limits::dgram_batch_max) {
    std::vector<std::string> lines;
    for (const ShownDatagram& datagram : view.take_due(reader, now, count_max)) {
        lines.push_back(std::string(datagram.sender) + ":" + std::string(as_text(datagram.bytes)));
    }
    return lines;
}

using Lines = std::vector<std::string>;

std::string line_of(const ShownDatagram& datagram, std::string_view room_prefix = "") {
    std::string line;
    encode_datagram_line(line, room_prefix, datagram);
    return line;
}

}  // namespace

TEST_CASE("nobody sees datagrams without asking", "[engine][datagram_view]") {
    DatagramView view;
    view.offer_peer(7, as_bytes("early"), Time{});
    CHECK(shown(view, ana_id, Time{}).empty());
    CHECK(view.due_at(ana_id) == time_never);
    view.subscribe(ana_id, 10);
    CHECK(view.subscribed(ana_id));
    CHECK_FALSE(view.subscribed(bob_id));
    CHECK(shown(view, ana_id, Time{}).empty());
    view.offer_peer(7, as_bytes("now"), Time{});
    CHECK(view.due_at(ana_id) <= Time{});
    CHECK(shown(view, ana_id, Time{}) == Lines{"udp:7:now"});
    CHECK(view.due_at(ana_id) == time_never);
    view.unsubscribe(ana_id);
    view.unsubscribe(bob_id);
    view.offer_peer(7, as_bytes("late"), Time{});
    CHECK(view.due_at(ana_id) == time_never);
    CHECK(shown(view, ana_id, Time{}).empty());
    CHECK(view.reader_count() == 0);
}

TEST_CASE("who subscribes later sees what comes from then on", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    view.offer_peer(7, as_bytes("before"), Time{});
    view.subscribe(bob_id, 10);
    CHECK(view.due_at(bob_id) == time_never);
    view.offer_peer(8, as_bytes("after"), Time{});
    CHECK(shown(view, bob_id, Time{}) == Lines{"udp:8:after"});
    CHECK(shown(view, ana_id, Time{}) == Lines{"udp:7:before", "udp:8:after"});
}

TEST_CASE("of each sender the newest is shown, at the reader's rate", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    view.subscribe(bob_id, 1'000);
    view.offer_peer(1, as_bytes("a"), Time{});
    CHECK(shown(view, ana_id, Time{}) == Lines{"udp:1:a"});
    view.offer_peer(1, as_bytes("b"), Time{10ms});
    view.offer_peer(1, as_bytes("c"), Time{20ms});
    CHECK(shown(view, ana_id, Time{20ms}).empty());
    CHECK(view.due_at(ana_id) == Time{100ms});
    view.offer_peer(2, as_bytes("other"), Time{30ms});
    CHECK(shown(view, ana_id, Time{30ms}) == Lines{"udp:2:other"});
    CHECK(shown(view, bob_id, Time{30ms}) == Lines{"udp:1:c", "udp:2:other"});
    CHECK(shown(view, ana_id, Time{99ms}).empty());
    CHECK(shown(view, ana_id, Time{100ms}) == Lines{"udp:1:c"});
    CHECK(view.due_at(ana_id) == time_never);
    view.offer_peer(1, as_bytes("d"), Time{500ms});
    CHECK(shown(view, ana_id, Time{500ms}) == Lines{"udp:1:d"});
    CHECK(view.shown_count() == 6);
}

TEST_CASE("another rate holds from the next datagram on", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 1);
    view.offer_peer(1, as_bytes("a"), Time{});
    CHECK(shown(view, ana_id, Time{}).size() == 1);
    view.offer_peer(1, as_bytes("b"), Time{});
    CHECK(shown(view, ana_id, Time{}).empty());
    CHECK(view.due_at(ana_id) == Time{1s});
    view.subscribe(ana_id, 100);
    CHECK(view.due_at(ana_id) <= Time{5ms});
    CHECK(shown(view, ana_id, Time{5ms}).empty());
    CHECK(view.due_at(ana_id) == Time{10ms});
    CHECK(shown(view, ana_id, Time{10ms}) == Lines{"udp:1:b"});
}

TEST_CASE("rates outside their range are the nearest inside", "[engine][datagram_view]") {
    for (const auto& [asked, interval] :
         {std::pair{0U, Duration(1s)}, {1U, 1s}, {1'000U, 1ms}, {UINT32_MAX, 1ms}}) {
        DatagramView view;
        view.subscribe(ana_id, asked);
        view.offer_peer(1, as_bytes("a"), Time{});
        CHECK(shown(view, ana_id, Time{}).size() == 1);
        view.offer_peer(1, as_bytes("b"), Time{});
        CHECK(shown(view, ana_id, Time{}).empty());
        CHECK(view.due_at(ana_id) == Time{} + interval);
    }
}

TEST_CASE("posts show by nick, and not to their author", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    view.subscribe(bob_id, 10);
    view.offer_posted(ana_id, "ana_id", as_bytes("x"), Time{});
    CHECK(shown(view, ana_id, Time{}).empty());
    CHECK(view.due_at(ana_id) == time_never);
    CHECK(shown(view, bob_id, Time{}) == Lines{"ana_id:x"});
    const std::string long_nick(limits::name_bytes_max, 'n');
    view.offer_posted(ana_id, long_nick, as_bytes("y"), Time{1s});
    CHECK(shown(view, bob_id, Time{1s}) == Lines{long_nick + ":y"});
}

TEST_CASE("what nobody could be shown in time is skipped", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    view.offer_peer(1, as_bytes("old"), Time{});
    view.offer_peer(2, as_bytes("fresh"), Time{200ms});
    CHECK(shown(view, ana_id, Time{251ms}) == Lines{"udp:2:fresh"});
    CHECK(view.expired_count() == 1);
    // Held back by the reader's rate is not late.
    view.subscribe(ana_id, 1);
    view.offer_peer(2, as_bytes("next"), Time{300ms});
    CHECK(shown(view, ana_id, Time{300ms}).empty());
    CHECK(shown(view, ana_id, Time{1'451ms}) == Lines{"udp:2:next"});
    CHECK(view.expired_count() == 1);
}

TEST_CASE("a batch is bounded and the rest comes with the next", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    for (std::uint16_t slot = 1; slot <= 200; ++slot)
        view.offer_peer(slot, as_bytes("x"), Time{});
    CHECK(shown(view, ana_id, Time{}, 2) == Lines{"udp:1:x", "udp:2:x"});
    CHECK(view.due_at(ana_id) <= Time{});
    view.offer_peer(1, as_bytes("y"), Time{});
    std::size_t count = 2;
    for (auto lines = shown(view, ana_id, Time{}, 1'000); !lines.empty();
         lines = shown(view, ana_id, Time{}, 1'000)) {
        CHECK(lines.size() <= limits::dgram_batch_max);
        count += lines.size();
    }
    CHECK(count == 200);
    CHECK(view.due_at(ana_id) == Time{100ms});
    CHECK(shown(view, ana_id, Time{}, 0).empty());
}

TEST_CASE("past the most senders the one silent longest gives way", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    const auto sender_count = static_cast<std::uint16_t>(limits::dgram_senders_max);
    for (std::uint16_t slot = 1; slot <= sender_count; ++slot) {
        view.offer_peer(slot, as_bytes("x"), Time{});
    }
    view.offer_peer(1, as_bytes("again"), Time{});
    view.offer_peer(static_cast<std::uint16_t>(sender_count + 1), as_bytes("new"), Time{});
    std::map<std::string, int> seen;
    std::size_t count = 0;
    for (auto lines = shown(view, ana_id, Time{}); !lines.empty();
         lines = shown(view, ana_id, Time{})) {
        for (const auto& line : lines)
            ++seen[line];
        count += lines.size();
    }
    CHECK(count == sender_count);
    CHECK(seen.contains("udp:1:again"));
    CHECK_FALSE(seen.contains("udp:2:x"));
    CHECK(seen.contains("udp:" + std::to_string(sender_count + 1) + ":new"));
}

TEST_CASE("readers see the newest in order, never twice and never too often",
          "[engine][datagram_view]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Prng prng{seed};
        DatagramView view;
        const auto hz = static_cast<std::uint32_t>(prng.between(1, 200));
        const Duration interval = Duration(1s) / hz;
        view.subscribe(ana_id, hz);
        struct Known {
            int offered = 0, shown = 0;
            Time shown_at = Time::min();
        };
        std::map<std::uint16_t, Known> senders;
        Time now{};
        for (int step = 0; step < 2'000; ++step) {
            now += Duration(std::chrono::microseconds(prng.below(20'000)));
            const auto slot = static_cast<std::uint16_t>(prng.between(1, 20));
            const std::string payload = std::to_string(++senders[slot].offered);
            view.offer_peer(slot, as_bytes(payload), now);
            if (prng.chance(50)) continue;
            const auto lines = shown(view, ana_id, now, prng.between(1, 8));
            for (const auto& line : lines) {
                const auto colon = line.rfind(':');
                Known& known =
                    senders[static_cast<std::uint16_t>(std::stoi(line.substr(4, colon - 4)))];
                const int number = std::stoi(line.substr(colon + 1));
                REQUIRE(number == known.offered);
                REQUIRE(number > known.shown);
                if (known.shown != 0) REQUIRE(now - known.shown_at + 1us >= interval);
                known.shown = number;
                known.shown_at = now;
            }
        }
        // Once offers stop the newest of each comes, as soon as its time has come.
        for (int rounds = 0; rounds < 1'000 && view.due_at(ana_id) != time_never; ++rounds) {
            now = std::max(now, view.due_at(ana_id));
            for (const auto& line : shown(view, ana_id, now)) {
                const auto colon = line.rfind(':');
                Known& known =
                    senders[static_cast<std::uint16_t>(std::stoi(line.substr(4, colon - 4)))];
                known.shown = std::stoi(line.substr(colon + 1));
            }
        }
        std::uint64_t behind = 0;
        for (const auto& [slot, known] : senders)
            behind += known.shown != known.offered;
        CHECK(behind <= view.expired_count());
        CHECK(view.due_at(ana_id) == time_never);
    }
}

TEST_CASE("the line of a datagram", "[engine][datagram_view]") {
    CHECK(line_of({"udp:7", 4, as_bytes("\xde\xad\xbe\xef")}) == "[udp:7 4B] de ad be ef |....|\n");
    CHECK(line_of({"ana_id", 2, as_bytes("hi")}, "#dev ") == "#dev [ana_id 2B] 68 69 |hi|\n");
    CHECK(line_of({"udp:1", 3, as_bytes("a\n\x1b")}) == "[udp:1 3B] 61 0a 1b |a..|\n");
    std::string line = "kept ";
    encode_datagram_line(line, "", {"udp:1", 1, as_bytes("a")});
    CHECK(line == "kept [udp:1 1B] 61 |a|\n");
}

TEST_CASE("a long datagram is shown cut with its whole length", "[engine][datagram_view]") {
    DatagramView view;
    view.subscribe(ana_id, 10);
    for (const std::size_t bytes : {63U, 64U, 65U, 1'200U}) {
        const std::string payload(bytes, 'A');
        view.offer_peer(static_cast<std::uint16_t>(bytes), as_bytes(payload), Time{});
        const auto due = view.take_due(ana_id, Time{}, 1);
        REQUIRE(due.size() == 1);
        CHECK(due[0].bytes_total == bytes);
        CHECK(due[0].bytes.size() == std::min<std::size_t>(bytes, 64));
        const std::string line = line_of(due[0]);
        const std::string head =
            "[udp:" + std::to_string(bytes) + " " + std::to_string(bytes) + "B] 41 41 ";
        CHECK(line.substr(0, head.size()) == head);
        const std::string end = bytes > 64 ? "A| ...\n" : "A|\n";
        CHECK(line.substr(line.size() - end.size()) == end);
    }
}
