#include "chatd/client/endpoint.hpp"

#include <string>
#include <vector>

#include "chatd/client/dial.hpp"
#include "support/catch.hpp"

using namespace chatd::client;

namespace {

Endpoint literal(const std::string& host) {
    return resolve({host, 4399}, client::Transport::tcp)->front();
}

std::string interleaved(const std::vector<std::string>& hosts) {
    std::vector<Endpoint> endpoints;
    for (const std::string& host : hosts)
        endpoints.push_back(literal(host));
    std::string text;
    for (const Endpoint& endpoint : interleave_families(endpoints))
        text += endpoint.ip_text() + " ";
    return text;
}

}  // namespace

TEST_CASE("families take turns, the preferred one first", "[client][endpoint]") {
    CHECK(interleaved({"::1", "::2", "::3", "127.0.0.1", "127.0.0.2"}) ==
          "::1 127.0.0.1 ::2 127.0.0.2 ::3 ");
    CHECK(interleaved({"127.0.0.1", "127.0.0.2", "::1"}) == "127.0.0.1 ::1 127.0.0.2 ");
    CHECK(interleaved({"127.0.0.1"}) == "127.0.0.1 ");
    CHECK(interleaved({"::2", "::1"}) == "::2 ::1 ");
    CHECK(interleave_families({}).empty());
}

TEST_CASE("an IPv6 address keeps its zone", "[client][endpoint]") {
    const auto zoned = resolve({"fe80::1%lo", 4399}, client::Transport::tcp);
    REQUIRE(zoned);
    CHECK(zoned->front().text() == "[fe80::1%lo]:4399");
    CHECK_FALSE(zoned->front().is_loopback());
    CHECK(zoned->front() == literal("fe80::1%1"));  // the loopback interface is the first
    CHECK_FALSE(zoned->front() == literal("fe80::1"));
}

TEST_CASE("equal addresses with other ports are not equal", "[client][endpoint]") {
    CHECK(literal("::1") == literal("0:0::1"));
    CHECK_FALSE(literal("::1") == resolve({"::1", 4400}, client::Transport::tcp)->front());
    CHECK_FALSE(literal("127.0.0.1") == literal("::1"));
}
