#include "chatd/wire/event_stream.hpp"

#include "chatd/base/bytes.hpp"
#include "chatd/wire/http.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string event(std::string_view name, std::string_view id, std::string_view data) {
    std::string out;
    append_sse_event(out, name, id, data);
    return out;
}

}  // namespace

TEST_CASE("the head of a stream of events has no length and is its connection's last",
          "[wire][event-stream]") {
    std::string out = "before|";
    encode_event_stream_head(out, std::chrono::sys_seconds(std::chrono::seconds(784111777)));
    CHECK(out ==
          "before|HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
          "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
          "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n");
    out.clear();
    encode_event_stream_head(out);
    CHECK(out.find("Date") == std::string::npos);
    std::size_t searched = 0;
    CHECK(find_head_end(as_bytes(out), searched) == out.size());
}

TEST_CASE("events are written as fields", "[wire][event-stream]") {
    CHECK(event("message", "1:42", R"({"body":"hi"})") ==
          "event: message\nid: 1:42\ndata: {\"body\":\"hi\"}\n\n");
    CHECK(event("", "", "x") == "data: x\n\n");
    CHECK(event("gap", "", "x") == "event: gap\ndata: x\n\n");
    CHECK(event("", "1:1", "") == "id: 1:1\ndata: \n\n");
}

TEST_CASE("data can begin no field, whatever lines it holds", "[wire][event-stream]") {
    CHECK(event("", "", "a\nid: 9") == "data: a\ndata: id: 9\n\n");
    CHECK(event("", "", "a\r\nb\rc\n") == "data: a\ndata: b\ndata: c\ndata: \n\n");
    CHECK(event("", "", "\n\nevent: x") == "data: \ndata: \ndata: event: x\n\n");
    CHECK(event("", "", " blank") == "data:  blank\n\n");
}

TEST_CASE("a reader is told when to come back, and that nobody has died", "[wire][event-stream]") {
    std::string out;
    append_sse_retry(out, std::chrono::seconds(3));
    CHECK(out == "retry: 3000\n\n");
    CHECK(event_stream_keepalive == ": \n\n");
}
