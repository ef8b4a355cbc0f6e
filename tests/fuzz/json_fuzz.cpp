// A text is read exactly if it is JSON by the grammar, and decodes to calls whose requests keep
// within their bounds; what is answered to it is valid JSON of one line again, with as many answers
// as are owed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/wire/form.hpp"
#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/json_request.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/utf8.hpp"
#include "support/json_grammar.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::size_t datagram_bytes_max = 8;

/// What must hold of each request.
struct Check {
    static void text(std::string_view view) {
        CHATD_ASSERT(utf8_valid(as_bytes(view)));
        CHATD_ASSERT(view.find('\0') == std::string_view::npos);
    }
    static void at(Position position) {
        CHATD_ASSERT(position.epoch <= json_integer_max);
        CHATD_ASSERT(position.seq <= json_integer_max);
    }
    static void rooms(const std::optional<std::vector<RoomSince>>& rooms) {
        if (!rooms) return;
        CHATD_ASSERT(rooms->size() <= limits::rooms_per_connection_max);
        for (const RoomSince& room : *rooms) {
            text(room.room);
            if (room.since) at(*room.since);
        }
    }

    void operator()(const Say& say) const {
        text(say.body);
        text(say.room);
        text(say.key);
        at(say.reply_to);
        CHATD_ASSERT(say.body.size() <= limits::body_bytes_max);
        CHATD_ASSERT(say.key.size() <= limits::key_bytes_max);
        reads_back(say);
    }
    void operator()(const Edit& edit) const {
        text(edit.body);
        at(edit.target);
        CHATD_ASSERT(edit.body.size() <= limits::body_bytes_max);
    }
    void operator()(const React& react) const {
        text(react.reaction);
        at(react.target);
        CHATD_ASSERT(!react.reaction.empty());
        CHATD_ASSERT(react.reaction.size() <= limits::reaction_bytes_max);
    }
    void operator()(const Join& join) const {
        text(join.room);
        if (join.since) at(*join.since);
    }
    void operator()(const History& history) const {
        CHATD_ASSERT(!history.after || !history.before);
        CHATD_ASSERT(history.limit <= limits::history_page_max);
    }
    void operator()(const Search& search) const {
        text(search.query);
        CHATD_ASSERT(search.limit <= limits::search_hits_max);
        CHATD_ASSERT(search.skip <= limits::search_skip_max);
    }
    void operator()(const Datagram& datagram) const {
        CHATD_ASSERT(!datagram.payload.empty());
        CHATD_ASSERT(datagram.payload.size() <= datagram_bytes_max);
    }
    void operator()(const Datagrams& datagrams) const {
        CHATD_ASSERT(datagrams.hz <= limits::dgram_hz_max);
    }
    void operator()(const Hello& hello) const { rooms(hello.rooms); }
    void operator()(const Resume& resume) const { rooms(resume.rooms); }
    template <class Other>
    void operator()(const Other&) const {}

    static void reads_back(const Say& say) {
        std::string line;
        append_event(line, Form::json_line,
                     {.kind = say.action ? EventKind::action : EventKind::message,
                      .room = "dev",
                      .from = "ana",
                      .body = say.body,
                      .key = say.key,
                      .at = {1, 1}});
        CHATD_ASSERT(line.size() <= limits::record_bytes_max);
        CHATD_ASSERT(line.find('\n') == line.size() - 1);
        JsonReader reader(limits::record_bytes_max, limits::rpc_depth_max);
        const auto value = reader.read(as_bytes(line));
        CHATD_ASSERT(value.has_value());
        const auto params = value->find("params");
        CHATD_ASSERT(params.has_value());
        CHATD_ASSERT(params->find("body")->text() == say.body);
    }
};

RpcResult answer(const RpcCall& call) {
    CHATD_ASSERT(call.id.size() <= limits::rpc_id_bytes_max);
    const auto request = decode_json_request(call.method, call.params, datagram_bytes_max);
    if (!request) return std::unexpected(rpc_error_of(request.error()));
    std::visit(Check{}, *request);
    if (call.method == "rooms") {
        return std::unexpected(rpc_error_of(Failure{Errc::no_room, std::string(call.method)}));
    }
    return "{}";
}

void check_answer(std::string_view text, std::size_t answer_count, bool batch) {
    CHATD_ASSERT(text.empty() == (answer_count == 0));
    if (text.empty()) return;
    CHATD_ASSERT(text.find('\n') == std::string_view::npos);
    JsonReader reader(1 << 20, limits::rpc_depth_max);
    const auto value = reader.read(as_bytes(text));
    CHATD_ASSERT(value.has_value());
    CHATD_ASSERT(value->is(batch ? JsonKind::array : JsonKind::object));
    if (batch) CHATD_ASSERT(value->count() == answer_count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static RpcDecoder decoder;
    const Bytes text{reinterpret_cast<const std::byte*>(data), size};
    static JsonReader reader(limits::rpc_text_bytes_max, limits::rpc_depth_max);
    if (text.size() <= limits::rpc_text_bytes_max) {
        CHATD_ASSERT(reader.read(text).has_value() ==
                     test::JsonGrammar::accepts(as_text(text), limits::rpc_depth_max));
    }
    std::size_t answer_count = 1;
    bool batch = false;
    if (const auto decoded = decoder.decode(text)) {
        CHATD_ASSERT(utf8_valid(text));
        CHATD_ASSERT(decoded->calls.size() <= limits::rpc_batch_max);
        answer_count = decoded->answer_count;
        batch = decoded->batch;
    }
    check_answer(answer_rpc(decoder, text, answer), answer_count, batch);
    return 0;
}
