#include <algorithm>
#include <charconv>
#include <sstream>
#include <string>
#include <vector>

#include "chatd/base/prng.hpp"
#include "chatd/client/text_event.hpp"
#include "support/catch.hpp"
#include "support/engine_driver.hpp"

using namespace chatd;
using namespace chatd::engine;
using namespace chatd::test;

namespace {

/// Limits so small that a few lines trim, cut and cancel.
EngineConfig tiny() {
    EngineConfig config;
    config.log = {.segment_bytes_min = 128,
                  .segment_bytes_max = 256,
                  .room_bytes_max = 1'024,
                  .total_bytes_max = 1 << 20,
                  .unlinked_bytes_max = 1 << 20};
    config.gather_bytes_max = 64;
    config.span_bytes_max = 128;
    config.span_bytes_slow_max = 96;
    return config;
}

std::vector<std::string> lines_of(const std::string& text) {
    REQUIRE((text.empty() || text.ends_with('\n')));
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    REQUIRE(error == std::errc{});
    REQUIRE(end == text.data() + text.size());
    return number;
}

/// Reads a stream in which message n of a room says "n": every number comes once, in order, or
/// lies in a declared gap. Returns how many were in gaps.
std::uint64_t check_sequence(const std::string& received, std::uint64_t first, std::uint64_t last) {
    std::uint64_t next = first;
    std::uint64_t missing = 0;
    for (const std::string& line : lines_of(received)) {
        CAPTURE(line);
        const auto event = client::parse_text_event(line);
        if (event.kind == client::TextEvent::Kind::message) {
            REQUIRE(number_of(event.body) == next);
            ++next;
            continue;
        }
        REQUIRE(event.kind == client::TextEvent::Kind::reply);
        REQUIRE(event.code == "GAP");
        std::string_view context = event.context;
        client::next_word(context);
        const auto dash = context.find('-');
        REQUIRE(number_of(context.substr(0, dash)) == next);
        const std::uint64_t to = number_of(context.substr(dash + 1));
        REQUIRE(to >= next);
        missing += to - next + 1;
        next = to + 1;
    }
    REQUIRE(next == last + 1);
    return missing;
}

}  // namespace

TEST_CASE("lines of one turn leave in one send, from the log itself", "[engine][delivery]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.sends.clear();
    std::string script;
    for (int line = 0; line < 64; ++line)
        script += "line\n";
    driver.say(ana, script);
    CHECK(bob.sends == std::vector<std::size_t>{64 * 11});
    CHECK(driver.engine.counters().send_records[6] == 1);
    CHECK(driver.engine.log_totals().pins == 0);
}

TEST_CASE("replies, notices and small spans of several rooms leave in one send",
          "[engine][delivery]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    for (Client* client : {&ana, &bob}) {
        driver.ask(*client, "/join dev\n");
        driver.ask(*client, "/join ops\n");
    }
    bob.sends.clear();
    bob.received.clear();
    driver.receive(ana, "in ops\n/join dev\nin dev\n/join lobby\nin the lobby\n");
    driver.receive(bob, "/ping\n");
    driver.settle();
    CHECK(bob.sends.size() == 1);
    auto lines = lines_of(bob.received);
    CHECK(lines.front() == "NOTE PING PONG :");
    std::sort(lines.begin(), lines.end());
    CHECK(lines == std::vector<std::string>{"#dev <ana> in dev", "#ops <ana> in ops",
                                            "<ana> in the lobby", "NOTE PING PONG :"});
}

TEST_CASE("one send flies at a time and nothing overtakes it", "[engine][delivery]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    bob.sends.clear();
    driver.say(ana, "one\n");
    driver.say(ana, "two\n");
    driver.say(bob, "/ping\n");
    driver.say(ana, "three\n");
    CHECK(bob.sends.size() == 1);
    driver.resume(bob);
    const auto lines = lines_of(bob.received);
    CHECK(lines ==
          std::vector<std::string>{"<ana> one", "NOTE PING PONG :", "<ana> two", "<ana> three"});
}

TEST_CASE("a reply comes before the room's later lines, a leave ends them", "[engine][delivery]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    driver.ask(ana, "/join dev\n");
    driver.receive(bob, "/join dev\n");
    driver.receive(ana, "after the join\n");
    driver.settle();
    CHECK(lines_of(bob.take()) ==
          std::vector<std::string>{
              "NOTE JOIN OK #dev :You are in #dev with 1 other; your lines go there.",
              "#dev <ana> after the join"});
    driver.receive(ana, "before the leave\n");
    driver.receive(bob, "/leave\n");
    driver.settle();
    CHECK(bob.take() == "NOTE LEAVE OK #dev :You left #dev; your lines go to #lobby.\n");
}

TEST_CASE("a short send cuts no record: its rest goes first, whatever was done meanwhile",
          "[engine][delivery]") {
    for (const char* meanwhile :
         {"", "/leave dev\n", "/leave dev\n/join dev\n", "/notices on\n", "/ping\n"}) {
        for (std::size_t taken = 0; taken <= 3 * 15; ++taken) {
            CAPTURE(meanwhile, taken);
            EngineDriver driver;
            Client& ana = driver.join("ana");
            Client& bob = driver.join("bob");
            driver.ask(bob, "/join dev\n");
            driver.ask(bob, "/leave lobby\n");
            driver.ask(ana, "/join dev\n");
            bob.received.clear();
            bob.stalled = true;
            driver.say(ana, "one\ntwo\nsix\n");
            REQUIRE(bob.flying->size() == 3 * 15);
            if (*meanwhile != '\0') driver.say(bob, meanwhile);
            driver.say(ana, "end\n");
            bob.take_max = taken;
            bob.stalled = false;
            driver.turn();
            bob.take_max = SIZE_MAX;
            driver.settle();
            auto lines = lines_of(bob.received);
            const auto is_reply = [](const std::string& line) { return line.starts_with("NOTE "); };
            const auto first_reply = std::find_if(lines.begin(), lines.end(), is_reply);
            const auto replied_after = static_cast<std::size_t>(first_reply - lines.begin());
            const bool replies = first_reply != lines.end();
            lines.erase(std::remove_if(lines.begin(), lines.end(), is_reply), lines.end());
            const std::vector<std::string> all{"#dev <ana> one", "#dev <ana> two", "#dev <ana> six",
                                               "#dev <ana> end"};
            const std::size_t cut = (taken + 14) / 15;  // records begun
            if (std::string_view(meanwhile).find("/leave") == std::string_view::npos) {
                CHECK(lines == all);
                if (replies) CHECK(replied_after == cut);
            } else {
                // Only the flight and its cut record; after a rejoin also what came later.
                std::vector<std::string> expected(all.begin(),
                                                  all.begin() + static_cast<std::ptrdiff_t>(cut));
                if (std::string_view(meanwhile).ends_with("/join dev\n"))
                    expected.push_back(all.back());
                CHECK(lines == expected);
                CHECK(replied_after == cut);
            }
        }
    }
}

TEST_CASE("a stream that is taken byte by byte arrives as it is", "[engine][delivery]") {
    EngineDriver driver(tiny());
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.take_max = 1;
    std::string expected;
    for (int line = 0; line < 5; ++line) {
        driver.say(ana, "line " + std::to_string(line) + "\n");
        expected += "<ana> line " + std::to_string(line) + "\n";
    }
    CHECK(bob.received == expected);
}

TEST_CASE("own lines are never sent back, wherever they lie", "[engine][delivery]") {
    EngineDriver driver(tiny());
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    driver.say(ana, "1\n");
    for (int line = 2; line <= 20; ++line)
        driver.say(line % 3 == 0 ? bob : ana, std::to_string(line) + "\n");
    driver.resume(bob);
    for (const auto& line : lines_of(bob.received))
        CHECK(line.starts_with("<ana> "));
    CHECK(lines_of(bob.received).size() == 14);
    CHECK(lines_of(ana.received).size() == 6);
}

TEST_CASE("a slow reader gets every line that is left and exact gaps for the rest",
          "[engine][delivery]") {
    Prng prng(6);
    std::uint64_t missing = 0;
    for (int world = 0; world < 60; ++world) {
        EngineDriver driver(tiny());
        Client& ana = driver.join("ana");
        Client& slow = driver.join("slow");
        Client& prompt = driver.join("prompt");
        std::uint64_t said = 0;
        for (int step = 0; step < 60; ++step) {
            slow.stalled = prng.chance(80);
            slow.take_max = prng.chance(50) ? SIZE_MAX : prng.below(60);
            for (auto left = prng.below(12); left > 0; --left)
                driver.receive(ana, std::to_string(++said) + "\n");
            driver.turn();
            if (prng.chance(50)) driver.turn();
        }
        slow.take_max = SIZE_MAX;
        driver.resume(slow);
        missing += check_sequence(slow.received, 1, said);
        CHECK(check_sequence(prompt.received, 1, said) == 0);
        CHECK(driver.engine.log_totals().pins == 0);
        CHECK(driver.engine.log_totals().unlinked_bytes == 0);
        CHECK(driver.engine.log_totals().canonical_bytes <= 1'024 + 256);
    }
    CHECK(missing > 1'000);  // the worlds did lose lines
}

TEST_CASE("a gap notice names the room and both numbers", "[engine][delivery]") {
    EngineConfig config = tiny();
    config.log.room_bytes_max = 256;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    for (int line = 1; line <= 100; ++line)
        driver.say(ana, std::to_string(line) + "\n");
    driver.resume(bob);
    const auto lines = lines_of(bob.received);
    CHECK(lines[0] == "<ana> 1");
    CHECK(lines[1].starts_with("NOTE * GAP #lobby 2-"));
    CHECK(lines[1].ends_with("messages were not delivered to you; you read too slowly."));
    CHECK(lines.back() == "<ana> 100");
    CHECK(driver.engine.counters().gaps == 1);
}

TEST_CASE("lost events about people are no gap", "[engine][delivery]") {
    EngineConfig config = tiny();
    config.log.room_bytes_max = 256;
    EngineDriver driver(config);
    Client& bob = driver.join("bob");
    driver.ask(bob, "/notices on\n");
    bob.stalled = true;
    for (int number = 0; number < 200; ++number) {
        driver.reset(driver.join("eve"));
        driver.pass(100ms);
    }
    driver.resume(bob);
    CHECK(driver.engine.counters().gaps == 0);
    CHECK(bob.received.find("GAP") == std::string::npos);
    CHECK(driver.engine.log_totals().segments_unlinked > 0);
}

TEST_CASE("--slow-reader close closes who lost lines, and nobody else", "[engine][delivery]") {
    EngineConfig config = tiny();
    config.slow_reader = SlowReader::close;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& slow = driver.join("slow");
    Client& prompt = driver.join("prompt");
    driver.ask(prompt, "/notices on\n");
    slow.stalled = true;
    for (int line = 1; line <= 200; ++line)
        driver.say(ana, std::to_string(line) + "\n");
    driver.resume(slow);
    CHECK(slow.closed);
    CHECK(slow.received == "<ana> 1\n");
    CHECK_FALSE(prompt.closed);
    CHECK(prompt.received.ends_with("-- slow left #lobby (too slow)\n"));
    CHECK(driver.engine.counters().dropped[static_cast<std::size_t>(Drop::slow_closed)] == 1);
}

TEST_CASE("memory held by flying sends alone is bounded: the longest held are cancelled",
          "[engine][delivery]") {
    EngineConfig config = tiny();
    config.log.unlinked_bytes_max = 1'000;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    std::vector<Client*> stalled;
    std::uint64_t said = 0;
    for (int reader = 0; reader < 12; ++reader) {
        // Each of them pins a run of its own, later than the one before.
        stalled.push_back(&driver.join("slow" + std::to_string(reader)));
        stalled.back()->stalled = true;
        stalled.back()->taken_at_cancel = static_cast<std::size_t>(reader) * 3;
        for (int line = 0; line < 40; ++line) {
            driver.say(ana, std::to_string(++said) + "\n");
            REQUIRE(driver.engine.log_totals().unlinked_bytes <= 1'000 + 2 * 384);
        }
    }
    std::uint64_t first = 1;
    std::uint64_t missing = 0;
    for (Client* client : stalled) {
        driver.resume(*client);
        missing += check_sequence(client->received, first, said);
        first += 40;
    }
    CHECK(missing > 1'000);
    CHECK(driver.engine.log_totals().unlinked_bytes == 0);
}

TEST_CASE("a cancelled send that does not come back within a second ends its connection",
          "[engine][delivery]") {
    EngineConfig config = tiny();
    config.log.unlinked_bytes_max = 100;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    bob.ignores_cancel = true;
    for (int line = 1; line <= 200; ++line)
        driver.say(ana, std::to_string(line) + "\n");
    CHECK_FALSE(bob.closed);
    CHECK(driver.engine.log_totals().unlinked_bytes > 0);
    driver.pass(950ms);
    CHECK_FALSE(bob.closed);
    driver.pass(100ms);
    CHECK(bob.closed);
    CHECK(driver.engine.log_totals().unlinked_bytes == 0);
    CHECK(driver.engine.counters().dropped[static_cast<std::size_t>(Drop::cancel_closed)] == 1);
}

TEST_CASE("a busy room does not keep a quiet one waiting", "[engine][delivery]") {
    for (const char* first : {"busy", "quiet"}) {
        CAPTURE(first);
        EngineConfig config = tiny();
        config.log.room_bytes_max = 1 << 20;
        EngineDriver driver(config);
        Client& ana = driver.join("ana");
        Client& carl = driver.join("carl");
        Client& bob = driver.join("bob");
        driver.ask(ana, "/join busy\n");
        driver.ask(carl, "/join quiet\n");
        driver.ask(bob, "/join " + std::string(first) + "\n");
        driver.ask(bob, "/join busy\n");
        driver.ask(bob, "/join quiet\n");
        bob.received.clear();
        bob.stalled = true;
        for (int line = 0; line < 200; ++line)
            driver.say(ana, "a busy line\n");
        driver.say(carl, "a quiet line\n");
        driver.resume(bob);
        const auto lines = lines_of(bob.received);
        REQUIRE(lines.size() == 201);
        const auto quiet = std::find(lines.begin(), lines.end(), "#quiet <carl> a quiet line");
        CHECK(quiet - lines.begin() < 30);
    }
}

TEST_CASE("a reader that never reads costs others nothing", "[engine][delivery]") {
    EngineDriver driver(tiny());
    Client& ana = driver.join("ana");
    Client& never = driver.join("never");
    Client& bob = driver.join("bob");
    never.stalled = true;
    for (int line = 1; line <= 2'000; ++line) {
        driver.say(ana, std::to_string(line) + "\n");
        REQUIRE(driver.engine.log_totals().canonical_bytes <= 1'024 + 256);
        REQUIRE(driver.engine.log_totals().run_bytes <= 4'096);
    }
    CHECK(check_sequence(bob.received, 1, 2'000) == 0);
    CHECK(never.received.empty());
}

TEST_CASE("all rooms together are bounded, the idle ones give way first", "[engine][delivery]") {
    EngineConfig config = tiny();
    config.log.total_bytes_max = 2'048;
    config.log.room_bytes_max = 1'024;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    for (const char* room : {"one", "two", "three", "four"}) {
        driver.ask(ana, std::string("/join ") + room + "\n");
        driver.receive(bob, std::string("/join ") + room + "\n");
        for (int line = 1; line <= 60; ++line) {
            driver.say(ana, std::to_string(line) + "\n");
            REQUIRE(driver.engine.log_totals().canonical_bytes <= 2'048);
        }
    }
    driver.resume(bob);
    for (const char* room : {"one", "two", "three", "four"}) {
        std::string lines;
        for (const auto& line : lines_of(bob.received)) {
            const std::string mark = std::string("#") + room + " ";
            if (line.starts_with(mark) || line.starts_with("NOTE * GAP " + mark))
                lines += line + "\n";
        }
        CAPTURE(room);
        check_sequence(lines, 1, 60);
    }
}

TEST_CASE("a connection closed while its send flies gives everything back", "[engine][delivery]") {
    EngineDriver driver(tiny());
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    driver.ask(ana, "/join dev\n");
    driver.ask(bob, "/join dev\n");
    driver.ask(bob, "/leave lobby\n");
    bob.stalled = true;
    driver.say(ana, "hello\n");
    REQUIRE(driver.engine.log_totals().pins == 1);
    driver.reset(bob);
    CHECK(bob.closed);
    CHECK(driver.engine.log_totals().pins == 0);
    driver.reset(ana);
    CHECK(driver.engine.connection_count() == 0);
    CHECK(driver.engine.log_totals().canonical_bytes == 0);  // the room went with its last member
}
