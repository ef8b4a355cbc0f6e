// Who somebody is across connections: tokens, nicks that stay theirs, keys.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

std::string resume(const Bot& bot, std::string_view rooms = "null") {
    return call(1, "resume",
                "{\"token\":\"" + bot.token + "\",\"rooms\":" + std::string(rooms) + "}");
}

}  // namespace

TEST_CASE("a token brings nick and session back, whatever became of the connection",
          "[engine][sessions]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "robo");
    driver.reset(*bot.client);
    Client& again = driver.open();
    const Json answer = first_of(driver.ask(again, resume(bot)));
    CHECK(answer.at("result", "nick") == "robo");
    CHECK(answer.at("result", "resumed") == "true");
    CHECK(answer.at("result", "token") == bot.token);
    CHECK(answer.at("result", "rooms", 0, "room") == "lobby");
}

TEST_CASE("a token that names no session is refused, and the next request starts anew",
          "[engine][sessions]") {
    EngineDriver driver;
    Client& client = driver.open();
    const std::string wrong(43, 'A');
    const Json answer =
        first_of(driver.ask(client, call(1, "resume", "{\"token\":\"" + wrong + "\"}")));
    CHECK(answer.at("error", "data", "code") == "BAD_TOKEN");
    CHECK(
        first_of(driver.ask(client, call(2, "hello", R"({"nick":"new"})"))).at("result", "nick") ==
        "new");
}

TEST_CASE("a hello whose room is refused opens no session", "[engine][sessions]") {
    EngineDriver driver;
    Client& bot = driver.open();
    const std::string refused =
        driver.ask(bot, call(1, "hello", R"({"nick":"robo","rooms":[{"room":"not a room"}]})"));
    CHECK(Json(lines_of(refused).at(0)).at("error", "data", "code") == "BAD_ROOM");
    CHECK(driver.ask(bot, call(2, "hello")).find("\"token\":\"") != std::string::npos);
}

TEST_CASE("with all places taken a hello is refused until somebody is away", "[engine][sessions]") {
    engine::EngineConfig config;
    config.sessions_max = 1;
    EngineDriver driver(config);
    const Bot bot = join_bot(driver, "robo");
    Client& other = driver.open();
    CHECK(first_of(driver.ask(other, call(1, "hello"))).at("error", "data", "code") == "TOO_FAST");
    driver.reset(*bot.client);
    CHECK(driver.ask(other, call(2, "hello")).find("\"token\":\"") != std::string::npos);
    Client& late = driver.open();
    CHECK(first_of(driver.ask(late, resume(bot))).at("error", "data", "code") == "BAD_TOKEN");
}

TEST_CASE("a nick stays its session's for a day after the last connection", "[engine][sessions]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "robo");
    driver.reset(*bot.client);
    Client& ana = driver.open();
    CHECK(driver.ask(ana, "/nick robo\n").starts_with("FAIL NICK NICK_IN_USE"));
    driver.pass(std::chrono::hours{23});
    CHECK(driver.ask(ana, "/nick robo\n").starts_with("FAIL NICK NICK_IN_USE"));
    driver.pass(std::chrono::hours{2});
    CHECK(driver.ask(ana, "/nick robo\n").starts_with("NOTE NICK OK robo"));
    // The session is still there; it comes back as a guest.
    Client& again = driver.open();
    CHECK(first_of(driver.ask(again, resume(bot))).at("result", "nick").starts_with("guest-"));
}

TEST_CASE("a session ends after a week away", "[engine][sessions]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "robo");
    driver.reset(*bot.client);
    driver.pass(std::chrono::hours{7 * 24 + 1});
    Client& again = driver.open();
    CHECK(first_of(driver.ask(again, resume(bot))).at("error", "data", "code") == "BAD_TOKEN");
}

TEST_CASE("who quits is gone for good, and the nick is free", "[engine][sessions]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "robo");
    Client& second = driver.open();
    driver.say(second, resume(bot));
    driver.ask(second, call(2, "quit"));
    driver.reset(second);
    Client& ana = driver.open();
    CHECK(driver.ask(ana, "/nick robo\n").starts_with("FAIL NICK NICK_IN_USE"));  // not the last
    driver.ask(*bot.client, call(2, "quit"));
    driver.reset(*bot.client);
    CHECK(driver.ask(ana, "/nick robo\n").starts_with("NOTE NICK OK robo"));
    Client& again = driver.open();
    CHECK(first_of(driver.ask(again, resume(bot))).at("error", "data", "code") == "BAD_TOKEN");
}

TEST_CASE("who quits with a line scheduled is kept for it", "[engine][sessions]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "robo");
    driver.ask(*bot.client, call(2, "schedule", R"({"body":"later","when":"10m"})"));
    driver.ask(*bot.client, call(3, "quit"));
    driver.reset(*bot.client);
    Client& again = driver.open();
    CHECK(first_of(driver.ask(again, resume(bot))).at("result", "nick") == "robo");
}

TEST_CASE("two connections of a session are one person in a room", "[engine][sessions]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.ask(ana, "/notices on\n");
    const Bot bot = join_bot(driver, "robo");
    CHECK(ana.take() == "-- robo joined #lobby\n");
    Client& second = driver.open();
    driver.say(second, resume(bot));
    CHECK(ana.take().empty());
    CHECK(driver.ask(ana, "/who\n").find("NOTE WHO END 2 ") != std::string::npos);
    driver.reset(*bot.client);
    CHECK(ana.take().empty());
    driver.reset(second);
    CHECK(ana.take() == "-- robo left #lobby (reset)\n");
}

TEST_CASE("a private message reaches all connections of a session", "[engine][sessions]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const Bot bot = join_bot(driver, "robo");
    Client& second = driver.open();
    driver.say(second, resume(bot));
    second.received.clear();
    bot.client->received.clear();
    driver.say(ana, "/msg robo psst\n");
    CHECK(first_of(second.take()).at("method") == "private");
    CHECK(first_of(bot.client->take()).at("method") == "private");
}

TEST_CASE("a rename is the whole session's", "[engine][sessions]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const Bot bot = join_bot(driver, "robo");
    Client& second = driver.open();
    driver.say(second, resume(bot));
    driver.say(second, call(2, "nick", R"({"nick":"marvin"})"));
    driver.say(*bot.client, call(3, "say", R"({"body":"I am"})"));
    CHECK(ana.take() == "<marvin> I am\n");
}

TEST_CASE("what is said under a key is said once, however often it is sent", "[engine][keys]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Bot bot = join_bot(driver, "robo");
    const auto say = [&](int id, std::string_view body) {
        const std::string params = "{\"key\":\"k1\",\"body\":\"" + std::string(body) + "\"}";
        return first_of(driver.ask(*bot.client, call(id, "say", params)));
    };
    const Json said = say(2, "once");
    CHECK(said.at("result", "seq") == "1");
    const Json again = say(3, "once");
    CHECK(again.at("result", "seq") == "1");
    CHECK(again.at("result", "id") == said.at("result", "id"));
    CHECK(again.at("result", "repeated") == "true");
    CHECK(say(4, "other").at("error", "data", "code") == "KEY_REUSED");
    CHECK(ana.take() == "<robo> once\n");
    // Also across a reconnect.
    driver.reset(*bot.client);
    bot.client = &driver.open();
    driver.say(*bot.client, resume(bot));
    CHECK(say(5, "once").at("result", "repeated") == "true");
    CHECK(ana.take().empty());
}

TEST_CASE("a key is forgotten after two minutes", "[engine][keys]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    const Bot bot = join_bot(driver, "robo");
    const std::string keyed = call(2, "say", R"({"key":"k","body":"hi"})");
    driver.say(*bot.client, keyed);
    driver.pass(std::chrono::seconds{121});
    driver.say(*bot.client, keyed);
    CHECK(ana.take() == "<robo> hi\n<robo> hi\n");
}

TEST_CASE("only the newest 10,000 keys of a session are known", "[engine][keys]") {
    engine::EngineConfig config;
    EngineDriver driver(config);
    const Bot bot = join_bot(driver, "robo");
    std::string calls;
    for (std::uint32_t number = 0; number <= limits::keys_per_session_max; ++number) {
        calls +=
            notification("say", "{\"key\":\"k" + std::to_string(number) + "\",\"body\":\"x\"}");
    }
    driver.say(*bot.client, calls);
    bot.client->received.clear();
    const auto repeated = [&](std::string_view key) {
        const std::string params = "{\"key\":\"" + std::string(key) + "\",\"body\":\"x\"}";
        return first_of(driver.ask(*bot.client, call(3, "say", params))).at("result", "repeated");
    };
    CHECK(repeated("k1") == "true");
    CHECK(repeated("k0") == "");
}

TEST_CASE("a key needs a session and 1 to 64 bytes", "[engine][keys]") {
    EngineDriver driver;
    Client& guest = driver.open();
    const std::string answer = driver.ask(guest, call(1, "say", R"({"key":"k","body":"hi"})"));
    CHECK(first_of(answer).at("error", "data", "code") == "NEEDS_SESSION");
}
