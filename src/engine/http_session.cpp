// HTTP/1.1 on the chat port: heads and bodies in, answers out. What is served stands in
// http_routes.cpp.

#include <chrono>
#include <optional>
#include <utility>

#include "chatd/wire/http_route.hpp"
#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/problem.hpp"
#include "engine/core.hpp"
#include "engine/http_routes.hpp"

namespace chatd::engine {

namespace {

using wire::BodyStatus;
using wire::HttpAnswer;
using wire::HttpMethod;
using wire::HttpRefusal;
using wire::HttpRequest;
using wire::Problem;

std::optional<std::chrono::sys_seconds> date_of(const Core& core) {
    if (core.io.unix_seconds == 0) return std::nullopt;
    return std::chrono::sys_seconds{std::chrono::seconds{core.io.unix_seconds}};
}

// After an answer: the next request may come, or this one was the last.
void answered(Core& core, Connection& connection, bool keep_alive) {
    if (connection.uncommon) connection.uncommon->exchange.reset();
    core.mark_ready(connection);
    if (!connection.open()) return;
    if (!keep_alive) return finish_now(core, connection, Ending::closed);
    connection.http_idle = true;
    connection.phase_deadline = core.now + limits::http_idle_time_max;
    arm_timer(core, connection);
}

HttpAnswer answer_of(const Core& core, const Connection& connection) {
    const HttpExchange& exchange = *connection.exchange();
    return {.keep_alive = exchange.keep_alive && !core.draining,
            .head_only = exchange.head_only,
            .date = date_of(core)};
}

void begin_body(Core& core, Connection& connection, const HttpRequest& request, Bytes head,
                const wire::HttpRoute& route) {
    HttpExchange& exchange = *connection.exchange();
    const std::size_t bytes_max = wire::content_bytes_max(route);
    const BodyStatus status = exchange.reader.begin(request, bytes_max);
    if (status == BodyStatus::too_long) {
        exchange.keep_alive = false;
        return answer_problem(core, connection, wire::problem_of(status, bytes_max));
    }
    if (status == BodyStatus::complete) {
        exchange.answering = true;
        return serve_route(core, connection, request, route, {});
    }
    exchange.head = as_text(head);
    exchange.body_bytes_max = bytes_max;
    connection.phase_deadline = core.now + limits::http_body_time_max;
    if (!request.expect_continue) return;
    core.stream_of(connection).waiting += wire::continue_answer;
    core.mark_ready(connection);
}

void end_body(Core& core, Connection& connection) {
    HttpExchange& exchange = *connection.exchange();
    connection.phase_deadline = time_never;
    exchange.answering = true;
    // The views of request and body must outlive the exchange, which an answer ends.
    const std::string head = std::move(exchange.head);
    const std::string body = std::move(exchange.body);
    const auto request = wire::decode_http_request(as_bytes(head));
    CHATD_ASSERT(request.has_value());
    const auto route = wire::route_request(*request);
    CHATD_ASSERT(route.has_value());
    serve_route(core, connection, *request, *route, body);
}

void upgrade(Core& core, Connection& connection, const HttpRequest& request,
             const wire::OriginPolicy& origins, bool echo) {
    const auto accepted = check_upgrade(request, origins);
    const bool head_only = request.method == HttpMethod::head;
    if (!accepted) return refuse_http(core, connection, accepted.error(), head_only);
    wire::encode_upgrade_answer(core.stream_of(connection).waiting, *accepted);
    core.mark_ready(connection);
    if (connection.uncommon) connection.uncommon->exchange.reset();
    begin_websocket(core, connection, echo, accepted->subprotocol);
}

void serve(Core& core, Connection& connection, const HttpRequest& request, Bytes head) {
    ++core.counters.http_requests;
    const wire::OriginPolicy origins{.listed = core.config.origins};
    const bool goes_to_page =
        request.path == "/" && wire::is_navigation(request) && !wire::asks_for_websocket(request);
    if (!goes_to_page && !wire::origin_allowed(request, origins)) {
        return refuse_http(core, connection, wire::refused_origin(),
                           request.method == HttpMethod::head);
    }
    connection.make_uncommon().exchange = std::make_unique<HttpExchange>();
    HttpExchange& exchange = *connection.exchange();
    exchange.keep_alive = request.keep_alive;
    exchange.head_only = request.method == HttpMethod::head;
    const auto route = wire::route_request(request);
    if (route && std::holds_alternative<wire::WebSocketRoute>(*route)) {
        return upgrade(core, connection, request, origins,
                       std::get<wire::WebSocketRoute>(*route).echo);
    }
    Problem problem;
    if (!route) {
        problem = route.error();
    } else if (const auto token = wire::bearer_token(request); !token) {
        problem = token.error();
    } else if (!token->empty()) {
        const Session* session = find_session(core, *token);
        if (session != nullptr) {
            exchange.session = session->id;
        } else {
            problem = wire::problem_of(wire::Errc::bad_token);
        }
    }
    const bool refused = !problem.code.empty();
    // A body that is not read: where the next request begins would be unknown.
    if (request.has_body() && (refused || wire::content_bytes_max(*route) == 0)) {
        exchange.keep_alive = false;
    }
    if (refused) return answer_problem(core, connection, problem);
    if (wire::content_bytes_max(*route) == 0) {
        exchange.answering = true;
        return serve_route(core, connection, request, *route, {});
    }
    begin_body(core, connection, request, head, *route);
}

// Takes one head off the front of `input`; 0 when it is not whole yet.
std::size_t take_head(Core& core, Connection& connection, Bytes input) {
    std::size_t searched = connection.make_uncommon().head_searched;
    const auto head_bytes = wire::find_head_end(input, searched);
    connection.uncommon->head_searched = static_cast<std::uint32_t>(searched);
    if (!head_bytes) {
        if (input.size() <= limits::http_head_bytes_max) return 0;
        refuse_http(core, connection,
                    {.status = 431,
                     .sentence = "A request head has at most 16384 bytes; send fewer fields."});
        return input.size();
    }
    connection.uncommon->head_searched = 0;
    connection.phase_deadline = time_never;
    const Bytes head = input.first(*head_bytes);
    const auto request = wire::decode_http_request(head);
    if (request) {
        serve(core, connection, *request, head);
    } else {
        ++core.counters.http_requests;
        refuse_http(core, connection, request.error());
    }
    return *head_bytes;
}

std::size_t take_body(Core& core, Connection& connection, Bytes input) {
    HttpExchange& exchange = *connection.exchange();
    const auto pushed = exchange.reader.push(input, exchange.body);
    switch (pushed.status) {
        case BodyStatus::incomplete:
            break;
        case BodyStatus::complete:
            end_body(core, connection);
            break;
        case BodyStatus::malformed:
        case BodyStatus::too_long:
            exchange.keep_alive = false;
            answer_problem(core, connection,
                           wire::problem_of(pushed.status, exchange.body_bytes_max));
            break;
    }
    return pushed.consumed;
}

}  // namespace

void answer_resource(Core& core, Connection& connection, HttpAnswer reply) {
    const HttpAnswer usual = answer_of(core, connection);
    reply.keep_alive = usual.keep_alive;
    reply.head_only = usual.head_only;
    reply.date = usual.date;
    wire::encode_http_answer(core.stream_of(connection).waiting, reply);
    answered(core, connection, reply.keep_alive);
}

void answer_fixed(Core& core, Connection& connection, HttpAnswer reply) {
    HttpExchange& exchange = *connection.exchange();
    if (exchange.head_only || reply.body.empty()) return answer_resource(core, connection, reply);
    const HttpAnswer usual = answer_of(core, connection);
    reply.keep_alive = exchange.keep_alive = usual.keep_alive;
    reply.head_only = true;
    reply.date = usual.date;
    exchange.fixed_body = reply.body;
    wire::encode_http_answer(core.stream_of(connection).waiting, reply);
    core.mark_ready(connection);
}

void fixed_body_sent(Core& core, Connection& connection) {
    answered(core, connection, connection.exchange()->keep_alive);
}

void answer_problem(Core& core, Connection& connection, const Problem& problem) {
    const HttpAnswer usual = answer_of(core, connection);
    wire::encode_problem(core.stream_of(connection).waiting, problem, usual);
    answered(core, connection, usual.keep_alive);
}

void answer_http(Core& core, Connection& connection, const wire::Outcome& outcome) {
    if (!outcome) return answer_problem(core, connection, wire::problem_of(outcome.error()));
    if (std::holds_alternative<wire::Done>(*outcome)) {
        return answer_resource(core, connection, {.status = 204});
    }
    std::string body;
    wire::append_reply_json(body, *outcome);
    body += '\n';
    const auto* said = std::get_if<wire::SaidReply>(&*outcome);
    const bool made = (said != nullptr && !said->repeated) ||
                      std::holds_alternative<wire::ScheduleReply>(*outcome);
    answer_resource(core, connection,
                    {.status = static_cast<std::uint16_t>(made ? 201 : 200),
                     .content_type = "application/json",
                     .body = body,
                     .extra = "Cache-Control: no-store\r\n"});
}

void answer_post(Core& core, Connection& connection, std::string_view json) {
    if (HttpExchange& exchange = *connection.exchange(); exchange.holding) {
        exchange.held = json;
        return;
    }
    if (json.empty()) return answer_resource(core, connection, {.status = 204});
    const std::string body = std::string(json) + "\n";
    answer_resource(
        core, connection,
        {.content_type = "application/json", .body = body, .extra = "Cache-Control: no-store\r\n"});
}

void begin_post(Connection& connection) noexcept {
    connection.exchange()->holding = true;
}

void end_post(Core& core, Connection& connection, bool answered) {
    HttpExchange& exchange = *connection.exchange();
    exchange.holding = false;
    if (!answered) return answer_post(core, connection, {});
    if (!exchange.held) return;
    const std::string held = std::move(*exchange.held);
    answer_post(core, connection, held);
}

void refuse_http(Core& core, Connection& connection, const HttpRefusal& refusal, bool head_only,
                 Ending ending) {
    const std::string body = std::string(refusal.sentence) + "\n";
    wire::encode_http_answer(core.stream_of(connection).waiting, {.status = refusal.status,
                                                                  .body = body,
                                                                  .extra = refusal.extra,
                                                                  .head_only = head_only,
                                                                  .date = date_of(core)});
    finish_now(core, connection, ending);
}

Speaker speaker_of(Core& core, const Connection& connection) {
    if (!connection.exchange()) {
        return {connection.nick(), session_of(core, connection), connection.serial};
    }
    Session* session = core.sessions.find(connection.exchange()->session);
    return {session == nullptr ? std::string_view(connection.exchange()->nick) : session->nick,
            session, 0};
}

std::size_t take_http(Core& core, Connection& connection, Bytes bytes) {
    const std::unique_ptr<std::string> begun = take_kept(core, connection);
    Bytes input = bytes;
    if (begun) {
        append(*begun, bytes);
        input = as_bytes(*begun);
    }
    while (!input.empty() && connection.open() && connection.speech == Speech::http) {
        if (!core.takes_input(connection)) {
            pause_reading(core, connection);
            break;
        }
        const std::size_t taken = connection.exchange() ? take_body(core, connection, input)
                                                        : take_head(core, connection, input);
        if (taken == 0) break;
        input = input.subspan(taken);
    }
    if (!connection.open() || input.empty()) return bytes.size();
    if (connection.speech != Speech::http) {
        take_input(core, connection, input);
        return bytes.size();
    }
    if (!connection.paused && connection.http_idle) {
        // What is left is the beginning of the next head, whose time begins here.
        connection.http_idle = false;
        connection.phase_deadline = core.now + limits::http_head_time_max;
        arm_timer(core, connection);
    }
    keep(core, connection, input);
    return bytes.size();
}

}  // namespace chatd::engine
