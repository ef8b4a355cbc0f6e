#pragma once
// What is served by HTTP, and what its answers are made with (http_session.cpp).

#include <expected>
#include <string_view>

#include "chatd/wire/http_route.hpp"
#include "chatd/wire/websocket_handshake.hpp"
#include "engine/core.hpp"

namespace chatd::engine {

/// Carries out a request whose body is here; the connection has its exchange until the answer.
void serve_route(Core& core, Connection& connection, const wire::HttpRequest& request,
                 const wire::HttpRoute& route, std::string_view body);

/// The handshake rules for /ws, / and /echo.
std::expected<wire::UpgradeAccept, wire::HttpRefusal> check_upgrade(
    const wire::HttpRequest& request, const wire::OriginPolicy& origins);

void answer_resource(Core& core, Connection& connection, wire::HttpAnswer reply);
/// The same for a body that is static: it is sent as it lies, not copied.
void answer_fixed(Core& core, Connection& connection, wire::HttpAnswer reply);
void answer_problem(Core& core, Connection& connection, const wire::Problem& problem);

}  // namespace chatd::engine
