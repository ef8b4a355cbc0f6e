// Boost.Beast's parser stands behind this file and nowhere else. It splits the head and knows the
// grammar; what a request means, and the rules against request smuggling, are decided here. Bodies
// are not for it (http_body.cpp says why).

#include "chatd/wire/http.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>

#include "chatd/base/address.hpp"
#include "wire/characters.hpp"

namespace chatd::wire {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint16_t bad_request = 400;
constexpr std::uint16_t expectation_failed = 417;
constexpr std::uint16_t head_too_large = 431;
constexpr std::uint16_t not_implemented = 501;
constexpr std::uint16_t version_not_supported = 505;

// RFC 9112 2.2: an empty line before a request is ignored; two are, not more.
constexpr std::size_t leading_bytes_max = 4;

using Refused = std::optional<HttpRefusal>;

constexpr std::string_view view_of(beast::string_view text) noexcept {
    return {text.data(), text.size()};
}

std::size_t leading_bytes(std::string_view head) noexcept {
    const std::size_t end = std::min(head.find_first_not_of("\r\n"), head.size());
    return std::min(end, leading_bytes_max);
}

// Collects what Beast finds. Every view points into the head: folded lines, the one case where
// Beast makes a copy, are refused before it runs.
class HeadParser final : public http::basic_parser<true> {
public:
    explicit HeadParser(HttpRequest& request) noexcept : request_(request) {}
    bool method_known() const noexcept { return method_known_; }

private:
    void on_request_impl(http::verb method, beast::string_view, beast::string_view target,
                         int version, beast::error_code&) override {
        request_.target = view_of(target);
        request_.minor_version = static_cast<std::uint8_t>(version % 10);
        method_known_ = true;
        switch (method) {
            case http::verb::get:
                request_.method = HttpMethod::get;
                break;
            case http::verb::head:
                request_.method = HttpMethod::head;
                break;
            case http::verb::post:
                request_.method = HttpMethod::post;
                break;
            case http::verb::put:
                request_.method = HttpMethod::put;
                break;
            case http::verb::delete_:
                request_.method = HttpMethod::remove;
                break;
            case http::verb::connect:
                request_.method = HttpMethod::connect;
                break;
            case http::verb::options:
                request_.method = HttpMethod::options;
                break;
            case http::verb::trace:
                request_.method = HttpMethod::trace;
                break;
            case http::verb::patch:
                request_.method = HttpMethod::patch;
                break;
            default:
                method_known_ = false;
                break;
        }
    }
    void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                       beast::error_code& error) override {
        if (request_.field_count == request_.field_storage.size()) {
            error = http::error::header_limit;
            return;
        }
        request_.field_storage[request_.field_count++] = {view_of(name), view_of(value)};
    }
    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
    void on_header_impl(beast::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
    std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override {
        return 0;
    }
    void on_finish_impl(beast::error_code&) override {}

    HttpRequest& request_;
    bool method_known_ = false;
};

// Line ends that readers of the same bytes could disagree about (RFC 9112 2.2, 5.2).
Refused check_lines(std::string_view head) noexcept {
    for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
        if (at == 0 || head[at - 1] != '\r') {
            return HttpRefusal{bad_request, "Every line of an HTTP head ends in CR LF."};
        }
        if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) {
            return HttpRefusal{bad_request,
                               "Header lines must not be folded; send each as one line."};
        }
    }
    return {};
}

bool names_other_version(std::string_view head) noexcept {
    const std::string_view line = head.substr(0, head.find('\r'));
    const std::string_view version = line.substr(std::min(line.rfind(' ') + 1, line.size()));
    const auto digit = [](char byte) { return byte >= '0' && byte <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) &&
           version[6] == '.' && digit(version[7]);
}

HttpRefusal refusal_of(beast::error_code error, std::string_view head) noexcept {
    if (error == http::error::bad_version) {
        if (names_other_version(head)) {
            return {version_not_supported, "This server speaks HTTP/1.1; ask again in it."};
        }
        return {bad_request, "The request line is not `METHOD target HTTP/1.1`."};
    }
    if (error == http::error::bad_method || error == http::error::bad_target) {
        return {bad_request, "The request line is not `METHOD target HTTP/1.1`."};
    }
    if (error == http::error::bad_content_length) {
        return {bad_request, "Content-Length is one decimal number, sent once."};
    }
    if (error == http::error::bad_transfer_encoding) {
        return {bad_request, "Transfer-Encoding is `chunked`, without a Content-Length beside it."};
    }
    if (error == http::error::header_limit) {
        return {head_too_large, "The request head is too large; send fewer or shorter headers."};
    }
    return {bad_request, "A header line is not `Name: value`."};
}

// RFC 9112 6.3: a body whose end two readers could see at different places is refused.
Refused read_body_length(HttpRequest& request) noexcept {
    const std::size_t length_count = request.count("Content-Length");
    const std::size_t coding_count = request.count("Transfer-Encoding");
    if (coding_count != 0) {
        if (length_count != 0 || coding_count > 1 || request.minor_version == 0) {
            return HttpRefusal{
                bad_request,
                "Transfer-Encoding is sent once, in HTTP/1.1, without a Content-Length."};
        }
        const std::string_view coding = request.field("Transfer-Encoding");
        if (equal_without_case(coding, "chunked")) {
            request.chunked = true;
            return {};
        }
        const std::string_view last = trim_blanks(coding.substr(coding.rfind(',') + 1));
        if (equal_without_case(last, "chunked")) {
            return HttpRefusal{not_implemented,
                               "Only the transfer coding `chunked` is known here."};
        }
        return HttpRefusal{bad_request, "The last transfer coding of a request is `chunked`."};
    }
    if (length_count == 0) return {};
    const std::string_view length = request.field("Content-Length");
    const char* end = length.data() + length.size();
    const auto parsed = std::from_chars(length.data(), end, request.body_bytes);
    if (length_count > 1 || parsed.ec != std::errc{} || parsed.ptr != end) {
        return HttpRefusal{bad_request, "Content-Length is one decimal number, sent once."};
    }
    return {};
}

// RFC 9112 3.2: HTTP/1.1 wants exactly one valid Host.
Refused read_host(HttpRequest& request) noexcept {
    const std::size_t host_count = request.count("Host");
    if (host_count > 1) return HttpRefusal{bad_request, "Send one Host header, not several."};
    if (host_count == 0) {
        if (request.minor_version == 0) return {};
        return HttpRefusal{bad_request, "HTTP/1.1 wants a Host header; send one."};
    }
    request.host = request.field("Host");
    if (!parse_authority(request.host)) {
        return HttpRefusal{bad_request, "Host is not `name`, `name:port` or an address."};
    }
    return {};
}

// RFC 9112 3.2: origin form, absolute form (whose authority then counts instead of Host), "*" for
// OPTIONS, host:port for CONNECT.
Refused read_target(HttpRequest& request) noexcept {
    const HttpRefusal bad_target{bad_request, "The request target is not `/path` or an http URL."};
    std::string_view path = request.target;
    if (path.find('#') != path.npos) return bad_target;
    if (request.method == HttpMethod::connect) {
        if (!parse_authority(path)) return bad_target;
        return {};
    }
    if (path == "*") {
        request.path = path;
        if (request.method != HttpMethod::options) return bad_target;
        return {};
    }
    if (path.front() != '/') {
        const std::size_t scheme_bytes = path.find("://");
        const std::string_view scheme = path.substr(0, std::min(scheme_bytes, path.size()));
        if (!equal_without_case(scheme, "http") && !equal_without_case(scheme, "https")) {
            return bad_target;
        }
        path.remove_prefix(scheme_bytes + 3);
        const std::size_t authority_bytes = std::min(path.find_first_of("/?"), path.size());
        request.host = path.substr(0, authority_bytes);
        if (!parse_authority(request.host)) return bad_target;
        path.remove_prefix(authority_bytes);
    }
    const std::size_t mark = std::min(path.find('?'), path.size());
    request.path = mark == 0 ? "/" : path.substr(0, mark);
    request.query = path.substr(std::min(mark + 1, path.size()));
    return {};
}

Refused read_connection(HttpRequest& request) noexcept {
    request.keep_alive = request.minor_version != 0 && !request.has_token("Connection", "close");
    if (request.count("Expect") == 0) return {};
    // RFC 9110 10.1.1: HTTP/1.0 knows no Expect, and other expectations get 417.
    if (!equal_without_case(request.field("Expect"), "100-continue") ||
        request.count("Expect") > 1) {
        return HttpRefusal{expectation_failed, "Only `Expect: 100-continue` is known here."};
    }
    request.expect_continue = request.minor_version != 0;
    return {};
}

}  // namespace

std::optional<std::size_t> find_head_end(Bytes input, std::size_t& searched) noexcept {
    const std::string_view text = as_text(input);
    std::size_t from = std::max(searched, leading_bytes(text));
    for (;;) {
        const std::size_t newline = text.find('\n', from);
        if (newline == text.npos) {
            searched = text.size();
            return {};
        }
        const std::string_view after = text.substr(newline + 1);
        if (after.starts_with('\n')) return newline + 2;
        if (after.starts_with("\r\n")) return newline + 3;
        if (after.empty() || after == "\r") {
            searched = newline;
            return {};
        }
        from = newline + 1;
    }
}

std::expected<HttpRequest, HttpRefusal> decode_http_request(Bytes whole_head) noexcept {
    if (whole_head.size() > limits::http_head_bytes_max) {
        return std::unexpected(refusal_of(http::error::header_limit, {}));
    }
    const std::string_view head = as_text(whole_head).substr(leading_bytes(as_text(whole_head)));
    if (Refused refused = check_lines(head)) return std::unexpected(*refused);

    std::expected<HttpRequest, HttpRefusal> result;
    HttpRequest& request = *result;
    HeadParser parser(request);
    parser.header_limit(static_cast<std::uint32_t>(head.size()) + 1);
    // Bodies are not read here, and their size is not judged here.
    parser.skip(true);
    beast::error_code error;
    const std::size_t parsed_bytes = parser.put({head.data(), head.size()}, error);
    if (error) return std::unexpected(refusal_of(error, head));
    if (!parser.is_header_done() || parsed_bytes != head.size()) {
        return std::unexpected(HttpRefusal{bad_request, "The request head has no end."});
    }
    for (const auto read : {read_host, read_target, read_body_length, read_connection}) {
        if (Refused refused = read(request)) return std::unexpected(*refused);
    }
    if (!parser.method_known()) {
        return std::unexpected(HttpRefusal{not_implemented, "This method is not known here."});
    }
    return result;
}

std::string_view HttpRequest::field(std::string_view name) const noexcept {
    for (const HttpField& candidate : fields()) {
        if (equal_without_case(candidate.name, name)) return candidate.value;
    }
    return {};
}

std::size_t HttpRequest::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields(),
        [name](const HttpField& candidate) { return equal_without_case(candidate.name, name); }));
}

bool HttpRequest::has_token(std::string_view name, std::string_view token) const noexcept {
    bool found = false;
    for_each_element(*this, name, [&](std::string_view element) {
        found = found || equal_without_case(element, token);
    });
    return found;
}

std::optional<HttpAuthority> parse_authority(std::string_view text) noexcept {
    HttpAuthority authority;
    std::size_t host_bytes = std::min(text.find(':'), text.size());
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == text.npos) return {};
        host_bytes = bracket + 1;
        const std::string_view literal = text.substr(1, bracket - 1);
        if (literal.find('%') != literal.npos) return {};
        const auto address = parse_ip(literal);
        if (!address || address->family != Address::Family::ipv6) return {};
    }
    authority.host = text.substr(0, host_bytes);
    if (authority.host.empty()) return {};
    if (!text.starts_with('[')) {
        // RFC 3986 3.2.2: reg-name = *( unreserved / pct-encoded / sub-delims ).
        for (const char byte : authority.host) {
            if (!is_alphanumeric(byte) &&
                std::string_view("-._~%!$&'()*+,;=").find(byte) == text.npos) {
                return {};
            }
        }
    }
    const std::string_view rest = text.substr(host_bytes);
    if (rest.empty()) return authority;
    if (rest.front() != ':') return {};
    const std::string_view digits = rest.substr(1);
    if (digits.empty()) return authority;
    std::uint16_t port = 0;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return {};
    authority.port = port;
    return authority;
}

std::string_view trim_blanks(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace chatd::wire
