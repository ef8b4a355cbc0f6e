// What fields of a head say about the body and about who sent it.

#include "wire/http_content.hpp"

#include <algorithm>

#include "wire/characters.hpp"

namespace chatd::wire {

namespace {

constexpr std::string_view unknown_type =
    "Send text/plain or application/json, in UTF-8, as one Content-Type.";
constexpr std::string_view encoded = "Send the body as it is, without a Content-Encoding.";
constexpr std::string_view not_bearer =
    "Authorization is `Bearer TOKEN`, with the token that hello gave.";

std::unexpected<Problem> unsupported(std::string_view sentence) {
    return std::unexpected(
        Problem{.status = 415, .code = "BAD_CONTENT_TYPE", .detail = std::string(sentence)});
}

std::string_view unquoted(std::string_view value) noexcept {
    if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) return value;
    return value.substr(1, value.size() - 2);
}

// RFC 9110 8.3.1: type *( OWS ";" OWS name "=" value ). UTF-8 and its part ASCII are read here.
bool charset_is_read(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        const std::string_view parameter = parameters.substr(0, parameters.find(';'));
        parameters.remove_prefix(std::min(parameter.size() + 1, parameters.size()));
        const std::size_t mark = std::min(parameter.find('='), parameter.size());
        if (!equal_without_case(trim_blanks(parameter.substr(0, mark)), "charset")) continue;
        const std::string_view charset =
            unquoted(trim_blanks(parameter.substr(std::min(mark + 1, parameter.size()))));
        if (!equal_without_case(charset, "utf-8") && !equal_without_case(charset, "us-ascii")) {
            return false;
        }
    }
    return true;
}

// RFC 6750 2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=".
bool is_token68(std::string_view token) noexcept {
    const std::string_view bare = token.substr(0, token.find_last_not_of('=') + 1);
    return !bare.empty() && std::ranges::all_of(bare, [](char c) {
        return is_alphanumeric(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
    });
}

}  // namespace

std::expected<BodyKind, Problem> body_kind_of(const HttpRequest& request) {
    if (request.count("Content-Type") > 1) return unsupported(unknown_type);
    bool as_it_is = true;
    for_each_element(request, "Content-Encoding", [&](std::string_view coding) {
        as_it_is = as_it_is && equal_without_case(coding, "identity");
    });
    if (!as_it_is) return unsupported(encoded);

    const std::string_view field = request.field("Content-Type");
    const std::size_t mark = std::min(field.find(';'), field.size());
    const std::string_view type = trim_blanks(field.substr(0, mark));
    if (!charset_is_read(field.substr(std::min(mark + 1, field.size())))) {
        return unsupported(unknown_type);
    }
    if (field.empty() || equal_without_case(type, "text/plain") ||
        equal_without_case(type, "application/x-www-form-urlencoded")) {
        return BodyKind::plain;
    }
    if (equal_without_case(type, "application/json")) return BodyKind::json;
    return unsupported(unknown_type);
}

std::string_view plain_text(std::string_view body) noexcept {
    if (!body.ends_with('\n')) return body;
    body.remove_suffix(1);
    if (body.ends_with('\r')) body.remove_suffix(1);
    return body;
}

std::expected<std::string_view, Problem> bearer_token(const HttpRequest& request) {
    const std::size_t count = request.count("Authorization");
    if (count == 0) return std::string_view();
    if (count > 1) {
        return std::unexpected(
            problem_saying(Errc::bad_argument, "Send one Authorization, not several."));
    }
    const std::string_view credentials = request.field("Authorization");
    const std::string_view scheme = credentials.substr(0, credentials.find(' '));
    const std::string_view token = trim_blanks(credentials.substr(scheme.size()));
    if (!equal_without_case(scheme, "Bearer") || !is_token68(token)) {
        return std::unexpected(problem_saying(Errc::bad_token, not_bearer));
    }
    return token;
}

}  // namespace chatd::wire
