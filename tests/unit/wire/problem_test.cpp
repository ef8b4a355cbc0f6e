#include "chatd/wire/problem.hpp"

#include "support/catch.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string body_of(const Problem& problem) {
    std::string body;
    append_problem(body, problem);
    return body;
}

std::string fields_of(const Problem& problem) {
    std::string fields;
    append_problem_fields(fields, problem);
    return fields;
}

}  // namespace

TEST_CASE("every error has a status with a reason, its code and its sentence", "[wire][problem]") {
    for (int number = 1; number <= static_cast<int>(errc_last); ++number) {
        const auto error = static_cast<Errc>(number);
        const Problem problem = problem_of(error);
        CAPTURE(problem.code);
        CHECK(problem.status >= 400);
        CHECK(problem.status < 600);
        CHECK(problem.status != 500);
        CHECK_FALSE(http_reason(problem.status).empty());
        CHECK(problem.code == code_of(error));
        CHECK(problem.detail == method_text_of(error));
    }
    CHECK(http_status_of(Errc::none) == 200);
}

TEST_CASE("the statuses that programs act on", "[wire][problem]") {
    const std::pair<Errc, int> table[] = {
        {Errc::bad_argument, 400},       {Errc::bad_position, 400},     {Errc::bad_room, 400},
        {Errc::needs_connection, 400},   {Errc::bad_token, 401},        {Errc::needs_session, 401},
        {Errc::not_yours, 403},          {Errc::no_such_message, 404},  {Errc::no_such_nick, 404},
        {Errc::no_such_schedule, 404},   {Errc::no_history, 404},       {Errc::nick_in_use, 409},
        {Errc::key_reused, 409},         {Errc::room_looks_alike, 409}, {Errc::line_too_long, 413},
        {Errc::too_many_lines, 413},     {Errc::too_fast, 429},         {Errc::store_behind, 503},
        {Errc::store_failed, 503},       {Errc::recipient_full, 503},   {Errc::too_many_rooms, 503},
        {Errc::too_many_schedules, 409}, {Errc::local_only, 403},
    };
    for (const auto& [error, status] : table) {
        CAPTURE(code_of(error));
        CHECK(http_status_of(error) == status);
    }
}

TEST_CASE("a problem in JSON", "[wire][problem]") {
    CHECK(body_of(problem_saying(Errc::nick_in_use, "Taken.")) ==
          R"({"type":"about:blank","title":"Conflict","status":409,"detail":"Taken.",)"
          R"("code":"NICK_IN_USE"})");
    CHECK(body_of({.status = 429, .code = "TOO_FAST", .detail = "Wait.", .retry_after_ms = 250}) ==
          R"({"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Wait.",)"
          R"("code":"TOO_FAST","retry_after_ms":250})");
    const std::string quoted = body_of(problem_saying(Errc::bad_query, "a \"b\" \\ \x01 \n"));
    CHECK(quoted.find(R"("a \"b\" \\ \u0001 \n")") != std::string::npos);
}

TEST_CASE("a failure keeps what its sentence can't know", "[wire][problem]") {
    const Problem problem = problem_of(
        Failure{.error = Errc::store_behind, .detail = "4,096 wait", .retry_after_ms = 1500});
    CHECK(problem.detail == std::string(text_of(Errc::store_behind)) + " (4,096 wait)");
    CHECK(problem.retry_after_ms == 1500);
}

TEST_CASE("Retry-After is whole seconds, never too early", "[wire][problem]") {
    const std::pair<std::uint32_t, int> table[] = {
        {0, 1}, {1, 1}, {999, 1}, {1000, 1}, {1001, 2}, {60'000, 60}, {4'294'967'295, 4'294'968},
    };
    for (const auto& [ms, seconds] : table) {
        CAPTURE(ms);
        const std::string line = "Retry-After: " + std::to_string(seconds) + "\r\n";
        CHECK(fields_of({.status = 429, .retry_after_ms = ms}) == line);
        CHECK(fields_of({.status = 503, .retry_after_ms = ms}) == line);
        CHECK(fields_of({.status = 409, .retry_after_ms = ms}).empty());
    }
}

TEST_CASE("a missing session asks for a token, a bad token is called so", "[wire][problem]") {
    CHECK(fields_of(problem_of(Errc::needs_session)) ==
          "WWW-Authenticate: Bearer realm=\"chatd\"\r\n");
    CHECK(fields_of(problem_of(Errc::bad_token)) ==
          "WWW-Authenticate: Bearer realm=\"chatd\", error=\"invalid_token\"\r\n");
}

TEST_CASE("the answer that carries a problem", "[wire][problem]") {
    const Problem problem{
        .status = 405, .code = "WRONG_METHOD", .detail = "No.", .extra = "Allow: GET, HEAD\r\n"};
    const std::string body = body_of(problem) + "\n";
    const std::string head =
        "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: application/problem+json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\nCache-Control: no-store\r\nAllow: GET, HEAD\r\n";
    std::string out;
    encode_problem(out, problem, {.keep_alive = true});
    CHECK(out == head + "\r\n" + body);
    out.clear();
    encode_problem(out, problem);
    CHECK(out == head + "Connection: close\r\n\r\n" + body);
    out.clear();
    encode_problem(out, problem, {.keep_alive = true, .head_only = true});
    CHECK(out == head + "\r\n");
}
