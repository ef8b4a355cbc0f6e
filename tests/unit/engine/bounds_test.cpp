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
