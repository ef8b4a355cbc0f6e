#include "wire/http_content.hpp"

#include "support/asked.hpp"
#include "support/catch.hpp"

using namespace chatd::test;
using namespace chatd::wire;

namespace {

/// What body_kind_of() says of a POST with these header lines: "plain", "json" or a status.
std::string kind(std::initializer_list<std::string_view> lines) {
    const Asked asked("POST /", lines);
    const auto found = body_kind_of(*asked);
    if (found) return *found == BodyKind::json ? "json" : "plain";
    CHECK(found.error().code == "BAD_CONTENT_TYPE");
    CHECK_FALSE(found.error().detail.empty());
    return std::to_string(found.error().status);
}

/// The token, "none" or a status.
std::string token(std::initializer_list<std::string_view> lines) {
    const Asked asked("GET /", lines);
    const auto found = bearer_token(*asked);
    if (!found) return std::to_string(found.error().status);
    return found->empty() ? "none" : std::string(*found);
}

}  // namespace

TEST_CASE("the type of a body says whether it is text or JSON", "[wire][http-content]") {
    CHECK(kind({}) == "plain");
    CHECK(kind({"Content-Type:"}) == "plain");
    CHECK(kind({"Content-Type: text/plain"}) == "plain");
    CHECK(kind({"Content-Type: Text/Plain;charset=UTF-8"}) == "plain");
    CHECK(kind({"Content-Type: text/plain ; format=flowed ; charset=\"utf-8\""}) == "plain");
    CHECK(kind({"Content-Type: text/plain; charset=us-ascii"}) == "plain");
    CHECK(kind({"Content-Type: application/x-www-form-urlencoded"}) == "plain");
    CHECK(kind({"Content-Type: application/json"}) == "json");
    CHECK(kind({"Content-Type: application/json; charset=utf-8;"}) == "json");
    CHECK(kind({"Content-Type: text/plain", "Content-Encoding: identity"}) == "plain");
}

TEST_CASE("other types, charsets and codings are refused", "[wire][http-content]") {
    for (const char* type : {"text/html", "text", "text/plainer", "text/plain, application/json",
                             "application/json-seq", "multipart/form-data; boundary=x", "; x",
                             "text/plain; charset=iso-8859-1", "text/plain; charset=",
                             "application/json; charset=utf-16", "text/plain; a=b; charset=latin1",
                             "text/plain; charset=utf-8; charset=latin1"}) {
        CAPTURE(type);
        CHECK(kind({"Content-Type: " + std::string(type)}) == "415");
    }
    CHECK(kind({"Content-Type: text/plain", "Content-Type: text/plain"}) == "415");
    CHECK(kind({"Content-Type: text/plain", "Content-Encoding: gzip"}) == "415");
    CHECK(kind({"Content-Encoding: identity, br"}) == "415");
}

TEST_CASE("one line end at the end of a plain body is no part of it", "[wire][http-content]") {
    const std::pair<std::string_view, std::string_view> table[] = {
        {"", ""},           {"\n", ""},     {"\r\n", ""},     {"a", "a"},
        {"a\n", "a"},       {"a\r\n", "a"}, {"a\n\n", "a\n"}, {"a\r\n\r\n", "a\r\n"},
        {"a\nb\n", "a\nb"}, {"\na", "\na"}, {"a\r", "a\r"},   {"a\n\r", "a\n\r"},
    };
    for (const auto& [body, text] : table) {
        CAPTURE(body);
        CHECK(plain_text(body) == text);
    }
}

TEST_CASE("a bearer's token is read as RFC 6750 writes it", "[wire][http-content]") {
    CHECK(token({}) == "none");
    CHECK(token({"Authorization: Bearer abcXYZ019-._~+/=="}) == "abcXYZ019-._~+/==");
    CHECK(token({"authorization: bEARER  x"}) == "x");
    for (const char* bad :
         {"", "Bearer", "Bearer ", "Bearer a b", "Bearer =", "Bearer a=b", "Bearer \"a\"",
          "Bearer a,b", "Bearer gr\xc3\xbc\xc3\x9f", "Bearer\ta", "Basic YTpi", "Bearera", "a"}) {
        CAPTURE(bad);
        CHECK(token({"Authorization: " + std::string(bad)}) == "401");
    }
    CHECK(token({"Authorization: Bearer a", "Authorization: Bearer a"}) == "400");
}
