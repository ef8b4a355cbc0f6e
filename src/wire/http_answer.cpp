// The encoding half of wire/http.hpp.

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "chatd/wire/http.hpp"

namespace chatd::wire {

namespace {

// RFC 9110 5.6.7: IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", in English whatever the locale.
void append_date(std::string& target, std::chrono::sys_seconds time) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    fmt::format_to(std::back_inserter(target), "Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
                   days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                   months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                   clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

constexpr bool has_content(std::uint16_t status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string_view http_reason(std::uint16_t status) noexcept {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

void encode_http_answer(std::string& target, const HttpAnswer& answer) {
    // RFC 9112 4: the blank before the reason stands even when there is none.
    fmt::format_to(std::back_inserter(target), "HTTP/1.1 {} {}\r\n", answer.status,
                   http_reason(answer.status));
    if (answer.date) append_date(target, *answer.date);
    if (has_content(answer.status)) {
        fmt::format_to(std::back_inserter(target), "Content-Type: {}\r\n", answer.content_type);
        if (!answer.until_close) {
            fmt::format_to(std::back_inserter(target), "Content-Length: {}\r\n",
                           answer.body.size());
        }
    }
    target += answer.extra;
    if (!answer.keep_alive || answer.until_close) target += "Connection: close\r\n";
    target += "\r\n";
    if (has_content(answer.status) && !answer.head_only) target += answer.body;
}

void encode_http_refusal(std::string& target, const HttpRefusal& refusal) {
    const std::string body = fmt::format("{}\n", refusal.sentence);
    encode_http_answer(target, {.status = refusal.status, .body = body, .extra = refusal.extra});
}

}  // namespace chatd::wire
