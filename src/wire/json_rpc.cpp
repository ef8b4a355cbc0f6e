#include "chatd/wire/json_rpc.hpp"

#include <algorithm>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/wire/json_text.hpp"
#include "wire/json_opening.hpp"

namespace chatd::wire {

namespace {

std::string_view message_of(int code) noexcept {
    switch (code) {
        case rpc_code::parse_error:
            return "Parse error";
        case rpc_code::invalid_request:
            return "Invalid Request";
        case rpc_code::method_not_found:
            return "Method not found";
        case rpc_code::invalid_params:
            return "Invalid params";
        default:
            return "Internal error";
    }
}

RpcRefusal refusal_of(JsonFault fault) noexcept {
    switch (fault) {
        case JsonFault::not_json:
            return {rpc_code::parse_error, {}};
        case JsonFault::too_long:
            static_assert(limits::rpc_text_bytes_max == 65'536);
            return {rpc_code::invalid_request, "one text has at most 65536 bytes"};
        case JsonFault::too_deep:
            static_assert(limits::rpc_depth_max == 16);
            return {rpc_code::invalid_request, "arrays and objects nest at most 16 deep"};
    }
    return {rpc_code::internal_error, {}};
}

bool is_id(const JsonValue& value) noexcept {
    return value.is(JsonKind::string) || value.is(JsonKind::number) || value.is(JsonKind::null);
}

RpcCall invalid(std::string_view detail = {}) {
    RpcCall call;
    call.detail = detail;
    return call;
}

/// Section 4. An id that cannot be trusted is not given back: null stands for it (section 5).
RpcCall call_of(const JsonValue& entry) {
    std::optional<JsonValue> version, method, params, id;
    if (entry.is(JsonKind::object)) {
        for (const JsonValue member : entry) {  // of several with one name the last one counts
            if (member.is_named("jsonrpc")) version = member;
            if (member.is_named("method")) method = member;
            if (member.is_named("params")) params = member;
            if (member.is_named("id")) id = member;
        }
    }
    if (!version || !version->is(JsonKind::string) || version->text() != "2.0") return invalid();
    if (!method || !method->is(JsonKind::string)) return invalid();
    if (params && !params->is(JsonKind::array) && !params->is(JsonKind::object)) return invalid();
    if (id && !is_id(*id)) return invalid();
    if (id && id->written().size() > limits::rpc_id_bytes_max) {
        static_assert(limits::rpc_id_bytes_max == 128);
        return invalid("an id has at most 128 bytes");
    }
    RpcCall call;
    call.valid = true;
    call.has_id = id.has_value();
    if (id) call.id = id->written();
    call.method = method->text();
    call.params = params;
    return call;
}

// What a call and a notification end with.
void append_asked(std::string& out, std::string_view method, std::string_view params_json) {
    out += "\"method\":";
    append_json_string(out, method);
    if (!params_json.empty()) {
        out += ",\"params\":";
        out += params_json;
    }
    out += '}';
}

}  // namespace

RpcError rpc_error(int code, std::string_view detail) {
    RpcError error{code, std::string(message_of(code)), {}};
    if (!detail.empty()) {
        JsonObject data(error.data);
        data.text("detail", detail);
        data.close();
    }
    return error;
}

RpcDecoder::RpcDecoder() : reader_(limits::rpc_text_bytes_max, limits::rpc_depth_max) {}

std::expected<RpcText, RpcRefusal> RpcDecoder::decode(Bytes text) {
    calls_.clear();
    const auto value = reader_.read(text);
    if (!value) return std::unexpected(refusal_of(value.error()));
    const bool batch = value->is(JsonKind::array);
    if (batch && value->count() == 0) {
        return std::unexpected(RpcRefusal{rpc_code::invalid_request, {}});
    }
    if (batch && value->count() > limits::rpc_batch_max) {
        static_assert(limits::rpc_batch_max == 64);
        return std::unexpected(
            RpcRefusal{rpc_code::invalid_request, "one batch has at most 64 entries"});
    }
    if (batch) {
        for (const JsonValue entry : *value)
            calls_.push_back(call_of(entry));
    } else {
        calls_.push_back(call_of(*value));
    }
    const auto answers = std::count_if(calls_.begin(), calls_.end(),
                                       [](const RpcCall& call) { return call.is_answered(); });
    return RpcText{batch, calls_, static_cast<std::size_t>(answers)};
}

void append_result(std::string& out, std::string_view id, std::string_view result_json) {
    out += json_opening;
    out += "\"result\":";
    out += result_json;
    out += ",\"id\":";
    out += id;
    out += '}';
}

void append_error(std::string& out, std::string_view id, int code, std::string_view message,
                  std::string_view data_json) {
    out += json_opening;
    out += "\"error\":{\"code\":";
    out += std::to_string(code);
    out += ",\"message\":";
    append_json_string(out, message);
    if (!data_json.empty()) {
        out += ",\"data\":";
        out += data_json;
    }
    out += "},\"id\":";
    out += id;
    out += '}';
}

void append_error(std::string& out, std::string_view id, const RpcError& error) {
    append_error(out, id, error.code, error.message, error.data);
}

void append_call(std::string& out, std::uint64_t id, std::string_view method,
                 std::string_view params_json) {
    out += json_opening;
    out += "\"id\":";
    out += std::to_string(id);
    out += ',';
    append_asked(out, method, params_json);
}

void append_notification(std::string& out, std::string_view method, std::string_view params_json) {
    out += json_opening;
    append_asked(out, method, params_json);
}

std::string refusal_answer(const RpcRefusal& refusal) {
    std::string out;
    append_error(out, rpc_id_none, rpc_error(refusal.code, refusal.detail));
    return out;
}

void append_answer(std::string& out, std::string_view id, const RpcResult& result) {
    if (result) {
        append_result(out, id, *result);
    } else {
        append_error(out, id, result.error());
    }
}

void RpcAnswers::add(std::string_view answer_json) {
    CHATD_ASSERT(awaited_count_ > 0);
    if (batch_) text_ += text_.empty() ? '[' : ',';
    text_ += answer_json;
    --awaited_count_;
    if (batch_ && awaited_count_ == 0) text_ += ']';
}

}  // namespace chatd::wire
