#pragma once
// What the head of a POST says about its body. Plain functions, any thread.

#include <expected>

#include "chatd/wire/http_route.hpp"

namespace chatd::wire {

/// Plain for text/plain, no Content-Type and application/x-www-form-urlencoded; the latter is what
/// `curl -d` says of any text, so the body is taken as it is. JSON for application/json. Else the
/// problem is a 415.
std::expected<BodyKind, Problem> body_kind_of(const HttpRequest& request);

}  // namespace chatd::wire
