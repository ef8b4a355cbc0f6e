// JSON-RPC on a stream: requests, batches, notifications, and the events that come back.
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

TEST_CASE("the first bytes of JSON make a connection a JSON-RPC one", "[engine][json]") {
    EngineDriver driver;
    Client& bot = driver.open();
    const std::string answer = driver.ask(bot, call(7, "ping", R"({"token":"x"})"));
    CHECK(answer == "{\"jsonrpc\":\"2.0\",\"result\":{\"token\":\"x\"},\"id\":7}\n");
}

TEST_CASE("a bot that just speaks is a guest in the lobby", "[engine][json]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bot = driver.open();
    const std::string answer = driver.ask(bot, call(1, "say", R"({"body":"hi"})"));
    CHECK(ana.take() == "<guest-1> hi\n");
    const auto lines = lines_of(answer);
    REQUIRE(lines.size() == 2);
    CHECK(Json(lines[0]).at("result", "seq") == "1");
    CHECK(Json(lines[0]).at("result", "room") == "lobby");
    CHECK(Json(lines[0]).at("result", "id").size() == 36);
    CHECK(Json(lines[0]).at("result", "ts") == "2027-01-15T08:00:00.000Z");
    // Its own message comes back to a bot: the echo carries the number.
    CHECK(Json(lines[1]).at("method") == "message");
    CHECK(Json(lines[1]).at("params", "from") == "guest-1");
    CHECK(Json(lines[1]).at("params", "seq") == "1");
    CHECK(Json(lines[1]).at("params", "id") == Json(lines[0]).at("result", "id"));
}

TEST_CASE("a JSON reader gets what text clients say, as events", "[engine][json]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "bot");
    Client& ana = driver.join("ana");
    bot.client->received.clear();
    driver.say(ana, "hello\n/me waves\n");
    const auto lines = lines_of(bot.client->take());
    REQUIRE(lines.size() == 2);
    CHECK(Json(lines[0]).at("method") == "message");
    CHECK(Json(lines[0]).at("params", "body") == "hello");
    CHECK(Json(lines[1]).at("params", "action") == "true");
}

TEST_CASE("bytes one at a time change nothing", "[engine][json]") {
    EngineDriver driver;
    Client& bot = driver.open();
    driver.say_bytewise(bot, call(1, "nick", R"({"nick":"robo"})") + "\r\n \n" + call(2, "rooms"));
    const auto lines = lines_of(bot.take());
    REQUIRE(lines.size() == 2);
    CHECK(Json(lines[0]).at("result", "nick") == "robo");
    CHECK(Json(lines[1]).at("result", "rooms", 0, "room") == "lobby");
}

TEST_CASE("a batch is answered by one array, its notifications by nothing", "[engine][json]") {
    EngineDriver driver;
    Client& bot = driver.open();
    const std::string batch = R"([{"jsonrpc":"2.0","id":1,"method":"ping","params":{"token":"a"}},)"
                              R"({"jsonrpc":"2.0","method":"ping"},{"jsonrpc":"2.0","id":"b",)"
                              R"("method":"nosuch"},3])"
                              "\n";
    const auto lines = lines_of(driver.ask(bot, batch));
    REQUIRE(lines.size() == 1);
    CHECK(Json(lines[0]).at(0, "result", "token") == "a");
    CHECK(Json(lines[0]).at(1, "error", "code") == "-32601");
    CHECK(Json(lines[0]).at(1, "id") == "b");
    CHECK(Json(lines[0]).at(2, "error", "code") == "-32600");
    CHECK(Json(lines[0]).at(3) == "");
}

TEST_CASE("nothing of a text is carried out unless all of it is JSON", "[engine][json]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    Client& bot = driver.open();
    const std::string broken = R"([{"jsonrpc":"2.0","id":1,"method":"say","params":{"body":"x"}},)"
                               R"({"jsonrpc":"2.0","id":2,"method":"say","params":{"body":"y"}])"
                               "\n";
    const std::string answer = driver.ask(bot, broken);
    CHECK(Json(lines_of(answer).at(0)).at("error", "code") == "-32700");
    CHECK(ana.take().empty());
    CHECK_FALSE(bot.ended());
}

TEST_CASE("what is no call of a method says what one is", "[engine][json]") {
    EngineDriver driver;
    Client& bot = driver.open();
    driver.say(bot, call(1, "ping"));
    const auto detail = [&](const std::string& text) {
        return Json(lines_of(driver.ask(bot, text + "\n")).at(0)).at("error", "data", "detail");
    };
    const std::string request =
        R"(a request is {"jsonrpc":"2.0","id":1,"method":"ping"}, its params an array or an object)";
    CHECK(detail("{") == "that is not JSON; on TCP each line is a text of its own");
    for (const char* text : {"3", "[]", "{}", R"({"jsonrpc":"2.0","method":1})"}) {
        CAPTURE(text);
        CHECK(detail(text) == request);
    }
    CHECK(detail(R"({"jsonrpc":"2.0","method":"nosuch","id":1})") ==
          "no such method; /rpc/openrpc.json lists them");
}

TEST_CASE("a refused request says its code and whether to try again", "[engine][json]") {
    EngineDriver driver;
    driver.join("ana");
    Client& bot = driver.open();
    driver.say(bot, call(1, "ping"));
    const std::string answer = driver.ask(bot, call(2, "nick", R"({"nick":"ana"})"));
    const Json error(lines_of(answer).at(0));
    CHECK(error.at("error", "code") == "-32000");
    CHECK(error.at("error", "data", "code") == "NICK_IN_USE");
    CHECK(error.at("error", "data", "retry") == "false");
}

TEST_CASE("hello names the session, its rooms and where each stands", "[engine][json]") {
    EngineDriver driver;
    Client& ana = driver.join("ana");
    driver.say(ana, "/join dev\none\ntwo\n");
    Client& bot = driver.open();
    const std::string answer =
        driver.ask(bot, call(1, "hello", R"({"nick":"robo","rooms":["dev",{"room":"ops"}]})"));
    const Json hello(lines_of(answer).at(0));
    CHECK(hello.at("result", "nick") == "robo");
    CHECK(hello.at("result", "token").size() == 43);
    CHECK(hello.at("result", "rooms", 0, "room") == "dev");
    CHECK(hello.at("result", "rooms", 0, "seq") == "2");
    CHECK(hello.at("result", "rooms", 0, "others") == "1");
    CHECK(hello.at("result", "rooms", 1, "room") == "ops");
    CHECK(hello.at("result", "rooms", 2) == "");
    // Not in the lobby: it named its rooms.
    driver.say(ana, "/leave\nin the lobby\n");
    CHECK(bot.take().empty());
}

TEST_CASE("a text that is too long is refused and skipped to its end", "[engine][json]") {
    EngineDriver driver;
    Client& bot = driver.open();
    driver.say(bot, call(1, "ping"));
    bot.received.clear();
    driver.receive(bot, R"({"jsonrpc":"2.0","id":2,"method":")");
    driver.receive(bot, std::string(limits::rpc_text_bytes_max, 'x'));
    driver.settle();
    CHECK(Json(lines_of(bot.take()).at(0)).at("error", "code") == "-32600");
    CHECK(driver.ask(bot, "still it\n" + call(3, "ping")).find("\"id\":3") != std::string::npos);
}

TEST_CASE("quit in a batch: the rest is carried out, then the connection ends", "[engine][json]") {
    EngineDriver driver;
    Client& bot = driver.open();
    const std::string batch = R"([{"jsonrpc":"2.0","id":1,"method":"quit"},)"
                              R"({"jsonrpc":"2.0","id":2,"method":"ping"}])"
                              "\n";
    const auto lines = lines_of(driver.ask(bot, batch));
    REQUIRE(lines.size() == 1);
    CHECK(Json(lines[0]).at(1, "id") == "2");
    CHECK(bot.ended());
}

TEST_CASE("a drain is announced as a notification", "[engine][json]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "bot");
    bot.client->received.clear();
    driver.drain();
    CHECK(Json(lines_of(bot.client->take()).at(0)).at("method") == "draining");
    CHECK(bot.client->ended());
}

TEST_CASE("private messages reach a bot as private", "[engine][json]") {
    EngineDriver driver;
    const Bot bot = join_bot(driver, "bot");
    Client& ana = driver.join("ana");
    bot.client->received.clear();
    CHECK(driver.ask(ana, "/msg bot psst\n") == "NOTE MSG OK bot :Sent to bot alone.\n");
    const Json told(lines_of(bot.client->take()).at(0));
    CHECK(told.at("method") == "private");
    CHECK(told.at("params", "from") == "ana");
    CHECK(told.at("params", "body") == "psst");
    driver.say(*bot.client, call(9, "msg", R"({"nick":"ana","body":"a\nb"})"));
    CHECK(ana.take() == "@bot a\n@bot b\n");
}

TEST_CASE("with as many answers owed as may be reading pauses, and goes on as they are given",
          "[engine][json]") {
    EngineDriver driver(remembering());
    FakeStore store;
    driver.store = &store;
    const Bot bot = join_bot(driver, "robo");
    bot.client->received.clear();
    const std::uint64_t before = driver.engine.counters().messages;
    store.stalled = true;
    constexpr int beyond = 10;
    constexpr int count = static_cast<int>(limits::answers_owed_max) + beyond;
    std::string calls;
    for (int id = 1; id <= count; ++id)
        calls += call(id, "say", R"({"body":"x"})");
    driver.say(*bot.client, calls);
    CHECK(bot.client->paused);
    CHECK(driver.engine.counters().messages - before == limits::answers_owed_max);
    store.stalled = false;
    driver.settle();
    CHECK_FALSE(bot.client->paused);
    CHECK(driver.engine.counters().messages - before == count);
    int answered = 0;
    for (const std::string& line : lines_of(bot.client->take())) {
        const Json answer(line);
        if (answer.at("method").empty()) CHECK(answer.at("id") == std::to_string(++answered));
    }
    CHECK(answered == count);
}
