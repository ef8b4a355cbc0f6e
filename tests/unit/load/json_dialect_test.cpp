// JSON-RPC as chatload speaks it, over both of its carriers.

#include "load/dialect.hpp"

#include "adapter_reader.hpp"
#include "chatd/wire/websocket.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

constexpr std::string_view welcome = R"({"jsonrpc":"2.0","result":{"nick":"u7"},"id":"login"})";
constexpr std::string_view answer =
    R"({"jsonrpc":"2.0","result":{"room":"lobby","epoch":1,"seq":4},"id":1})";
constexpr std::string_view gap =
    R"({"jsonrpc":"2.0","method":"gap","params":{"room":"lobby","epoch":1,"from":2,"to":9}})";
constexpr std::string_view refused =
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"No.","data":{"code":"TOO_FAST"}},"id":1})";

std::string message(std::string_view body) {
    return R"({"jsonrpc":"2.0","method":"message","params":{"room":"lobby","epoch":1,"seq":4,)"
           R"("from":"ana","body":")" +
           std::string(body) + R"("}})";
}

std::string lines(std::initializer_list<std::string_view> texts) {
    std::string all;
    for (const std::string_view text : texts)
        all.append(text).push_back('\n');
    return all;
}

}  // namespace

TEST_CASE("json: messages, answers, gaps, and the answer that ends the login", "[load][json]") {
    const Log log = heard_in(
        Protocol::json,
        lines({welcome, message("one"), answer,
               R"({"jsonrpc":"2.0","method":"typing","params":{"room":"lobby","body":"no"}})", gap,
               message(R"(t\\wo)")}) +
            message("unfinished"));
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"one", R"(t\wo)"});
    CHECK(log.answers == 2);
    CHECK(log.gaps == 1);
    CHECK(log.refusal.empty());
    CHECK_FALSE(heard_in(Protocol::json, lines({answer})).ready);
}

TEST_CASE("json: an error is a refusal", "[load][json]") {
    CHECK(heard_in(Protocol::json, lines({refused})).refusal == refused);
}

TEST_CASE("json: what is said has an id of its own, or none", "[load][json]") {
    const auto asking = make_adapter(Protocol::json, {});
    std::string bytes;
    asking->encode(R"(a\b)", bytes);
    asking->encode("c", bytes);
    CHECK(bytes == R"({"jsonrpc":"2.0","id":1,"method":"say","params":{"body":"a\\b"}})"
                   "\n"
                   R"({"jsonrpc":"2.0","id":2,"method":"say","params":{"body":"c"}})"
                   "\n");
    CHECK(asking->traits().echoes_own);

    const auto silent = make_adapter(Protocol::json, {.answered = false});
    bytes.clear();
    silent->encode("c", bytes);
    CHECK(bytes == R"({"jsonrpc":"2.0","method":"say","params":{"body":"c"}})"
                   "\n");
}

TEST_CASE("json: the nick comes first; another room is joined and the lobby left", "[load][json]") {
    CHECK(greeting(Protocol::json, listener) ==
          R"({"jsonrpc":"2.0","id":"login","method":"nick","params":{"nick":"u7"}})"
          "\n");
    CHECK(greeting(Protocol::json, listener, {.room = "dev"}) ==
          R"({"jsonrpc":"2.0","id":"nick","method":"nick","params":{"nick":"u7"}})"
          "\n"
          R"({"jsonrpc":"2.0","id":"join","method":"join","params":{"room":"dev"}})"
          "\n"
          R"({"jsonrpc":"2.0","id":"login","method":"leave","params":{"room":"lobby"}})"
          "\n");
}

TEST_CASE("json in WebSocket frames is the same, a text a message", "[load][json]") {
    std::string input = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
    const std::string one = message("one");
    for (const std::string_view text :
         {welcome, std::string_view(one), answer, std::string_view(gap)})
        wire::append_frame(input, wire::WebSocketOpcode::text, as_bytes(text));
    const Log log = heard_in(Protocol::websocket_json, input);
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"one"});
    CHECK(log.answers == 2);
    CHECK(log.gaps == 1);
    CHECK(greeting(Protocol::websocket_json, listener)
              .find("Sec-WebSocket-Protocol: chatd.json.v1\r\n") != std::string::npos);
    CHECK(make_adapter(Protocol::websocket_json, {})->traits().echoes_own);
}

TEST_CASE("json in WebSocket frames: what is said is one masked text frame", "[load][json]") {
    const std::string bytes = said(Protocol::websocket_json, "hello");
    wire::WebSocketDecoder decoder(wire::WebSocketRole::server);
    std::string kept;
    std::string scratch;
    const auto step = decoder.step(as_bytes(bytes), {.message_bytes_max = 100, .fragments_max = 1},
                                   {kept, scratch, 100});
    CHECK(step.kind == wire::WebSocketStep::Kind::text);
    CHECK(as_text(step.payload) ==
          R"({"jsonrpc":"2.0","id":1,"method":"say","params":{"body":"hello"}})");
    CHECK(step.consumed == bytes.size());
}
