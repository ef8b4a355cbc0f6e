#include "chatd/wire/asset.hpp"

#include <array>
#include <initializer_list>
#include <string>

#include "support/asked.hpp"
#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::test;
using namespace chatd::wire;

namespace {

using Lines = std::initializer_list<std::string_view>;

constexpr std::array<Asset, 2> assets{{
    {.path = "/",
     .content_type = "text/html; charset=utf-8",
     .hash = "0123",
     .plain = "a page",
     .gzip = "packed"},
    {.path = "/assets/icon-4567.svg",
     .content_type = "image/svg+xml",
     .hash = "4567",
     .plain = "<svg/>"},
}};

AssetAnswer answer(const Asset& asset, Lines lines = {}) {
    const Asked asked("GET " + std::string(asset.path), lines);
    return answer_asset(asset, *asked);
}

bool has(const AssetAnswer& answer, std::string_view line) {
    return ("\r\n" + answer.extra).find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

bool gzip(std::string_view accepted) {
    const Asked asked("GET /", {accepted});
    return accepts_gzip(*asked);
}

}  // namespace

TEST_CASE("an asset is found by its whole path", "[wire][asset]") {
    CHECK(find_asset(assets, "/") == assets.data());
    CHECK(find_asset(assets, "/assets/icon-4567.svg") == &assets[1]);
    for (const char* path : {"", "/assets/", "/assets/icon.svg", "/assets/icon-4567.sv", "//"}) {
        CHECK(find_asset(assets, path) == nullptr);
    }
    CHECK(find_asset({}, "/") == nullptr);
}

TEST_CASE("gzip is for who accepts it", "[wire][asset]") {
    for (const char* yes :
         {"Accept-Encoding: gzip", "Accept-Encoding: gzip, deflate, br, zstd",
          "Accept-Encoding: br , GZIP;q=0.5", "Accept-Encoding: x-gzip", "Accept-Encoding: *",
          "Accept-Encoding: identity;q=0, *;q=0.1", "Accept-Encoding: gzip;q=0.001"}) {
        CAPTURE(yes);
        CHECK(gzip(yes));
    }
    for (const char* no :
         {"Accept: gzip", "Accept-Encoding: br", "Accept-Encoding:", "Accept-Encoding: gzip;q=0",
          "Accept-Encoding: gzip ; Q=0.000", "Accept-Encoding: *;q=0", "Accept-Encoding: gzipped",
          "Accept-Encoding: *, gzip;q=0"}) {
        CAPTURE(no);
        CHECK_FALSE(gzip(no));
    }
}

TEST_CASE("each coding says which one it is, and has its own ETag", "[wire][asset]") {
    const AssetAnswer plain = answer(assets[0]);
    CHECK(plain.status == 200);
    CHECK(plain.body == "a page");
    CHECK(has(plain, "ETag: \"0123\""));
    CHECK(has(plain, "Vary: Accept-Encoding"));
    CHECK(plain.extra.find("Content-Encoding") == std::string::npos);
    const AssetAnswer packed = answer(assets[0], {"Accept-Encoding: gzip"});
    CHECK(packed.body == "packed");
    CHECK(has(packed, "ETag: \"0123-gzip\""));
    CHECK(has(packed, "Vary: Accept-Encoding"));
    CHECK(has(packed, "Content-Encoding: gzip"));
    // What is no shorter compressed has one form.
    const AssetAnswer icon = answer(assets[1], {"Accept-Encoding: gzip"});
    CHECK(icon.body == "<svg/>");
    CHECK(has(icon, "ETag: \"4567\""));
    CHECK(icon.extra.find("Vary") == std::string::npos);
}

TEST_CASE("the page is asked for again, what has a hash in its name is kept", "[wire][asset]") {
    CHECK(has(answer(assets[0]), "Cache-Control: no-cache"));
    CHECK(has(answer(assets[1]), "Cache-Control: public, max-age=31536000, immutable"));
}

TEST_CASE("who has it already is told so", "[wire][asset]") {
    for (const char* same :
         {"If-None-Match: \"0123\"", "If-None-Match: W/\"0123\"", "If-None-Match: *",
          "If-None-Match: \"x\", \"0123\"", "If-None-Match: \"a,b\",\"0123\""}) {
        CAPTURE(same);
        const AssetAnswer answered = answer(assets[0], {same});
        CHECK(answered.status == 304);
        CHECK(answered.body.empty());
        // RFC 9110 15.4.5: what a 200 would have said of caching.
        CHECK(has(answered, "ETag: \"0123\""));
        CHECK(has(answered, "Cache-Control: no-cache"));
        CHECK(has(answered, "Vary: Accept-Encoding"));
        CHECK(answered.extra.find("Content-Encoding") == std::string::npos);
    }
    for (const char* other :
         {"If-None-Match: \"0123-gzip\"", "If-None-Match: 0123", "If-None-Match: \"01\",\"23\"",
          "If-None-Match: \"x,0123\"", "If-None-Match:"}) {
        CAPTURE(other);
        CHECK(answer(assets[0], {other}).status == 200);
    }
    CHECK(answer(assets[0], {"Accept-Encoding: gzip", "If-None-Match: \"0123-gzip\""}).status ==
          304);
    CHECK(answer(assets[0], {"Accept-Encoding: gzip", "If-None-Match: \"0123\""}).status == 200);
}

TEST_CASE("nothing of the page comes from elsewhere or runs inline", "[wire][asset]") {
    for (const Asset& asset : assets) {
        const AssetAnswer answered = answer(asset);
        CHECK(has(answered,
                  "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src "
                  "'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
        CHECK(has(answered, "X-Content-Type-Options: nosniff"));
        CHECK(has(answered, "Referrer-Policy: no-referrer"));
    }
}

TEST_CASE("going to a page is told from reading it by a script", "[wire][asset]") {
    const auto navigates = [](std::string_view what, Lines lines) {
        const Asked asked(what, lines);
        return is_navigation(*asked);
    };
    CHECK(navigates("GET /", {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"}));
    CHECK(navigates("HEAD /", {"Sec-Fetch-Mode: navigate"}));
    CHECK_FALSE(navigates("GET /", {"Sec-Fetch-Mode: no-cors"}));
    CHECK_FALSE(navigates("GET /", {}));
    CHECK_FALSE(navigates("GET /", {"Sec-Fetch-Mode: navigate", "Origin: http://evil.example"}));
    CHECK_FALSE(navigates("POST /", {"Sec-Fetch-Mode: navigate"}));
}
