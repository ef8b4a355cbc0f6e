#include "chatd/wire/json_call.hpp"

#include <string>

#include "chatd/base/limits.hpp"
#include "chatd/wire/json_reader.hpp"
#include "chatd/wire/json_request.hpp"
#include "chatd/wire/text_request.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::size_t datagram_bytes_max = 1200;

struct Call {
    std::string method;
    std::string params;

    friend bool operator==(const Call&, const Call&) = default;
};

Call call_of(const Request& request) {
    Call call;
    call.method = append_call_json(call.params, request);
    return call;
}

Call call_of_line(std::string_view line) {
    const auto request = decode_text_request(line, datagram_bytes_max);
    CAPTURE(line);
    REQUIRE(request);
    return call_of(*request);
}

/// The call that the server would make of what it read.
Call call_as_read(const Call& call) {
    JsonReader reader(limits::rpc_text_bytes_max, limits::rpc_depth_max);
    const auto params = reader.read(as_bytes(call.params));
    CAPTURE(call.method, call.params);
    REQUIRE(params);
    const auto request = decode_json_request(call.method, *params, datagram_bytes_max);
    INFO((request ? std::string() : request.error().detail));
    REQUIRE(request);
    return call_of(*request);
}

}  // namespace

TEST_CASE("a typed line becomes the call that asks for the same", "[wire][json][call]") {
    CHECK(call_of_line("hi \"you\"") == Call{"say", R"({"body":"hi \"you\""})"});
    CHECK(call_of_line("/me waves") == Call{"say", R"({"body":"waves","action":true})"});
    CHECK(call_of_line("/edit #dev 41 better") ==
          Call{"edit", R"({"target":{"seq":41},"body":"better","room":"#dev"})"});
    CHECK(call_of_line("/react 3:7 -+1") ==
          Call{"react", R"({"target":{"epoch":3,"seq":7},"reaction":"+1","off":true})"});
    CHECK(call_of_line("/topic") == Call{"topic", "{}"});
    CHECK(call_of_line("/topic -") == Call{"topic", R"({"topic":""})"});
    CHECK(call_of_line("/hex DE:AD") == Call{"datagram", R"({"hex":"de ad"})"});
    CHECK(call_of_line("/dgram off") == Call{"datagrams", R"({"hz":0})"});
    CHECK(call_of_line("/in 90m tea") == Call{"schedule", R"({"body":"tea","when":"1h30m"})"});
    CHECK(call_of_line("/at 18:00 tea") == Call{"schedule", R"({"body":"tea","when":"18:00:00"})"});
    CHECK(call_of_line("/at 2027-01-31T18:00:00Z tea") ==
          Call{"schedule", R"({"body":"tea","when":"2027-01-31T18:00:00.000Z"})"});
    CHECK(call_of_line("/quit") == Call{"quit", "{}"});
}

TEST_CASE("help is no call", "[wire][json][call]") {
    CHECK(call_of_line("/help") == Call{"", ""});
}

TEST_CASE("the server reads what was written", "[wire][json][call]") {
    constexpr std::string_view lines[]{
        "hello",
        "/me waves",
        "/nick ana",
        "/join dev 3:41 latest",
        "/leave dev",
        "/rooms",
        "/who dev",
        "/topic #dev what it is about",
        "/history #dev before 3:41 20",
        "/history after 3:0",
        "/search from:ana \"two words\"",
        "/msg bob just you",
        "/reply 3:41 yes",
        "/edit 3:41 no",
        "/redact 41",
        "/react #dev 41 :)",
        "/read 3:41",
        "/typing off",
        "/in 1.5s soon",
        "/at 18:00:30 later",
        "/every 1d /me yawns",
        "/schedules",
        "/unschedule 7",
        "/reschedule 7 in 2h no, then",
        "/ping x",
        "/notices on",
        "/dgram on 25",
        "/hex de ad be ef",
        "/stats",
        "/connections",
        "/connections 100",
        "/quit",
    };
    for (const std::string_view line : lines) {
        const Call call = call_of_line(line);
        CHECK(call_as_read(call) == call);
    }
}

TEST_CASE("hello and resume name their rooms and positions", "[wire][json][call]") {
    const Call hello = call_of(
        Hello{.nick = "ana", .rooms = {{{"lobby"}, {"dev", Position{3, 41}}}}, .notices = true});
    CHECK(hello == Call{"hello",
                        R"({"nick":"ana","rooms":[{"room":"lobby"},)"
                        R"({"room":"dev","since":{"epoch":3,"seq":41}}],"notices":true})"});
    CHECK(call_as_read(hello) == hello);
    const Call resume =
        call_of(Resume{.token = "t", .rooms = {{{"dev", Position{3, 0}, SlowReader::close}}}});
    CHECK(call_as_read(resume) == resume);
    CHECK(call_as_read(call_of(Hello{})) == Call{"hello", "{}"});
}

TEST_CASE("keys and answers travel along", "[wire][json][call]") {
    const Call call = call_of(Say{.room = "dev", .body = "hi", .key = "k1", .reply_to = {3, 41}});
    CHECK(call == Call{"say", R"({"body":"hi","room":"dev","key":"k1",)"
                              R"("reply_to":{"epoch":3,"seq":41}})"});
    CHECK(call_as_read(call) == call);
}
