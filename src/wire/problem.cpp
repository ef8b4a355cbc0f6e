#include "chatd/wire/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "chatd/wire/json_text.hpp"

namespace chatd::wire {

namespace {

constexpr std::uint16_t unauthorized = 401;
constexpr std::uint16_t too_many_requests = 429;
constexpr std::uint16_t unavailable = 503;

std::uint32_t retry_after_seconds(std::uint32_t retry_after_ms) noexcept {
    return std::max(1U, retry_after_ms / 1000 + (retry_after_ms % 1000 != 0 ? 1U : 0U));
}

}  // namespace

std::uint16_t http_status_of(Errc error) noexcept {
    switch (error) {
        case Errc::none:
            return 200;
        case Errc::bad_utf8:
        case Errc::nul:
        case Errc::newline:
        case Errc::unknown_command:
        case Errc::need_more_params:
        case Errc::bad_nick:
        case Errc::bad_room:
        case Errc::no_room:
        case Errc::not_in_room:
        case Errc::bad_hex:
        case Errc::bad_argument:
        case Errc::empty:
        case Errc::bad_key:
        case Errc::bad_position:
        case Errc::bad_query:
        case Errc::bad_time:
        case Errc::needs_connection:
            return 400;
        case Errc::bad_token:
        case Errc::needs_session:
            return unauthorized;
        case Errc::not_yours:
        case Errc::local_only:
            return 403;
        case Errc::no_such_nick:
        case Errc::no_such_message:
        case Errc::no_such_schedule:
        // Nothing is there to be had. 501 would be about the method (RFC 9110 15.6.2), and would
        // ring the alarms of whoever counts server errors.
        case Errc::no_history:
            return 404;
        case Errc::nick_in_use:
        case Errc::room_looks_alike:
        case Errc::key_reused:
        case Errc::too_many_schedules:
            return 409;
        case Errc::line_too_long:
        case Errc::too_many_lines:
            return 413;
        case Errc::too_fast:
            return too_many_requests;
        case Errc::too_many_rooms:
        case Errc::recipient_full:
        case Errc::store_behind:
        case Errc::store_failed:
            return unavailable;
    }
    return 500;
}

Problem problem_of(Errc error, std::string_view detail) {
    Problem problem = problem_saying(error, method_text_of(error));
    if (!detail.empty()) fmt::format_to(std::back_inserter(problem.detail), " ({})", detail);
    return problem;
}

Problem problem_of(const Failure& failure) {
    Problem problem = problem_of(failure.error, failure.detail);
    problem.retry_after_ms = failure.retry_after_ms;
    return problem;
}

Problem problem_saying(Errc error, std::string_view sentence) {
    return {
        .status = http_status_of(error), .code = code_of(error), .detail = std::string(sentence)};
}

void append_problem(std::string& body, const Problem& problem) {
    // RFC 9457 4.2.1: the title of about:blank is the status' own phrase.
    fmt::format_to(std::back_inserter(body),
                   R"({{"type":"about:blank","title":"{}","status":{},"detail":)",
                   http_reason(problem.status), problem.status);
    append_json_string(body, problem.detail);
    body += R"(,"code":)";
    append_json_string(body, problem.code);
    if (problem.retry_after_ms != 0) {
        fmt::format_to(std::back_inserter(body), R"(,"retry_after_ms":{})", problem.retry_after_ms);
    }
    body += '}';
}

void append_problem_fields(std::string& fields, const Problem& problem) {
    fields += problem.extra;
    if (problem.status == too_many_requests || problem.status == unavailable) {
        fmt::format_to(std::back_inserter(fields), "Retry-After: {}\r\n",
                       retry_after_seconds(problem.retry_after_ms));
    }
    if (problem.status == unauthorized) {
        // RFC 6750 3.1: no error is named to who showed no token.
        fields += problem.code == code_of(Errc::bad_token)
                      ? "WWW-Authenticate: Bearer realm=\"chatd\", error=\"invalid_token\"\r\n"
                      : "WWW-Authenticate: Bearer realm=\"chatd\"\r\n";
    }
}

void encode_problem(std::string& target, const Problem& problem, const HttpAnswer& answer) {
    std::string body;
    append_problem(body, problem);
    body += '\n';
    std::string fields = "Cache-Control: no-store\r\n";
    append_problem_fields(fields, problem);
    encode_http_answer(target, {.status = problem.status,
                                .content_type = "application/problem+json",
                                .body = body,
                                .extra = fields,
                                .keep_alive = answer.keep_alive,
                                .head_only = answer.head_only,
                                .date = answer.date});
}

}  // namespace chatd::wire
