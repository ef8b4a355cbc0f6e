// Which refusals each method has: every method is called in every standing and on every state of
// the server that could refuse it, with arguments good and bad, and what was refused is what the
// OpenRPC document lists, no code more and no code less.

#include <functional>
#include <string>
#include <vector>

#include "chatd/wire/json_request.hpp"
#include "support/catch.hpp"
#include "support/rpc.hpp"

using namespace chatd;
using namespace chatd::test;

namespace {

using Refusals = std::set<std::pair<std::string, std::string>>;

// -- what is asked ---------------------------------------------------------------------------

const std::string lines_65 = [] {
    std::string lines = "\"1";
    for (std::size_t line = 0; line < limits::body_lines_max; ++line)
        lines += "\\n1";
    return lines + "\"";
}();

/// Values to try for a parameter, good ones and bad ones; "" leaves it out.
std::vector<std::string> values_of(const wire::JsonParam& param, const std::string& token) {
    const std::string_view name = param.name;
    if (name == "nick") return {"", R"("ana")", R"("nobody")", R"("-")", R"("away")"};
    if (name == "rooms") return {"", R"(["b b"])", R"(["1obby"])", R"(["fresh"])"};
    if (name == "room") {
        return {"", R"("lobby")", R"("elsewhere")", R"("b b")", R"("1obby")", R"("fresh")"};
    }
    if (name == "token") return {"\"" + std::string(43, 'A') + "\"", "\"" + token + "\""};
    if (name == "body") return {R"("x")", R"("")", lines_65};
    if (name == "key") return {"", R"("k")"};
    if (name == "target") return {R"({"seq":1})", R"({"seq":999})"};
    if (name == "at") return {R"({"epoch":1,"seq":0})", R"({"epoch":9007199254740992,"seq":1})"};
    if (name == "reaction") return {R"("+1")"};
    if (name == "topic") return {"", R"("x")"};
    if (name == "query") return {R"("x")", R"("")"};
    if (name == "hex") return {R"("00")", R"("")"};
    if (name == "hz") return {"", "0"};
    if (name == "when") return {"", R"("10m")", R"("2001-01-01T00:00:00Z")"};
    if (name == "id") return {"", "999"};
    if (name == "on" && param.required) return {"true"};
    return {""};
}

/// Every combination of them, as params.
std::vector<std::string> params_of(const wire::JsonMethod& method, const std::string& token) {
    std::vector<std::string> all{"{"};
    for (const wire::JsonParam& param : method.params) {
        std::vector<std::string> longer;
        for (const std::string& begun : all) {
            for (const std::string& value : values_of(param, token)) {
                if (param.required && value.empty()) continue;
                const std::string comma = begun == "{" ? "" : ",";
                longer.push_back(value.empty() ? begun
                                               : begun + comma + "\"" + std::string(param.name) +
                                                     "\":" + value);
            }
        }
        all = std::move(longer);
    }
    for (std::string& params : all)
        params += '}';
    return all;
}

// -- who asks --------------------------------------------------------------------------------

/// How somebody stands who calls a method.
enum class Standing : std::uint8_t { first, guest, session, outside, poster, bearer };
constexpr std::array standings{Standing::first,   Standing::guest,  Standing::session,
                               Standing::outside, Standing::poster, Standing::bearer};

/// A server in some state, with ana and her first line in the lobby and a session that is away.
class World {
public:
    explicit World(const engine::EngineConfig& config) : driver_(config) {
        if (config.keeps_history) driver_.store = &store_;
        driver_.settle();
        ana_ = &driver_.join("ana");
        driver_.say(*ana_, "first\n");
        bearer_ = join_bot(driver_, "bearer");
        driver_.reset(*join_bot(driver_, "away").client);
    }

    EngineDriver& driver() { return driver_; }
    FakeStore& store() { return store_; }
    const Refusals& refused() const { return refused_; }
    Client& ana() { return *ana_; }
    const std::string& token() const { return bearer_.token; }

    /// Calls every method with every combination of values.
    void call_all(Standing standing) {
        Client* client = nullptr;
        for (const wire::JsonMethod& method : wire::json_methods()) {
            for (const std::string& params : params_of(method, token())) {
                const bool gone =
                    client == nullptr || client->ended() || standing == Standing::first;
                if (gone) client = &arrived(standing);
                const bool lasts = call_once(*client, standing, method.name, params);
                if (lasts && !changes_standing(method.name)) continue;
                driver_.reset(*client);
                client = nullptr;
            }
        }
    }

    /// One call; false if no answer came, since the store does not answer.
    bool call_once(Client& client, Standing standing, std::string_view method,
                   std::string_view params) {
        RpcConversation heard;
        std::string text = call(7, method, params);
        heard.sent(text);
        const bool posts = standing == Standing::poster || standing == Standing::bearer;
        if (posts) text = posted(text, standing == Standing::bearer);
        std::string answer = driver_.ask(client, text);
        if (posts && !answer.empty()) answer.erase(0, answer.find("\r\n\r\n") + 4);
        for (const std::string& line : lines_of(answer))
            heard.received(line);
        refused_.insert(heard.refused().begin(), heard.refused().end());
        return heard.answered_count() == 1;
    }

    Client& arrived(Standing standing) {
        Client& client = driver_.open();
        switch (standing) {
            case Standing::guest:
                driver_.ask(client, call(1, "ping"));
                break;
            case Standing::session:
                driver_.ask(client, call(1, "hello"));
                break;
            case Standing::outside:
                driver_.ask(client, call(1, "hello", R"({"rooms":[]})"));
                break;
            case Standing::first:
            case Standing::poster:
            case Standing::bearer:
                break;
        }
        return client;
    }

private:
    static bool changes_standing(std::string_view method) {
        return method == "hello" || method == "resume" || method == "join" || method == "leave" ||
               method == "quit";
    }
    std::string posted(const std::string& text, bool bears) const {
        return "POST /rpc HTTP/1.1\r\nHost: localhost:4399\r\nContent-Type: application/json\r\n" +
               (bears ? "Authorization: Bearer " + token() + "\r\n" : std::string{}) +
               "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
    }

    FakeStore store_;
    EngineDriver driver_;
    Client* ana_ = nullptr;
    Bot bearer_;
    Refusals refused_;
};

/// Fills the store's queue for good.
void stall(World& world) {
    world.store().stalled = true;
    for (int number = 0; number < 40; ++number)
        world.driver().say(world.ana(), "x\n");
}

// -- what is refused -------------------------------------------------------------------------

Refusals refused_everywhere() {
    engine::EngineConfig forgetting;
    engine::EngineConfig full;
    full.rooms_max = 1;
    engine::EngineConfig behind = remembering();
    behind.store_queue_max = 32;
    Refusals all;
    const auto go_through = [&](const engine::EngineConfig& config,
                                const std::function<void(World&)>& prepare = {}) {
        World world(config);
        if (prepare) prepare(world);
        for (const Standing standing : standings)
            world.call_all(standing);
        all.insert(world.refused().begin(), world.refused().end());
    };
    go_through(forgetting);
    go_through(full);
    go_through(remembering());
    go_through(remembering(), [](World& world) { world.store().failing = "disk on fire"; });
    go_through(behind, stall);
    return all;
}

/// What takes more than one call.
Refusals refused_in_the_end() {
    engine::EngineConfig config = remembering();
    World world(config);
    EngineDriver& driver = world.driver();
    const auto repeat = [&](Standing standing, std::uint32_t times, std::string_view method,
                            std::string_view params) {
        Client& client = world.arrived(standing);
        for (std::uint32_t count = 0; count < times; ++count)
            world.call_once(client, standing, method, params);
        return &client;
    };
    Client& client = *repeat(Standing::session, 1, "say", R"({"body":"x","key":"k"})");
    world.call_once(client, Standing::session, "say", R"({"body":"y","key":"k"})");
    repeat(Standing::session, limits::schedules_per_session_max + 1, "schedule",
           R"({"body":"x","when":"10m"})");
    for (std::uint32_t count = 0; count < limits::connections_per_session_max; ++count) {
        world.call_once(driver.open(), Standing::first, "resume",
                        R"({"token":")" + world.token() + "\"}");
    }
    // A reader who has stopped.
    Client& deaf = driver.join("deaf");
    deaf.stalled = true;
    const std::string long_line = "\"" + std::string(limits::body_bytes_max, 'x') + "\"";
    repeat(Standing::session, 100, "msg", R"({"nick":"deaf","body":)" + long_line + "}");
    // From elsewhere than loopback datagrams have a rate, and who is connected is not told.
    Client& far = driver.open(false);
    for (std::uint32_t count = 0; count <= 2 * limits::udp_packets_per_second_max; ++count)
        world.call_once(far, Standing::first, "datagram", R"({"hex":"00"})");
    world.call_once(far, Standing::first, "connections", "{}");
    return world.refused();
}

/// One's own line, which one may change, but not while that could not be kept.
Refusals refused_to_authors() {
    engine::EngineConfig config = remembering();
    config.store_queue_max = 32;
    World world(config);
    Client& author = world.arrived(Standing::session);
    world.driver().say(author, call(2, "say", R"({"body":"mine"})"));
    stall(world);
    world.call_once(author, Standing::session, "edit", R"({"target":{"seq":2},"body":"x"})");
    world.call_once(author, Standing::session, "redact", R"({"target":{"seq":2}})");
    return world.refused();
}

Refusals refused_with_all_sessions_taken() {
    engine::EngineConfig config;
    config.sessions_max = 2;
    World world(config);
    world.call_once(world.arrived(Standing::session), Standing::first, "ping", "{}");
    world.call_once(world.arrived(Standing::first), Standing::first, "hello", "{}");
    return world.refused();
}

Refusals described() {
    const OpenRpc document;
    Refusals all;
    const wire::JsonValue methods = *document.root().find("methods");
    for (const wire::JsonValue method : methods) {
        const wire::JsonValue codes = *method.find("x-refusals");
        for (const wire::JsonValue code : codes)
            all.emplace(method.find("name")->text(), code.text());
    }
    return all;
}

std::string listed(const Refusals& refusals, const Refusals& without) {
    std::string list;
    for (const auto& [method, code] : refusals) {
        if (!without.contains({method, code})) list += method + " " + code + "\n";
    }
    return list;
}

Refusals all_refused() {
    Refusals all = refused_everywhere();
    all.merge(refused_in_the_end());
    all.merge(refused_to_authors());
    all.merge(refused_with_all_sessions_taken());
    return all;
}

}  // namespace

TEST_CASE("each method is refused with what the document lists for it, all of it, and nothing else",
          "[engine][dispatch][openrpc]") {
    const Refusals produced = all_refused();
    CHECK(listed(produced, described()) == "");
    CHECK(listed(described(), produced) == "");
}

TEST_CASE("every refusal there is reaches somebody", "[engine][dispatch][openrpc]") {
    std::set<std::string> heard;
    for (const auto& [method, code] : described())
        heard.insert(code);
    // Those that JSON-RPC cannot meet: its decoder answers first, with what does not fit.
    EngineDriver driver;
    Client& ana = driver.join("ana");
    for (const std::string& line :
         {std::string("\xff"), std::string("a\0b", 3), std::string("/nosuch"), std::string("/msg"),
          std::string("/hex zz"), std::string(limits::line_bytes_max + 1, 'x')}) {
        const std::string answer = driver.ask(ana, line + "\n");
        REQUIRE(answer.starts_with("FAIL "));
        const auto begin = answer.find(' ', 5) + 1;
        CHECK(heard.insert(answer.substr(begin, answer.find(' ', begin) - begin)).second);
    }
    Client& browser = driver.open();
    driver.say(browser, upgrade_request);
    browser.received.clear();
    const auto frames = frames_of(driver.ask(browser, masked_text("one\ntwo")));
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].starts_with("text FAIL * NEWLINE "));
    heard.insert("NEWLINE");
    const std::string keyless = driver.ask(driver.open(),
                                           "POST /v1/rooms/lobby/messages?key= HTTP/1.1\r\n"
                                           "Host: localhost\r\nContent-Length: 1\r\n\r\nx");
    CHECK(Json(keyless.substr(keyless.find("\r\n\r\n") + 4)).at("code") == "BAD_KEY");
    heard.insert("BAD_KEY");
    for (int value = 1; value <= static_cast<int>(wire::errc_last); ++value) {
        const std::string code(wire::code_of(static_cast<wire::Errc>(value)));
        CAPTURE(code);
        CHECK(heard.contains(code));
    }
}
