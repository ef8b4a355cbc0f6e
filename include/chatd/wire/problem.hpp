#pragma once
// What an HTTP request that is not carried out is answered with: a problem (RFC 9457) in JSON.
//
//   {"type":"about:blank","title":"Conflict","status":409,
//    "detail":"That nick, or one that looks like it, is taken; choose another.",
//    "code":"NICK_IN_USE"}
//
// `code` is the word that the other dialects use; `retry_after_ms` stands beside it when a time is
// known. Plain values, any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "chatd/wire/errc.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/reply.hpp"

namespace chatd::wire {

struct Problem {
    std::uint16_t status = 400;
    std::string_view code{};           ///< static; "NICK_IN_USE"
    std::string detail{};              ///< one sentence, UTF-8: what was wrong and what to do
    std::uint32_t retry_after_ms = 0;  ///< 0: no time is known
    std::string_view extra{};          ///< static; header lines, each with its CRLF
};

/// The status of an error; 200 for Errc::none.
std::uint16_t http_status_of(Errc error) noexcept;

/// The problem of an error, with its own sentence, and `detail`, if any, behind it in brackets.
Problem problem_of(Errc error, std::string_view detail = {});
Problem problem_of(const Failure& failure);

/// The same with `sentence` instead of the error's own, where more is known.
Problem problem_saying(Errc error, std::string_view sentence);

/// Appends the JSON object.
void append_problem(std::string& body, const Problem& problem);

/// Appends the header lines that go with it: its own; Retry-After in whole seconds (RFC 9110
/// 10.2.3) with 429 and 503, at least 1; WWW-Authenticate (RFC 6750 3) with 401.
void append_problem_fields(std::string& fields, const Problem& problem);

/// Appends a whole answer. Of `answer` only keep_alive, head_only and date count.
void encode_problem(std::string& target, const Problem& problem, const HttpAnswer& answer = {});

}  // namespace chatd::wire
