#include "http_fetch.hpp"

#include <string>

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::terminal;

namespace {

const std::string whole_response =
    "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\ncontent-length:  5 \r\n\r\nhello";

}  // namespace

TEST_CASE("a whole_response is taken when it is whole, cut anywhere", "[terminal][http]") {
    for (std::size_t cut = 0; cut < whole_response.size(); ++cut) {
        std::string input = whole_response.substr(0, cut);
        const auto early = take_response(input);
        REQUIRE(early);
        CHECK_FALSE(*early);
        input += whole_response.substr(cut);
        const auto whole = take_response(input);
        REQUIRE(whole);
        REQUIRE(*whole);
        CHECK((*whole)->status == 200);
        CHECK((*whole)->body == "hello");
        CHECK((*whole)->keep_alive);
        CHECK(input.empty());
    }
}

TEST_CASE("what follows a whole_response stays", "[terminal][http]") {
    std::string input = whole_response + "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    CHECK((*take_response(input))->body == "hello");
    const auto second = take_response(input);
    REQUIRE(*second);
    CHECK((*second)->status == 204);
    CHECK((*second)->body.empty());
    CHECK_FALSE((*second)->keep_alive);
    CHECK(input.empty());
}

TEST_CASE("what is no HTTP is said so at once", "[terminal][http]") {
    for (std::string wrong : {"SSH-2.0-OpenSSH_9.2\r\n", "NOTE * WELCOME", "HTTP/1.1 abc\r\n\r\n",
                              "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"}) {
        CAPTURE(wrong);
        CHECK_FALSE(take_response(wrong));
    }
    std::string endless = "HTTP/1.1 200 OK\r\n" + std::string(100'000, 'x');
    CHECK_FALSE(take_response(endless));
}
