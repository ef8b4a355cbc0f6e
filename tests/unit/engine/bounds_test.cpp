// Memory kept within its bounds while connections end.
#include "support/catch.hpp"
#include "support/engine_driver.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

engine::EngineConfig tiny_log() {
    engine::EngineConfig config;
    config.log.segment_bytes_min = 128;
    config.log.segment_bytes_max = 128;
    config.log.room_bytes_max = 512;
    config.log.unlinked_bytes_max = 128;
    return config;
}

std::string many_lines(int count) {
    std::string lines;
    for (int line = 0; line < count; ++line)
        lines += "line " + std::to_string(line) + "\n";
    return lines;
}

}  // namespace

TEST_CASE("nothing follows a close frame though the room is trimmed meanwhile",
          "[engine][bounds]") {
    EngineDriver driver(tiny_log());
    Client& ana = driver.join("ana");
    driver.join("bob");
    Client& socket = driver.connect();
    driver.say(socket, upgrade_request);
    socket.received.clear();
    driver.end_input(socket);
    driver.receive(ana, many_lines(100));
    driver.settle();
    CHECK(frames_of(socket.take()) == std::vector<std::string>{"close 1000 "});
}

TEST_CASE("a half-closed reader is owed no gap for what was said after its FIN",
          "[engine][bounds]") {
    engine::EngineConfig config = tiny_log();
    config.log.unlinked_bytes_max = 1'000'000;  // what flies may go on flying
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    driver.say(ana, "hi\n");
    driver.half_close(bob);
    driver.say(ana, many_lines(100));
    driver.resume(bob);
    CHECK(bob.take() == "<ana> hi\n");
    CHECK(bob.ended());
}

TEST_CASE("a closed connection's send is not cancelled once more to free what it holds",
          "[engine][bounds]") {
    EngineDriver driver(tiny_log());
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    driver.receive(ana, many_lines(3));
    driver.turn();
    REQUIRE(bob.flying);
    // The driver asserts that no output follows Output::close.
    driver.fail(bob);
    driver.receive(ana, many_lines(100));
    driver.settle();
    CHECK(bob.closed);
    CHECK(driver.engine.log_totals().pins == 0);
    CHECK(driver.engine.log_totals().unlinked_bytes == 0);
}

TEST_CASE("a half-closed reader trimmed past its end is told of nothing said after its FIN",
          "[engine][bounds]") {
    engine::EngineConfig config = tiny_log();
    config.log.unlinked_bytes_max = 1'000'000;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    Client& bob = driver.join("bob");
    bob.stalled = true;
    driver.say(ana, "line -1\n");  // flies
    driver.receive(ana, many_lines(3));
    driver.settle();
    driver.half_close(bob);
    driver.receive(ana, many_lines(100));
    driver.settle();
    driver.resume(bob);
    CHECK(bob.take() ==
          "<ana> line -1\nNOTE * GAP #lobby 2-4 :3 messages were not delivered to you; you read "
          "too slowly.\n");
    CHECK(bob.ended());
}

TEST_CASE("encodings made for a late form keep to a room's bound though nobody writes",
          "[engine][bounds]") {
    engine::EngineConfig config = tiny_log();
    config.log.room_bytes_max = 1024;
    config.gather_bytes_max = 32;
    EngineDriver driver(config);
    Client& ana = driver.join("ana");
    driver.join("bob");
    Client& socket = driver.connect();
    driver.say(socket, upgrade_request);
    socket.stalled = true;
    driver.receive(ana, many_lines(60));
    driver.settle();
    REQUIRE(driver.engine.log_totals().canonical_bytes == 1024);
    // From here on nothing is said; the socket's way through the log opens what it needs.
    socket.take_max = 32;
    driver.resume(socket);
    CHECK(frames_of(socket.take()).back() == "text <ana> line 59");
    CHECK(driver.engine.log_totals().run_bytes <= 1024);
}

TEST_CASE("what is kept of all connections' input has one bound", "[engine][bounds]") {
    engine::EngineConfig config;
    config.input_total_bytes_max = 100;
    EngineDriver driver(config);
    Client& ana = driver.connect();
    Client& bob = driver.connect();
    driver.say(ana, std::string(60, 'a'));
    driver.say(bob, std::string(60, 'b'));
    CHECK_FALSE(ana.closed);
    CHECK(bob.closed);
    CHECK(driver.engine.counters().dropped[static_cast<std::size_t>(engine::Drop::input_full)] ==
          1);
    driver.say(ana, "\n");
    Client& eve = driver.connect();
    driver.say(eve, std::string(90, 'e'));
    CHECK_FALSE(eve.closed);
}
