// The JSON dialect: lines or messages to JSON-RPC texts, texts to requests. Nothing of a text is
// carried out unless all of it is valid.

#include <utility>

#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/json_request.hpp"
#include "engine/core.hpp"
#include "engine/lines.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using wire::RpcCall;

// What the specification's own words leave open. Its examples have no `data` where these stand, so
// the decoder, which is held against them, leaves it to this.
constexpr std::string_view no_json = "that is not JSON; on TCP each line is a text of its own";
constexpr std::string_view no_request =
    R"(a request is {"jsonrpc":"2.0","id":1,"method":"ping"}, its params an array or an object)";

std::string_view detail_of(int code, std::string_view detail) noexcept {
    if (!detail.empty()) return detail;
    if (code == wire::rpc_code::parse_error) return no_json;
    return code == wire::rpc_code::invalid_request ? no_request : detail;
}

/// The request of one call, which borrows from the decoder's text.
std::expected<wire::Request, wire::RpcError> request_of(const Core& core, const RpcCall& call) {
    if (!call.valid) {
        const int code = wire::rpc_code::invalid_request;
        return std::unexpected(wire::rpc_error(code, detail_of(code, call.detail)));
    }
    auto request = wire::decode_json_request(call.method, call.params,
                                             core.datagrams.config().datagram_bytes_max);
    if (!request) return std::unexpected(wire::rpc_error_of(request.error()));
    return std::move(*request);
}

// A text that is refused as a whole.
void refuse_text(Core& core, Connection& connection, Ask::Carrier carrier,
                 const wire::RpcRefusal& refusal) {
    ++core.counters.requests_refused;
    send_rpc(core, connection, carrier,
             wire::refusal_answer({refusal.code, detail_of(refusal.code, refusal.detail)}));
}

// The first request of a connection says who it is: a session that is resumed, a name, or nobody in
// particular. Whoever names no rooms is in the lobby.
std::optional<wire::Failure> begin(Core& core, Connection& connection,
                                   const wire::Request& request) {
    const auto* resume = std::get_if<wire::Resume>(&request);
    const auto* hello = std::get_if<wire::Hello>(&request);
    const bool names_rooms = (resume != nullptr && resume->rooms) || (hello && hello->rooms);
    if (resume != nullptr || names_rooms) leave_all(core, connection, {});
    if (resume != nullptr) {
        Session* session = find_session(core, resume->token);
        if (session == nullptr) return wire::Failure{.error = wire::Errc::bad_token};
        static_assert(limits::connections_per_session_max == 16);
        if (session->connections.size() >= limits::connections_per_session_max) {
            return wire::Failure{.error = wire::Errc::too_fast,
                                 .detail = "the session has 16 connections; close one first"};
        }
        detach(core, connection);
        attach(core, connection, *session);
    } else if (connection.nick().empty()) {
        const auto* nick = std::get_if<wire::Nick>(&request);
        const std::string_view wanted = hello != nullptr  ? hello->nick
                                        : nick != nullptr ? nick->name
                                                          : std::string_view{};
        const wire::Errc error = name_connection(core, connection, wanted);
        if (error != wire::Errc::none) return wire::Failure{.error = error};
    }
    connection.began = true;
    if (resume != nullptr || hello != nullptr) return std::nullopt;
    wire::Errc error = wire::Errc::none;
    chat::Membership* lobby = join_room(core, connection, wire::lobby_name, error);
    if (lobby != nullptr) set_current(core, connection, *lobby);
    return std::nullopt;
}

void take_call(Core& core, Connection& connection, const RpcCall& call, Ask&& ask) {
    const auto request = request_of(core, call);
    if (!request) {
        ++core.counters.requests_refused;
        if (ask.silent) return;
        std::string object;
        wire::append_error(object, ask.id, request.error());
        return answer_rpc(core, connection, ask, object);
    }
    if (ask.carrier == Ask::Carrier::post) {
        return carry_out_once(core, connection, *request, std::move(ask));
    }
    if (!connection.began) {
        if (const auto failed = begin(core, connection, *request)) {
            return answer(core, connection, ask, std::unexpected(*failed));
        }
    }
    carry_out(core, connection, *request, std::move(ask));
}

bool too_long(std::string_view unfinished) {
    return unfinished.size() > limits::rpc_text_bytes_max;
}

// Keeps the beginning of a line; one that is already too long is answered at once and skipped.
void keep_unfinished(Core& core, Connection& connection, Bytes bytes) {
    keep(core, connection, bytes);
    if (!connection.input || !too_long(*connection.input)) return;
    (void)take_kept(core, connection);
    connection.skipping_line = true;
    static_assert(limits::rpc_text_bytes_max == 65'536);
    refuse_text(core, connection, Ask::Carrier::rpc,
                {wire::rpc_code::invalid_request, "one text has at most 65536 bytes"});
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

void take_rpc(Core& core, Connection& connection, Bytes bytes, Ask::Carrier carrier) {
    ++core.counters.rpc_texts;
    const auto text = core.rpc_decoder.decode(bytes);
    if (!text) return refuse_text(core, connection, carrier, text.error());
    BatchId batch;
    if (text->batch && text->answer_count > 0) {
        if (core.batches.full()) {
            return refuse_text(core, connection, carrier,
                               {wire::rpc_code::internal_error,
                                "too many batches are unanswered; wait for their answers"});
        }
        batch = core.batches.emplace(Batch{connection.id, carrier, wire::RpcAnswers(*text)});
    }
    // The exchange of a POST must outlive its last call, whichever answer is there first.
    const bool post = carrier == Ask::Carrier::post;
    if (post) begin_post(connection);
    for (const RpcCall& call : text->calls) {
        Ask ask{.carrier = carrier,
                .silent = !call.is_answered(),
                .id = std::string(call.id),
                .batch = batch};
        if (ask.silent) ask.id.clear();
        take_call(core, connection, call, std::move(ask));
    }
    if (post) end_post(core, connection, text->answer_count > 0);
    if (connection.quitting) finish_now(core, connection, Ending::quit);
}

std::size_t take_json(Core& core, Connection& connection, Bytes bytes) {
    return take_lines(
        core, connection, bytes,
        [&](std::string_view line) {
            if (!is_blank(line)) take_rpc(core, connection, as_bytes(line), Ask::Carrier::rpc);
        },
        [&](Bytes rest) { keep_unfinished(core, connection, rest); });
}

}  // namespace chatd::engine
