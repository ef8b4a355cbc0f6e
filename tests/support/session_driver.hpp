#pragma once
// A client's Session with a server that the test plays itself, line by line, in virtual time.

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "chatd/client/session.hpp"
#include "support/catch.hpp"
#include "support/rpc.hpp"

namespace chatd::test {

struct SessionDriver {
    client::Session session;
    Time now{std::chrono::hours{1}};

    explicit SessionDriver(client::SessionOptions options = {}, client::SessionState state = {})
        : session(std::move(options), std::move(state)) {}

    /// What the session sends now, as lines.
    std::vector<std::string> sent() {
        std::string bytes(as_text(session.to_send()));
        session.sent(bytes.size(), now);
        CHECK(bytes.ends_with('\n') == !bytes.empty());
        return lines_of(bytes);
    }
    void hear(std::string_view line) { session.received(as_bytes(std::string(line) + '\n'), now); }
    void answer(std::string_view id, std::string_view result) {
        hear("{\"jsonrpc\":\"2.0\",\"result\":" + std::string(result) +
             ",\"id\":" + std::string(id) + '}');
    }
    void refuse(std::string_view id, std::string_view code, std::string_view more = "") {
        hear(R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"No.","data":{"code":")" +
             std::string(code) + "\"" + std::string(more) + "}},\"id\":" + std::string(id) + '}');
    }
    void tell(std::string_view method, std::string_view params) {
        hear("{\"jsonrpc\":\"2.0\",\"method\":\"" + std::string(method) +
             "\",\"params\":" + std::string(params) + '}');
    }
    /// A message in the lobby, epoch 1.
    void tell_message(int seq, std::string_view from, std::string_view body,
                      std::string_view key = "", int epoch = 1) {
        tell("message",
             "{\"room\":\"lobby\",\"epoch\":" + std::to_string(epoch) + ",\"seq\":" +
                 std::to_string(seq) + R"(,"id":"019ac000-0000-7000-8000-000000000000","from":")" +
                 std::string(from) + "\",\"body\":\"" + std::string(body) + '"' +
                 (key.empty() ? std::string() : ",\"key\":\"" + std::string(key) + '"') + '}');
    }
    void pass(Duration duration) {
        now += duration;
        session.tick(now);
    }

    /// Connects and is greeted; the lobby stands at epoch 1, number `seq`. The requests it took:
    /// one, or three where somebody new has a nick.
    std::vector<std::string> come_online(int seq = 10, bool resumed = false,
                                         std::string_view verdict = "") {
        session.connected(now);
        return be_greeted(seq, resumed, verdict);
    }
    std::vector<std::string> be_greeted(int seq, bool resumed, std::string_view verdict) {
        std::vector<std::string> asked;
        while (!session.online()) {
            const auto greeting = sent();
            REQUIRE(greeting.size() == 1);
            asked.push_back(greeting[0]);
            const Json request(greeting[0]);
            const bool enters = !request.at("params", "rooms", 0).empty();
            const bool names = request.at("method") == "nick";
            answer(request.at("id"), names    ? R"({"nick":"ana"})"
                                     : enters ? greeted(seq, resumed || asked.size() > 1, verdict)
                                              : nobody_yet());
        }
        return asked;
    }
    /// The answer to a hello without rooms.
    static std::string nobody_yet() {
        return R"({"nick":"guest-1","token":"secret","resumed":false,"rooms":[]})";
    }
    static std::string greeted(int seq, bool resumed, std::string_view verdict) {
        return std::string(R"({"version":"0","session":"7","nick":"ana","token":"secret",)") +
               "\"resumed\":" + (resumed ? "true" : "false") +
               R"(,"rooms":[{"room":"lobby","epoch":1,"seq":)" + std::to_string(seq) +
               ",\"others\":2,\"topic\":\"\"" + std::string(verdict) + "}]}";
    }
    void cut() { session.disconnected(now, "cut"); }

    std::vector<client::Event> events() {
        std::vector<client::Event> events;
        while (auto event = session.next_event())
            events.push_back(std::move(*event));
        return events;
    }
    /// All of one kind that came since the last call of this or events().
    template <class Kind>
    std::vector<Kind> all() {
        std::vector<Kind> found;
        for (client::Event& event : events()) {
            if (auto* wanted = std::get_if<Kind>(&event)) found.push_back(std::move(*wanted));
        }
        return found;
    }
    template <class Kind>
    Kind one() {
        auto found = all<Kind>();
        REQUIRE(found.size() == 1);
        return found[0];
    }
};

/// Those of these calls that are `method`.
inline std::vector<std::string> calls_of(const std::vector<std::string>& lines,
                                         std::string_view method) {
    std::vector<std::string> found;
    for (const std::string& line : lines) {
        if (Json(line).at("method") == method) found.push_back(line);
    }
    return found;
}

}  // namespace chatd::test
