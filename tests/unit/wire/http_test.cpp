#include "chatd/wire/http.hpp"

#include "support/catch.hpp"
#include "support/split.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;
using namespace std::string_literals;

namespace {

/// A head around some lines, each without its CRLF.
std::string head_of(std::initializer_list<std::string_view> lines) {
    std::string head;
    for (const std::string_view line : lines) {
        head += line;
        head += "\r\n";
    }
    return head + "\r\n";
}

/// The status a head is refused with, 0 for none; decoded against a guard page.
int refused(std::string_view head) {
    const Guarded guarded(head);
    const auto request = decode_http_request(guarded.bytes());
    if (request) return 0;
    CHECK_FALSE(request.error().sentence.empty());
    CHECK_FALSE(http_reason(request.error().status).empty());
    return request.error().status;
}

const std::string browser_head =
    head_of({"GET /ws?room=dev&as=ana HTTP/1.1", "Host: localhost:4399", "Connection: keep-alive",
             "connection:\tUpgrade  ", "Upgrade: websocket", "Sec-WebSocket-Protocol: a, b",
             "Sec-WebSocket-Protocol: ,c,", "X-Empty:", "X-Latin: gr\xfc\xdf"});

}  // namespace

TEST_CASE("a head is split into its parts", "[wire][http]") {
    const Guarded guarded(browser_head);
    const auto request = decode_http_request(guarded.bytes());
    REQUIRE(request);
    CHECK(request->method == HttpMethod::get);
    CHECK(request->minor_version == 1);
    CHECK(request->target == "/ws?room=dev&as=ana");
    CHECK(request->path == "/ws");
    CHECK(request->query == "room=dev&as=ana");
    CHECK(request->host == "localhost:4399");
    CHECK(request->keep_alive);
    CHECK_FALSE(request->has_body());
    CHECK(request->fields().size() == 8);
    CHECK(request->field("UPGRADE") == "websocket");
    CHECK(request->field("x-empty").empty());
    CHECK(request->count("x-empty") == 1);
    CHECK(request->field("X-Latin") == "gr\xfc\xdf");
    CHECK(request->count("X-Missing") == 0);
}

TEST_CASE("list fields combine over lines", "[wire][http]") {
    const auto request = decode_http_request(as_bytes(browser_head));
    REQUIRE(request);
    CHECK(request->has_token("Connection", "upgrade"));
    CHECK(request->has_token("Connection", "KEEP-ALIVE"));
    CHECK_FALSE(request->has_token("Connection", "keep"));
    CHECK_FALSE(request->has_token("Connection", ""));
    std::vector<std::string_view> offered;
    for_each_element(*request, "Sec-WebSocket-Protocol",
                     [&](std::string_view element) { offered.push_back(element); });
    CHECK(offered == std::vector<std::string_view>{"a", "b", "c"});
}

TEST_CASE("the views of a request point into its head", "[wire][http]") {
    const auto request = decode_http_request(as_bytes(browser_head));
    REQUIRE(request);
    const char* begin = browser_head.data();
    const char* end = begin + browser_head.size();
    for (const HttpField& field : request->fields()) {
        CHECK((field.name.data() >= begin && field.name.data() < end));
        CHECK((field.value.data() >= begin && field.value.data() <= end));
    }
    CHECK((request->target.data() >= begin && request->host.data() < end));
}

TEST_CASE("the head's end is found wherever the bytes are cut", "[wire][http]") {
    const std::string next = "GET /next HTTP/1.1\r\n";
    for_every_cut(browser_head + next, [&](std::string_view first, std::string_view) {
        std::size_t searched = 0;
        const Guarded guarded(first);
        const auto early = find_head_end(guarded.bytes(), searched);
        if (first.size() < browser_head.size()) {
            CHECK_FALSE(early);
            CHECK(searched <= first.size());
        } else {
            CHECK(early == browser_head.size());
        }
        const std::string whole = browser_head + next;
        CHECK(find_head_end(as_bytes(whole), searched) == browser_head.size());
    });
}

TEST_CASE("a head that comes byte by byte is searched once", "[wire][http]") {
    std::size_t searched = 0;
    std::string input;
    for (const char byte : browser_head) {
        input += byte;
        const std::size_t before = searched;
        const auto end = find_head_end(as_bytes(input), searched);
        CHECK(end.has_value() == (input.size() == browser_head.size()));
        // All but the last line's end stays searched.
        if (!end) CHECK(searched + 3 >= input.size());
        CHECK(searched >= before);
    }
}

TEST_CASE("empty lines before a request are skipped, two of them", "[wire][http]") {
    const std::string plain = head_of({"GET / HTTP/1.1", "Host: a"});
    for (const std::string& before : {"\r\n"s, "\r\n\r\n"s, "\n"s}) {
        std::size_t searched = 0;
        const std::string input = before + plain;
        CHECK(find_head_end(as_bytes(input), searched) == input.size());
        CHECK(refused(input) == 0);
    }
    std::size_t searched = 0;
    CHECK(find_head_end(as_bytes("\r\n\r\n\r\n\r\n"), searched) == 8);
    CHECK(refused("\r\n\r\n\r\n\r\n") == 400);
}

TEST_CASE("lines ended by a bare LF end the head and are refused", "[wire][http]") {
    for (const std::string& head :
         {"GET / HTTP/1.1\nHost: a\n\n"s, "GET / HTTP/1.1\r\nHost: a\n\r\n"s,
          "GET / HTTP/1.1\nHost: a\r\n\r\n"s}) {
        std::size_t searched = 0;
        CHECK(find_head_end(as_bytes(head), searched) == head.size());
        CHECK(refused(head) == 400);
    }
}

TEST_CASE("heads that are served", "[wire][http]") {
    for (const std::string& head : {
             head_of({"GET / HTTP/1.1", "Host: localhost"}),
             head_of({"HEAD /metrics HTTP/1.1", "host: [::1]:4399"}),
             head_of({"OPTIONS * HTTP/1.1", "Host: a"}),
             head_of({"CONNECT example.org:443 HTTP/1.1", "Host: example.org:443"}),
             head_of({"GET / HTTP/1.0"}),
             head_of({"DELETE /x HTTP/1.1", "Host: a.b_c-d:80"}),
             head_of({"GET /%E2%82%AC?a=b?c HTTP/1.1", "Host: 127.0.0.1:"}),
             head_of({"POST /rpc HTTP/1.1", "Host: a", "Content-Length: 0"}),
             head_of({"POST /rpc HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked"}),
         }) {
        CAPTURE(head);
        CHECK(refused(head) == 0);
    }
}

TEST_CASE("heads that are refused", "[wire][http]") {
    const std::pair<int, std::string> table[] = {
        {400, ""},
        {400, "\r\n"},
        {400, "GET / HTTP/1.1\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\n"},
        {400, head_of({"GET", "Host: a"})},
        {400, head_of({"GET /", "Host: a"})},
        {400, head_of({"GET  / HTTP/1.1", "Host: a"})},
        {400, head_of({"GET / HTTP/1.1 ", "Host: a"})},
        {400, head_of({"GET / HTTX/1.1", "Host: a"})},
        {400, head_of({"GET / http/1.1", "Host: a"})},
        {400, head_of({"G@T / HTTP/1.1", "Host: a"})},
        {400, head_of({"GET /\x01 HTTP/1.1", "Host: a"})},
        {400, head_of({"GET /#part HTTP/1.1", "Host: a"})},
        {400, head_of({"GET * HTTP/1.1", "Host: a"})},
        {400, head_of({"GET path HTTP/1.1", "Host: a"})},
        {400, head_of({"GET ftp://a/ HTTP/1.1", "Host: a"})},
        {400, head_of({"GET http:///x HTTP/1.1", "Host: a"})},
        {400, head_of({"GET http://user@a/ HTTP/1.1", "Host: a"})},
        {400, head_of({"CONNECT /x HTTP/1.1", "Host: a"})},
        {400, head_of({"GET / HTTP/1.1"})},
        {400, head_of({"GET / HTTP/1.1", "Host:"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "Host: a"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a b"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a:b"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a:65536"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a/b"})},
        {400, head_of({"GET / HTTP/1.1", "Host: [::1"})},
        {400, head_of({"GET / HTTP/1.1", "Host: [::1]x"})},
        {400, head_of({"GET / HTTP/1.1", "Host: [127.0.0.1]"})},
        {400, head_of({"GET / HTTP/1.1", "Host: ::1"})},
        {400, head_of({"GET / HTTP/1.0", "Host: a", "Host: b"})},
        {400, head_of({"GET / HTTP/1.1", "Host : a"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "no colon"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", ": no name"})},
        {400, head_of({"GET / HTTP/1.1", " Host: a"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "X: folded", " line"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "X:", "\tfolded"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "X: a\0b"s})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "X: a\rb"})},
        {400, head_of({"GET / HTTP/1.1", "Host: a", "X: a\x7f"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: 1", "Content-Length: 1"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: 1, 1"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: -1"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: +1"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: 0x1"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length:"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: 18446744073709551616"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: 1",
                       "Transfer-Encoding: chunked"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked",
                       "Content-Length: 1"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked",
                       "Transfer-Encoding: chunked"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked, gzip"})},
        {400, head_of({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: xchunked"})},
        {400, head_of({"POST / HTTP/1.0", "Host: a", "Transfer-Encoding: chunked"})},
        {417, head_of({"POST / HTTP/1.1", "Host: a", "Content-Length: 1", "Expect: tea"})},
        {501, head_of({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked"})},
        {501, head_of({"BREW / HTTP/1.1", "Host: a"})},
        {501, head_of({"get / HTTP/1.1", "Host: a"})},
        {501, head_of({"PROPFIND / HTTP/1.1", "Host: a"})},
        {505, head_of({"GET / HTTP/2.0", "Host: a"})},
        {505, head_of({"GET / HTTP/1.2", "Host: a"})},
        {505, head_of({"PRI * HTTP/2.0"})},
        {505, head_of({"GET / HTTP/0.9", "Host: a"})},
    };
    for (const auto& [status, head] : table) {
        CAPTURE(head);
        CHECK(refused(head) == status);
    }
}

TEST_CASE("no head cut short is taken for a whole one", "[wire][http]") {
    for_every_cut(browser_head, [&](std::string_view first, std::string_view rest) {
        CHECK(refused(first) == (rest.empty() ? 0 : 400));
    });
}

TEST_CASE("a head has at most 16 KiB and 100 lines", "[wire][http]") {
    const auto padded = [](std::size_t bytes) {
        const std::string bare = head_of({"GET / HTTP/1.1", "Host: a", "X: "});
        return head_of(
            {"GET / HTTP/1.1", "Host: a", "X: " + std::string(bytes - bare.size(), 'x')});
    };
    CHECK(padded(limits::http_head_bytes_max).size() == limits::http_head_bytes_max);
    CHECK(refused(padded(limits::http_head_bytes_max)) == 0);
    CHECK(refused(padded(limits::http_head_bytes_max + 1)) == 431);
    const auto with_fields = [](std::size_t count) {
        std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
        for (std::size_t field = 1; field < count; ++field)
            head += "X: y\r\n";
        return head + "\r\n";
    };
    CHECK(refused(with_fields(limits::http_fields_max)) == 0);
    CHECK(refused(with_fields(limits::http_fields_max + 1)) == 431);
}

TEST_CASE("targets split into path and query", "[wire][http]") {
    struct Row {
        std::string_view target, path, query, host;
    };
    const Row table[] = {
        {"/", "/", "", "a"},
        {"/x?", "/x", "", "a"},
        {"/?q", "/", "q", "a"},
        {"/x?a=b?c", "/x", "a=b?c", "a"},
        {"//x", "//x", "", "a"},
        {"http://b:1/x?q", "/x", "q", "b:1"},
        {"HTTP://b", "/", "", "b"},
        {"http://b?q", "/", "q", "b"},
        {"https://[::1]:4399/ws", "/ws", "", "[::1]:4399"},
    };
    for (const Row& row : table) {
        CAPTURE(row.target);
        const std::string head =
            head_of({"GET " + std::string(row.target) + " HTTP/1.1", "Host: a"});
        const auto request = decode_http_request(as_bytes(head));
        REQUIRE(request);
        CHECK(request->path == row.path);
        CHECK(request->query == row.query);
        CHECK(request->host == row.host);
        CHECK(request->target == row.target);
    }
}

TEST_CASE("a request says how it goes on after its head", "[wire][http]") {
    const auto decode = [](std::string_view version, std::string_view line) {
        static std::string head;
        head = head_of({"POST / HTTP/" + std::string(version), "Host: a", line});
        const auto request = decode_http_request(as_bytes(head));
        REQUIRE(request);
        return *request;
    };
    CHECK(decode("1.1", "X: y").keep_alive);
    CHECK_FALSE(decode("1.1", "Connection: Close").keep_alive);
    CHECK_FALSE(decode("1.1", "Connection: x, close").keep_alive);
    CHECK_FALSE(decode("1.0", "Connection: keep-alive").keep_alive);
    CHECK(decode("1.1", "Content-Length: 12").body_bytes == 12);
    CHECK(decode("1.1", "Content-Length: 12").has_body());
    CHECK(decode("1.1", "Content-Length: 18446744073709551615").body_bytes == UINT64_MAX);
    CHECK(decode("1.1", "Transfer-Encoding: chunked").chunked);
    CHECK(decode("1.1", "Transfer-Encoding: chunked").has_body());
    CHECK(decode("1.1", "Expect: 100-Continue").expect_continue);
    CHECK_FALSE(decode("1.0", "Expect: 100-continue").expect_continue);
}

TEST_CASE("answers in full", "[wire][http]") {
    std::string out = "before|";
    encode_http_answer(out, {.status = 200, .body = "ok\n", .keep_alive = true});
    CHECK(out ==
          "before|HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
          "Content-Length: 3\r\n\r\nok\n");

    out.clear();
    encode_http_answer(out, {.status = 405,
                             .content_type = "text/html",
                             .body = "no",
                             .extra = "Allow: GET, HEAD\r\n",
                             .head_only = true,
                             .date = std::chrono::sys_seconds(std::chrono::seconds(784111777))});
    CHECK(out ==
          "HTTP/1.1 405 Method Not Allowed\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
          "Content-Type: text/html\r\nContent-Length: 2\r\nAllow: GET, HEAD\r\n"
          "Connection: close\r\n\r\n");

    out.clear();
    encode_http_answer(
        out, {.content_type = "text/event-stream", .keep_alive = true, .until_close = true});
    CHECK(out == "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");

    out.clear();
    encode_http_answer(out, {.status = 204, .body = "never", .keep_alive = true});
    CHECK(out == "HTTP/1.1 204 No Content\r\n\r\n");

    out.clear();
    encode_http_refusal(out, {.status = 400, .sentence = "Send a Host."});
    CHECK(out ==
          "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
          "Content-Length: 13\r\nConnection: close\r\n\r\nSend a Host.\n");
}

TEST_CASE("authorities", "[wire][http]") {
    CHECK(parse_authority("localhost")->host == "localhost");
    CHECK_FALSE(parse_authority("localhost")->port);
    CHECK(parse_authority("localhost:80")->port == 80);
    CHECK_FALSE(parse_authority("localhost:")->port);
    CHECK(parse_authority("[::1]:4399")->host == "[::1]");
    CHECK(parse_authority("[::1]:4399")->port == 4399);
    CHECK(parse_authority("127.0.0.1:0")->port == 0);
    for (const char* bad : {"", ":80", "a:b", "a:80:80", "a:99999", "[]", "[::1%2]", "[::1]80",
                            "a@b", "a b", "a\"", "a:-1", "a: 1"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_authority(bad));
    }
}
