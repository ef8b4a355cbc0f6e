#pragma once
// A file of the web page, and the answer to a request for it: in which coding, whether it is still
// the one the browser has, and for how long it may be kept. All texts of an Asset are static.
// Plain functions, any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "chatd/wire/http.hpp"

namespace chatd::wire {

struct Asset {
    std::string_view path;  ///< "/" or "/assets/app-0123456789abcdef.js", whose content is for ever
    std::string_view content_type;
    std::string_view hash;    ///< of the content
    std::string_view plain;   ///< the content
    std::string_view gzip{};  ///< RFC 1952; empty: it is no shorter so
};

struct AssetAnswer {
    std::uint16_t status = 200;  ///< or 304
    std::string_view body;       ///< static; empty for 304
    std::string extra;           ///< header lines, each with its CRLF
};

/// What stands at that path, or null.
const Asset* find_asset(std::span<const Asset> assets, std::string_view path) noexcept;

/// The answer to GET or HEAD: compressed for who accepts gzip; 304 for who names its ETag in
/// If-None-Match (RFC 9110 13.1.2). A coding is a representation with an ETag of its own.
AssetAnswer answer_asset(const Asset& asset, const HttpRequest& request);

/// Whether Accept-Encoding (RFC 9110 12.5.3) names gzip, or `*`, without `q=0`.
bool accepts_gzip(const HttpRequest& request) noexcept;

/// Whether somebody goes to this page by a link or by typing its name (Fetch Metadata): no script
/// of another page gets to see the answer.
bool is_navigation(const HttpRequest& request) noexcept;

}  // namespace chatd::wire
