#include "chatd/wire/asset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace chatd::wire {

namespace {

// Nothing but this server's own files and sockets, in nobody's frame.
constexpr std::string_view page_policy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

// RFC 9110 12.4.2: qvalue = ( "0" [ "." 0*3("0") ] ) / ...; a weight of nothing but zeros refuses.
bool refuses(std::string_view parameters) noexcept {
    const std::size_t mark = parameters.find('=');
    if (mark == parameters.npos) return false;
    if (!equal_without_case(trim_blanks(parameters.substr(0, mark)), "q")) return false;
    const std::string_view weight = trim_blanks(parameters.substr(mark + 1));
    return !weight.empty() && weight.find_first_not_of("0.") == weight.npos;
}

bool names_etag(const HttpRequest& request, std::string_view etag) noexcept {
    bool named = false;
    // RFC 9110 8.8.3.2: compared weakly. A comma within a foreign tag cuts it into pieces that are
    // no tags, so it is never taken for ours.
    for_each_element(request, "If-None-Match", [&](std::string_view tag) {
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        named = named || tag == "*" || tag == etag;
    });
    return named;
}

}  // namespace

const Asset* find_asset(std::span<const Asset> assets, std::string_view path) noexcept {
    const auto found = std::ranges::find(assets, path, &Asset::path);
    return found == assets.end() ? nullptr : &*found;
}

AssetAnswer answer_asset(const Asset& asset, const HttpRequest& request) {
    const bool compressed = !asset.gzip.empty() && accepts_gzip(request);
    const std::string etag = fmt::format("\"{}{}\"", asset.hash, compressed ? "-gzip" : "");
    AssetAnswer answer{.body = compressed ? asset.gzip : asset.plain,
                       .extra = fmt::format("ETag: {}\r\n", etag)};
    const bool for_ever = asset.path != "/";
    answer.extra += for_ever ? "Cache-Control: public, max-age=31536000, immutable\r\n"
                             : "Cache-Control: no-cache\r\n";
    if (!asset.gzip.empty()) answer.extra += "Vary: Accept-Encoding\r\n";
    if (names_etag(request, etag)) {
        answer.status = 304;
        answer.body = {};
    } else if (compressed) {
        answer.extra += "Content-Encoding: gzip\r\n";
    }
    answer.extra += page_policy;
    return answer;
}

bool accepts_gzip(const HttpRequest& request) noexcept {
    std::optional<bool> gzip;
    std::optional<bool> any;
    for_each_element(request, "Accept-Encoding", [&](std::string_view element) {
        const std::size_t mark = std::min(element.find(';'), element.size());
        const std::string_view coding = trim_blanks(element.substr(0, mark));
        const bool accepted = !refuses(element.substr(std::min(mark + 1, element.size())));
        if (equal_without_case(coding, "gzip") || equal_without_case(coding, "x-gzip")) {
            gzip = accepted;
        }
        if (coding == "*") any = accepted;
    });
    return gzip.value_or(any.value_or(false));
}

bool is_navigation(const HttpRequest& request) noexcept {
    const bool reads = request.method == HttpMethod::get || request.method == HttpMethod::head;
    return reads && request.count("Origin") == 0 && request.has_token("Sec-Fetch-Mode", "navigate");
}

}  // namespace chatd::wire
