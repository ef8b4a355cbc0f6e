// The end of a head is found at the same byte however the head is cut; a request that is taken
// borrows from its head alone, says the same when decoded from its head alone, and never mixes
// Content-Length with chunked; every refusal and every handshake has an answer that ends a head.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "chatd/base/assert.hpp"
#include "chatd/wire/http.hpp"
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
    const std::string copy(as_text(head));
    const auto again = decode_http_request(as_bytes(copy));
    CHATD_ASSERT(again.has_value());
    CHATD_ASSERT(again->target == request->target);
    CHATD_ASSERT(again->field_count == request->field_count);
    return 0;
}
