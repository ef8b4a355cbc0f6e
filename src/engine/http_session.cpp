// HTTP/1.1 on the chat port: the page, health, metrics, and the door to WebSocket.

#include <array>
#include <chrono>
#include <optional>

#include "chatd/wire/http.hpp"
#include "chatd/wire/websocket_handshake.hpp"
#include "engine/core.hpp"
#include "engine/page.hpp"

namespace chatd::engine {

namespace {

using wire::HttpAnswer;
using wire::HttpMethod;
using wire::HttpRefusal;
using wire::HttpRequest;

constexpr std::array<std::string_view, 3> websocket_paths{"/ws", "/", "/echo"};
constexpr std::array<std::string_view, 1> websocket_subprotocols{"chatd.text.v1"};

constexpr HttpRefusal no_such_path{
    .status = 404,
    .sentence = "Nothing is here. There is /, /ws, /echo, /healthz, /readyz and /metrics."};
constexpr HttpRefusal wrong_method{
    .status = 405, .sentence = "Use GET or HEAD here.", .extra = "Allow: GET, HEAD\r\n"};

std::optional<std::chrono::sys_seconds> date_of(const Core& core) {
    if (core.io.unix_seconds == 0) return std::nullopt;
    return std::chrono::sys_seconds{std::chrono::seconds{core.io.unix_seconds}};
}

void answer(Core& core, Connection& connection, const HttpRequest& request, HttpAnswer reply) {
    // A body is not read: where the next request begins would be unknown, so this one is the last.
    reply.keep_alive = request.keep_alive && !request.has_body() && !core.draining;
    reply.head_only = request.method == HttpMethod::head;
    reply.date = date_of(core);
    wire::encode_http_answer(core.stream_of(connection).waiting, reply);
    core.mark_ready(connection);
    if (!reply.keep_alive) return finish_now(core, connection, Ending::closed);
    connection.http_idle = true;
    connection.phase_deadline = core.now + limits::http_idle_time_max;
    arm_timer(core, connection);
}

void refuse(Core& core, Connection& connection, const HttpRequest& request,
            const HttpRefusal& refusal) {
    answer(core, connection, request,
           {.status = refusal.status,
            .body = std::string(refusal.sentence) + "\n",
            .extra = refusal.extra});
}

void upgrade(Core& core, Connection& connection, const HttpRequest& request,
             const wire::OriginPolicy& origins) {
    const wire::UpgradeRules rules{
        .origins = origins, .paths = websocket_paths, .subprotocols = websocket_subprotocols};
    const auto accepted = wire::check_upgrade(request, rules);
    const bool head_only = request.method == HttpMethod::head;
    if (!accepted) return refuse_http(core, connection, accepted.error(), head_only);
    wire::encode_upgrade_answer(core.stream_of(connection).waiting, *accepted);
    core.mark_ready(connection);
    begin_websocket(core, connection, request.path == "/echo", accepted->subprotocol.empty());
}

void serve(Core& core, Connection& connection, const HttpRequest& request) {
    ++core.counters.http_requests;
    const wire::OriginPolicy origins{.listed = core.config.origins};
    if (!wire::origin_allowed(request, origins)) {
        return refuse_http(core, connection, wire::refused_origin(),
                           request.method == HttpMethod::head);
    }
    const bool websocket_only = request.path == "/ws" || request.path == "/echo";
    if (wire::asks_for_websocket(request) || websocket_only) {
        return upgrade(core, connection, request, origins);
    }
    const bool known = request.path == "/" || request.path == "/healthz" ||
                       request.path == "/readyz" || request.path == "/metrics";
    if (!known) return refuse(core, connection, request, no_such_path);
    if (request.method != HttpMethod::get && request.method != HttpMethod::head) {
        return refuse(core, connection, request, wrong_method);
    }
    if (request.path == "/") {
        return answer(
            core, connection, request,
            {.content_type = "text/html; charset=utf-8", .body = page, .extra = page_fields});
    }
    if (request.path == "/healthz") return answer(core, connection, request, {.body = "ok\n"});
    if (request.path == "/readyz") {
        const bool ready = !core.draining;
        return answer(core, connection, request,
                      {.status = static_cast<std::uint16_t>(ready ? 200 : 503),
                       .body = ready ? "ready\n" : "draining\n"});
    }
    const std::string metrics = metrics_text(core);
    answer(core, connection, request,
           {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics});
}

// Takes one request off the front of `input`; 0 when its head is not whole yet.
std::size_t take_request(Core& core, Connection& connection, Bytes input) {
    std::size_t searched = connection.head_searched;
    const auto head_bytes = wire::find_head_end(input, searched);
    connection.head_searched = static_cast<std::uint32_t>(searched);
    if (!head_bytes) {
        if (input.size() <= limits::http_head_bytes_max) return 0;
        refuse_http(core, connection,
                    {.status = 431,
                     .sentence = "A request head has at most 16384 bytes; send fewer fields."});
        return input.size();
    }
    connection.head_searched = 0;
    connection.phase_deadline = time_never;
    const auto request = wire::decode_http_request(input.first(*head_bytes));
    if (request) {
        serve(core, connection, *request);
    } else {
        ++core.counters.http_requests;
        refuse_http(core, connection, request.error());
    }
    return *head_bytes;
}

}  // namespace

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

std::size_t take_http(Core& core, Connection& connection, Bytes bytes) {
    const std::unique_ptr<std::string> begun = take_kept(core, connection);
    Bytes input = bytes;
    if (begun) {
        append(*begun, bytes);
        input = as_bytes(*begun);
    }
    while (!input.empty() && connection.open() && connection.speech == Speech::http) {
        if (!core.stream_takes(connection, 1)) {
            pause_reading(core, connection);
            break;
        }
        const std::size_t taken = take_request(core, connection, input);
        if (taken == 0) break;
        input = input.subspan(taken);
    }
    if (!connection.open() || input.empty()) return bytes.size();
    if (connection.speech == Speech::websocket) {
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
