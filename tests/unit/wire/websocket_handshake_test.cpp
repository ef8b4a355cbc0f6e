#include "chatd/wire/websocket_handshake.hpp"

#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::string_view paths[] = {"/ws", "/"};
constexpr std::string_view subprotocols[] = {"chatd.text.v1", "chatd.json.v1"};

/// The RFC's own handshake (1.3) to this server; lines can be replaced, dropped and added.
struct Handshake {
    std::string request_line = "GET /ws HTTP/1.1";
    std::string host = "Host: localhost:4399\r\n";
    std::string upgrade = "Upgrade: websocket\r\n";
    std::string connection = "Connection: Upgrade\r\n";
    std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    std::string version = "Sec-WebSocket-Version: 13\r\n";
    std::string more{};

    std::string head() const {
        return request_line + "\r\n" + host + upgrade + connection + key + version + more + "\r\n";
    }
};

/// 101, or the status it is refused with.
int status_of(const Handshake& handshake, std::vector<std::string> listed = {}) {
    const std::string head = handshake.head();
    CAPTURE(head);
    const auto request = decode_http_request(as_bytes(head));
    REQUIRE(request);
    const auto accept = check_upgrade(*request, {{listed}, paths, subprotocols});
    if (accept) return 101;
    CHECK_FALSE(accept.error().sentence.empty());
    return accept.error().status;
}

std::string_view chosen_of(std::string_view offer) {
    const std::string head = Handshake{.more = std::string(offer)}.head();
    const auto request = decode_http_request(as_bytes(head));
    REQUIRE(request);
    const auto accept = check_upgrade(*request, {{}, paths, subprotocols});
    REQUIRE(accept);
    return accept->subprotocol;
}

bool allowed(std::string_view host, std::string_view lines, std::vector<std::string> listed = {}) {
    const std::string head =
        "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n" + std::string(lines) + "\r\n";
    CAPTURE(head);
    const auto request = decode_http_request(as_bytes(head));
    REQUIRE(request);
    return origin_allowed(*request, {listed});
}

bool allowed_origin(std::string_view host, std::string_view origin,
                    std::vector<std::string> listed = {}) {
    return allowed(host, "Origin: " + std::string(origin) + "\r\n", std::move(listed));
}

}  // namespace

TEST_CASE("the handshake of RFC 6455 1.3", "[wire][handshake]") {
    const std::string head = Handshake{.more =
                                           "Sec-WebSocket-Protocol: chat, chatd.json.v1\r\n"
                                           "Sec-WebSocket-Extensions: permessage-deflate\r\n"}
                                 .head();
    const test::Guarded guarded(head);
    const auto request = decode_http_request(guarded.bytes());
    REQUIRE(request);
    const auto accept = check_upgrade(*request, {{}, paths, subprotocols});
    REQUIRE(accept);
    std::string answer;
    encode_upgrade_answer(answer, *accept);
    CHECK(answer ==
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
          "Sec-WebSocket-Protocol: chatd.json.v1\r\n\r\n");
}

TEST_CASE("without a known subprotocol none is answered", "[wire][handshake]") {
    CHECK(chosen_of("").empty());
    CHECK(chosen_of("Sec-WebSocket-Protocol: mqtt\r\n").empty());
    CHECK(chosen_of("Sec-WebSocket-Protocol: CHATD.TEXT.V1\r\n").empty());
    CHECK(chosen_of("Sec-WebSocket-Protocol: chatd.text.v1\r\n") == "chatd.text.v1");
    CHECK(chosen_of("Sec-WebSocket-Protocol: x , chatd.json.v1,chatd.text.v1\r\n") ==
          "chatd.json.v1");
    CHECK(chosen_of("Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: chatd.text.v1\r\n") ==
          "chatd.text.v1");
    std::string answer;
    encode_upgrade_answer(answer, UpgradeAccept{websocket_accept_key("x"), {}});
    CHECK(answer.find("Protocol:") == answer.npos);
    CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("what makes an upgrade", "[wire][handshake]") {
    CHECK(status_of({}) == 101);
    CHECK(status_of({.request_line = "GET /?x=y HTTP/1.1"}) == 101);
    CHECK(status_of({.upgrade = "upgrade: h2c, WebSocket\r\n"}) == 101);
    CHECK(status_of({.upgrade = "Upgrade: h2c\r\nUpgrade: websocket\r\n"}) == 101);
    CHECK(status_of({.connection = "Connection: keep-alive, Upgrade\r\n"}) == 101);
    CHECK(status_of({.connection = "Connection: keep-alive\r\nConnection: upgrade\r\n"}) == 101);
    CHECK(status_of({.more = "Sec-WebSocket-Extensions: permessage-deflate; x=\"y\"\r\n"}) == 101);
    CHECK(status_of({.more = "Content-Length: 0\r\n"}) == 101);

    CHECK(status_of({.request_line = "GET /elsewhere HTTP/1.1"}) == 404);
    CHECK(status_of({.request_line = "POST /ws HTTP/1.1"}) == 405);
    CHECK(status_of({.request_line = "HEAD /ws HTTP/1.1"}) == 405);
    CHECK(status_of({.request_line = "GET /ws HTTP/1.0"}) == 426);
    CHECK(status_of({.upgrade = ""}) == 426);
    CHECK(status_of({.upgrade = "Upgrade: websocket2\r\n"}) == 426);
    CHECK(status_of({.connection = ""}) == 426);
    CHECK(status_of({.connection = "Connection: keep-alive\r\n"}) == 426);
    CHECK(status_of({.version = ""}) == 426);
    CHECK(status_of({.version = "Sec-WebSocket-Version: 8\r\n"}) == 426);
    CHECK(status_of({.version = "Sec-WebSocket-Version: 14\r\n"}) == 426);
    CHECK(status_of({.version = "Sec-WebSocket-Version: 13, 8\r\n"}) == 426);
    CHECK(status_of({.version = "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Version: 13\r\n"}) ==
          426);
    CHECK(status_of({.version = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"}) ==
          426);
    CHECK(status_of({.key = ""}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key:\r\n"}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n"}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n"}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=\r\n"}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSB!b25jZQ==\r\n"}) == 400);
    CHECK(status_of({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}) == 400);
    CHECK(status_of({.more = "Content-Length: 5\r\n"}) == 400);
    CHECK(status_of({.more = "Origin: http://evil.example\r\n"}) == 403);
    CHECK(status_of({.more = "Origin: http://localhost:4399\r\n"}) == 101);
    CHECK(status_of({.more = "Origin: http://evil.example\r\n"}, {"http://evil.example"}) == 101);
}

TEST_CASE("a refused upgrade says what would work", "[wire][handshake]") {
    const auto answer_to = [](const Handshake& handshake) {
        const std::string head = handshake.head();
        const auto request = decode_http_request(as_bytes(head));
        REQUIRE(request);
        const auto accept = check_upgrade(*request, {{}, paths, subprotocols});
        REQUIRE_FALSE(accept);
        std::string answer;
        encode_http_refusal(answer, accept.error());
        return answer;
    };
    const std::string version = answer_to({.version = "Sec-WebSocket-Version: 8\r\n"});
    CHECK(version.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
    CHECK(version.find("\r\nSec-WebSocket-Version: 13\r\n") != version.npos);
    CHECK(version.find("\r\nUpgrade: websocket\r\n") != version.npos);
    const std::string method = answer_to({.request_line = "POST /ws HTTP/1.1"});
    CHECK(method.find("\r\nAllow: GET\r\n") != method.npos);
}

TEST_CASE("a page request at a WebSocket's path is told apart", "[wire][handshake]") {
    const std::string head = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    CHECK_FALSE(asks_for_websocket(*decode_http_request(as_bytes(head))));
    const std::string upgrade = Handshake{}.head();
    CHECK(asks_for_websocket(*decode_http_request(as_bytes(upgrade))));
}

TEST_CASE("pages of this server on localhost or an address are allowed", "[wire][handshake]") {
    CHECK(allowed("localhost:4399", ""));
    CHECK(allowed_origin("localhost:4399", "http://localhost:4399"));
    CHECK(allowed_origin("LOCALHOST:4399", "http://localhost:4399"));
    CHECK(allowed_origin("127.0.0.1:4399", "http://127.0.0.1:4399"));
    CHECK(allowed_origin("[::1]:4399", "http://[::1]:4399"));
    CHECK(allowed_origin("192.168.1.7", "http://192.168.1.7"));
    CHECK(allowed_origin("localhost", "http://localhost:80"));
    CHECK(allowed_origin("localhost:80", "http://localhost"));
    CHECK(allowed_origin("localhost:443", "https://localhost"));
    CHECK(allowed_origin("localhost", "https://localhost:443"));
}

TEST_CASE("other pages are refused unless listed", "[wire][handshake]") {
    CHECK_FALSE(allowed_origin("localhost:4399", "http://localhost:8080"));
    CHECK_FALSE(allowed_origin("localhost:4399", "http://localhost"));
    CHECK_FALSE(allowed_origin("localhost:4399", "http://127.0.0.1:4399"));
    CHECK_FALSE(allowed_origin("localhost:80", "https://localhost"));
    CHECK_FALSE(allowed_origin("localhost:4399", "http://evil.example"));
    CHECK_FALSE(allowed_origin("localhost:4399", "http://localhost.evil.example:4399"));
    // The same name is not enough: whoever owns it can let it point here.
    CHECK_FALSE(allowed_origin("evil.example:4399", "http://evil.example:4399"));
    CHECK_FALSE(allowed_origin("localhost.:4399", "http://localhost.:4399"));
    CHECK_FALSE(allowed_origin("localhost:4399", "null"));
    CHECK_FALSE(allowed_origin("localhost:4399", "null", {"null"}));
    CHECK_FALSE(allowed_origin("localhost:4399", ""));
    CHECK_FALSE(allowed_origin("localhost:4399", "localhost:4399"));
    CHECK_FALSE(allowed_origin("localhost:4399", "http://localhost:4399/"));
    CHECK_FALSE(allowed_origin("localhost:4399", "http://user@localhost:4399"));
    CHECK_FALSE(allowed_origin("localhost:4399", "ftp://localhost:4399"));
    CHECK_FALSE(allowed_origin("localhost:4399", "file://"));
    CHECK_FALSE(allowed("localhost:4399",
                        "Origin: http://localhost:4399\r\n"
                        "Origin: http://evil.example\r\n"));

    CHECK(allowed_origin("chat.example", "https://chat.example", {"https://chat.example"}));
    CHECK(allowed_origin("localhost:4399", "chrome-extension://abc",
                         {"x", "chrome-extension://abc"}));
    CHECK_FALSE(
        allowed_origin("chat.example", "https://chat.example:8443", {"https://chat.example"}));
    CHECK_FALSE(allowed_origin("chat.example", "http://chat.example", {"https://chat.example"}));
}

TEST_CASE("a cross-site request needs a listed origin", "[wire][handshake]") {
    CHECK_FALSE(allowed("localhost:4399", "Sec-Fetch-Site: cross-site\r\n"));
    CHECK_FALSE(allowed("localhost:4399",
                        "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost:4399\r\n"));
    CHECK(allowed("localhost:4399",
                  "Sec-Fetch-Site: cross-site\r\nOrigin: https://chat.example\r\n",
                  {"https://chat.example"}));
    CHECK(allowed("localhost:4399", "Sec-Fetch-Site: same-origin\r\n"));
    CHECK(allowed("localhost:4399", "Sec-Fetch-Site: none\r\n"));
}

TEST_CASE("without a Host no origin is this server's", "[wire][handshake]") {
    const std::string head = "GET / HTTP/1.0\r\nOrigin: http://localhost\r\n\r\n";
    const auto request = decode_http_request(as_bytes(head));
    REQUIRE(request);
    CHECK_FALSE(origin_allowed(*request, {}));
}
