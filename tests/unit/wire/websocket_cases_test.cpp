// The conformance table of support/websocket_cases.hpp against the decoder and a small echo.

#include "support/websocket_cases.hpp"

#include "support/catch.hpp"
#include "support/split.hpp"
#include "support/websocket_echo.hpp"

using namespace chatd;
using namespace chatd::test;
using wire::WebSocketRole;
using Kind = wire::WebSocketStep::Kind;

namespace {

std::string all_sent(const WebSocketCase& tested) {
    std::string sent;
    for (const Repeated& piece : tested.sent)
        sent += piece.expanded();
    return sent;
}

/// What an echo server answers to `sent`, given in pieces of that size.
std::string answer_to(std::string_view sent, std::size_t piece_bytes) {
    WebSocketEnd server(WebSocketRole::server);
    std::string answer;
    for (std::size_t start = 0; start < sent.size(); start += piece_bytes) {
        server.feed(sent.substr(start, piece_bytes),
                    [&](const wire::WebSocketStep& step) { append_echo(answer, step); });
    }
    return answer;
}

void check_answer(const WebSocketCase& tested, const std::string& answer) {
    WebSocketEnd client(WebSocketRole::client);
    const std::vector<SeenEvent> events = client.events(answer);
    REQUIRE(events.size() == tested.expected.size() + (tested.close_code == 0 ? 0 : 1));
    for (std::size_t index = 0; index < tested.expected.size(); ++index) {
        const ExpectedFrame& expected = tested.expected[index];
        const Kind kind = expected.opcode == wire::WebSocketOpcode::text     ? Kind::text
                          : expected.opcode == wire::WebSocketOpcode::binary ? Kind::binary
                                                                             : Kind::pong;
        CHECK(events[index].kind == kind);
        // Not CHECK(a == b): Catch would print up to 16 MiB.
        const bool payload_equal = events[index].payload == expected.payload.expanded();
        CHECK(payload_equal);
    }
    if (tested.close_code != 0) {
        CHECK(events.back().kind == Kind::close);
        CHECK(events.back().code == tested.close_code);
    }
}

}  // namespace

TEST_CASE("every conformance case gets its answer", "[wire][websocket]") {
    const auto cases = websocket_cases();
    CHECK(cases.size() >= 150);
    for (const WebSocketCase& tested : cases) {
        INFO(tested.name << " (" << tested.section << ")");
        const std::string sent = all_sent(tested);
        const std::string answer = answer_to(sent, sent.size());
        check_answer(tested, answer);
    }
}

TEST_CASE("the answer is the same wherever the bytes are cut", "[wire][websocket]") {
    constexpr std::size_t every_cut_bytes_max = 300;  // O(n^2); longer cases get pieces only
    constexpr std::size_t single_bytes_max = 512 * 1024;
    for (const WebSocketCase& tested : websocket_cases()) {
        INFO(tested.name << " (" << tested.section << ")");
        const std::string sent = all_sent(tested);
        const std::string whole = answer_to(sent, sent.size());
        for (const std::size_t piece_bytes : {1UL, 3UL, 1'000UL, 65'536UL}) {
            if (piece_bytes < 1'000 && sent.size() > single_bytes_max) continue;
            const bool equal = answer_to(sent, piece_bytes) == whole;
            CAPTURE(piece_bytes);
            CHECK(equal);
        }
        if (sent.size() > every_cut_bytes_max) continue;
        for_every_cut(sent, [&](std::string_view first, std::string_view second) {
            WebSocketEnd server(WebSocketRole::server);
            std::string answer;
            const Guarded guarded_first(first);
            const Guarded guarded_second(second);
            for (const Guarded* part : {&guarded_first, &guarded_second}) {
                server.feed(part->text(),
                            [&](const wire::WebSocketStep& step) { append_echo(answer, step); });
            }
            const bool equal = answer == whole;
            CAPTURE(first.size());
            CHECK(equal);
        });
    }
}

TEST_CASE("case names are unique, so that a failure names one", "[wire][websocket]") {
    std::vector<std::string> names;
    for (const WebSocketCase& tested : websocket_cases())
        names.push_back(tested.name);
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}
