#include "adapter_reader.hpp"

using namespace chatd;
using namespace chatd::load;

namespace {

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n";

}  // namespace

TEST_CASE("sse: the head ends the login, events of messages are bodies", "[load][sse]") {
    const std::string input =
        std::string(head) +
        "retry: 2000\n\n"
        "id: 1:1\nevent: message\ndata: {\"from\":\"ana\",\"body\":\"one\"}\n\n"
        ":\n"
        "id: 1:2\nevent: message\ndata: {\"from\":\"ana\",\"body\":\"t\\\\wo\"}\n\n"
        ":\n\n"
        "id: 1:3\nevent: edited\ndata: {\"target\":{},\"body\":\"no\"}\n\n"
        "event: gap\ndata: {\"from\":4,\"to\":9}\n\n"
        "id: 1:10\nevent: message\ndata: {\"body\":\"unfinished\"}\n";
    const Log log = heard_in(Protocol::sse, input);
    CHECK(log.ready);
    CHECK(log.bodies == Bodies{"one", "t\\wo"});
    CHECK(log.gaps == 1);
    CHECK(log.refusal.empty());
    CHECK(log.replies.empty());
}

TEST_CASE("sse: a refusal is told, half a head is none", "[load][sse]") {
    CHECK(heard_in(Protocol::sse, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").refusal ==
          "HTTP/1.1 404 Not Found");
    const Log half = heard_in(Protocol::sse, head.substr(0, head.size() - 1));
    CHECK_FALSE(half.ready);
    CHECK(half.refusal.empty());
}

TEST_CASE("sse: it asks for the room's events, and only listens", "[load][sse]") {
    CHECK(greeting(Protocol::sse, listener, {.room = "dev", .host = "there:80"}) ==
          "GET /v1/rooms/dev/events HTTP/1.1\r\nHost: there:80\r\n\r\n");
    CHECK(make_adapter(Protocol::sse, {})->traits().listens_only);
}
