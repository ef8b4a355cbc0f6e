// The end of a head is found at the same byte however the head is cut; a request that is taken
// borrows from its head alone, says the same when decoded from its head alone, and never mixes
// Content-Length with chunked; every refusal and every handshake has an answer that ends a head.
// A route holds texts and numbers within their bounds; a body is the same however it is cut, within
// its bound, and every problem is an answer in JSON.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/wire/http.hpp"
#include "chatd/wire/http_body.hpp"
#include "chatd/wire/http_route.hpp"
#include "chatd/wire/utf8.hpp"
#include "chatd/wire/websocket_handshake.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

/// Cuts the input by its own bytes: the byte at a cut says how long the next piece is.
std::size_t piece_bytes(Bytes rest) {
    return std::min<std::size_t>(1 + (std::to_integer<std::size_t>(rest.front()) & 0xf),
                                 rest.size());
}

std::optional<std::size_t> head_end_in_pieces(Bytes input) {
    std::size_t searched = 0;
    for (std::size_t given = 0; given < input.size();) {
        given += piece_bytes(input.subspan(given));
        if (const auto end = find_head_end(input.first(given), searched)) return end;
        CHATD_ASSERT(searched <= given);
    }
    return {};
}

bool lies_in(Bytes head, std::string_view view) {
    if (view.empty()) return true;
    const auto text = as_text(head);
    return view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size();
}

void check_refusal(const HttpRefusal& refusal) {
    CHATD_ASSERT(!refusal.sentence.empty());
    CHATD_ASSERT(!http_reason(refusal.status).empty());
    std::string answer;
    encode_http_refusal(answer, refusal);
    std::size_t searched = 0;
    CHATD_ASSERT(find_head_end(as_bytes(answer), searched).has_value());
}

void check_request(Bytes head, const HttpRequest& request) {
    CHATD_ASSERT(request.field_count <= request.field_storage.size());
    for (const HttpField& field : request.fields()) {
        CHATD_ASSERT(!field.name.empty());
        CHATD_ASSERT(lies_in(head, field.name));
        CHATD_ASSERT(lies_in(head, field.value));
        CHATD_ASSERT(field.value.find_first_of("\r\n") == std::string_view::npos);
    }
    CHATD_ASSERT(lies_in(head, request.target));
    CHATD_ASSERT(lies_in(head, request.query));
    CHATD_ASSERT(request.minor_version == 0 || parse_authority(request.host));
    CHATD_ASSERT(!request.chunked || request.body_bytes == 0);
    CHATD_ASSERT(request.method == HttpMethod::connect || !request.path.empty());
}

void check_handshake(const HttpRequest& request) {
    static constexpr std::array<std::string_view, 2> paths{"/", "/ws"};
    static constexpr std::array<std::string_view, 1> subprotocols{"chatd.text.v1"};
    const auto accept = check_upgrade(request, {{}, paths, subprotocols});
    if (!accept) return check_refusal(accept.error());
    CHATD_ASSERT(asks_for_websocket(request));
    CHATD_ASSERT(origin_allowed(request, {}));
    std::string answer;
    encode_upgrade_answer(answer, *accept);
    std::size_t searched = 0;
    CHATD_ASSERT(find_head_end(as_bytes(answer), searched) == answer.size());
}

void check_problem(const Problem& problem) {
    CHATD_ASSERT(problem.status >= 400);
    CHATD_ASSERT(!http_reason(problem.status).empty());
    CHATD_ASSERT(!problem.code.empty());
    CHATD_ASSERT(!problem.detail.empty());
    std::string answer;
    encode_problem(answer, problem);
    std::size_t searched = 0;
    const auto head_bytes = find_head_end(as_bytes(answer), searched);
    CHATD_ASSERT(head_bytes.has_value());
    const std::string_view body = std::string_view(answer).substr(*head_bytes);
    CHATD_ASSERT(body.starts_with('{'));
    CHATD_ASSERT(body.ends_with("}\n"));
    CHATD_ASSERT(utf8_valid(as_bytes(body)));
}

void check_text(std::string_view text, std::size_t bytes_max) {
    CHATD_ASSERT(text.size() <= bytes_max);
    CHATD_ASSERT(text.find('\0') == text.npos);
    CHATD_ASSERT(utf8_valid(as_bytes(text)));
}

void check_position(const Position& position) {
    CHATD_ASSERT(position.epoch <= json_integer_max);
    CHATD_ASSERT(position.seq <= json_integer_max);
    CHATD_ASSERT(position || position.seq == 0);
}

constexpr std::size_t room_bytes_max = limits::name_bytes_max + 1;  // with its '#'

void check_route(const HttpRoute& route) {
    if (const auto* history = std::get_if<HistoryRoute>(&route)) {
        CHATD_ASSERT(!history->room.empty());
        check_text(history->room, room_bytes_max);
        check_position(history->after);
        check_position(history->before);
        CHATD_ASSERT(history->limit <= limits::history_page_max);
    } else if (const auto* events = std::get_if<EventsRoute>(&route)) {
        CHATD_ASSERT(!events->room.empty());
        check_text(events->room, room_bytes_max);
        if (events->after) check_position(*events->after);
    } else if (const auto* search = std::get_if<SearchRoute>(&route)) {
        CHATD_ASSERT(!search->query.empty());
        check_text(search->query, limits::search_query_bytes_max);
        check_text(search->room, room_bytes_max);
        CHATD_ASSERT(search->limit <= limits::search_hits_max);
        CHATD_ASSERT(search->skip <= limits::search_skip_max);
    } else if (const auto* say = std::get_if<SayRoute>(&route)) {
        CHATD_ASSERT(!say->room.empty());
        check_text(say->room, room_bytes_max);
        check_text(say->as, limits::name_bytes_max);
        check_text(say->key, limits::key_bytes_max);
    }
}

struct Body {
    BodyStatus status = BodyStatus::incomplete;
    std::size_t consumed = 0;
    std::string content;
    friend bool operator==(const Body&, const Body&) = default;
};

Body read_body(const HttpRequest& request, Bytes rest, std::size_t bytes_max, bool in_pieces) {
    HttpBodyReader reader;
    Body body{.status = reader.begin(request, bytes_max), .consumed = 0, .content = {}};
    while (body.status == BodyStatus::incomplete && body.consumed < rest.size()) {
        const Bytes left = rest.subspan(body.consumed);
        const std::size_t given = in_pieces ? piece_bytes(left) : left.size();
        const auto pushed = reader.push(left.first(given), body.content);
        CHATD_ASSERT(pushed.consumed == given || pushed.status != BodyStatus::incomplete);
        body.status = pushed.status;
        body.consumed += pushed.consumed;
    }
    return body;
}

void check_body(const HttpRequest& request, Bytes rest) {
    static constexpr std::size_t bytes_max = 64;  // low, so that bodies reach it
    const Body body = read_body(request, rest, bytes_max, false);
    CHATD_ASSERT(body == read_body(request, rest, bytes_max, true));
    CHATD_ASSERT(body.content.size() <= bytes_max);
    CHATD_ASSERT(body.consumed >= body.content.size());
    CHATD_ASSERT(request.chunked || body.status != BodyStatus::malformed);
    if (body.status == BodyStatus::complete) {
        CHATD_ASSERT(request.chunked || body.content.size() == request.body_bytes);
        CHATD_ASSERT(plain_text(body.content).size() + 2 >= body.content.size());
    } else if (body.status != BodyStatus::incomplete) {
        check_problem(problem_of(body.status, bytes_max));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input = std::as_bytes(std::span(data, size));
    std::size_t searched = 0;
    const auto end = find_head_end(input, searched);
    CHATD_ASSERT(end == head_end_in_pieces(input));
    // An unfinished head is refused as well, should anyone ask.
    const Bytes head = input.first(end.value_or(size));
    const auto request = decode_http_request(head);
    CHATD_ASSERT(end || !request);
    if (!request) {
        check_refusal(request.error());
        return 0;
    }
    check_request(head, *request);
    check_handshake(*request);
    const auto route = route_request(*request);
    if (route) {
        check_route(*route);
    } else {
        check_problem(route.error());
    }
    const auto token = bearer_token(*request);
    if (token) {
        CHATD_ASSERT(lies_in(head, *token));
    } else {
        check_problem(token.error());
    }
    check_body(*request, input.subspan(head.size()));
    const std::string copy(as_text(head));
    const auto again = decode_http_request(as_bytes(copy));
    CHATD_ASSERT(again.has_value());
    CHATD_ASSERT(again->target == request->target);
    CHATD_ASSERT(again->field_count == request->field_count);
    return 0;
}
