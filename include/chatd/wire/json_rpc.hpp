#pragma once
// JSON-RPC 2.0 (https://www.jsonrpc.org/specification): the envelope, whatever the methods. One
// text is a call, a notification or a batch of them; nothing of it may be carried out unless all
// of it is valid JSON, so a text is read as a whole before its calls are handed out.
//
// An RpcDecoder owns the text and all that views into it until its next decode(); it belongs to one
// thread. RpcAnswers is a value: the answers to one text, gathered as they come, which may be long
// after its decoder has read other texts. Encoders append to a string of the caller's.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/json_reader.hpp"

namespace chatd::wire {

/// The codes of section 5.1, and the one of this server: `data` then says which refusal it was.
namespace rpc_code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int refused = -32000;
}  // namespace rpc_code

/// The id of an answer to what has none that could be read.
inline constexpr std::string_view rpc_id_none = "null";

struct RpcError {
    int code = 0;
    std::string message;
    std::string data;  ///< a JSON text; empty: none
};

/// The error of one of the specification's codes, in its words. A `detail` that is not empty goes
/// into `data` as {"detail":…}.
RpcError rpc_error(int code, std::string_view detail = {});

/// One entry of a text. Views are valid until the decoder's next decode().
struct RpcCall {
    bool valid = false;   ///< if not, it is answered by `invalid_request` and `detail`, id null
    bool has_id = false;  ///< if not, it is a notification: carried out, never answered
    std::string_view id = rpc_id_none;  ///< as written, to be given back so; "null" without one
    std::string_view method;
    std::optional<JsonValue> params;  ///< an array or an object
    std::string_view detail;          ///< static; often empty

    /// Whether an answer is owed.
    bool is_answered() const noexcept { return has_id || !valid; }
};

struct RpcText {
    bool batch = false;
    std::span<const RpcCall> calls;
    std::size_t answer_count = 0;  ///< how many of them are answered
};

/// A text that is refused as a whole, by one answer without id.
struct RpcRefusal {
    int code = 0;             ///< parse_error or invalid_request
    std::string_view detail;  ///< static; empty when the code says it all
};

class RpcDecoder {
public:
    RpcDecoder();

    /// Reads one text: a line, a message or a body, without its frame. Refused: what is not JSON or
    /// passes limits::rpc_text_bytes_max or rpc_depth_max, an empty batch, one of more than
    /// rpc_batch_max entries. An entry that is no request, or whose id passes rpc_id_bytes_max,
    /// spoils only itself. Of several members of one name the last one counts; others than
    /// jsonrpc, method, params and id are ignored.
    std::expected<RpcText, RpcRefusal> decode(Bytes text);

private:
    JsonReader reader_;
    std::vector<RpcCall> calls_;
};

/// Appends {"jsonrpc":"2.0","result":…,"id":…}.
void append_result(std::string& out, std::string_view id, std::string_view result_json);

/// Appends {"jsonrpc":"2.0","error":{"code":…,"message":…,"data":…},"id":…}, without `data` if that
/// is empty.
void append_error(std::string& out, std::string_view id, int code, std::string_view message,
                  std::string_view data_json = {});
void append_error(std::string& out, std::string_view id, const RpcError& error);

/// Appends {"jsonrpc":"2.0","id":…,"method":…,"params":…}, without `params` if that is empty.
void append_call(std::string& out, std::uint64_t id, std::string_view method,
                 std::string_view params_json);

/// Appends {"jsonrpc":"2.0","method":…,"params":…}, without `params` if that is empty.
void append_notification(std::string& out, std::string_view method, std::string_view params_json);

/// The answer to a text that was refused as a whole.
std::string refusal_answer(const RpcRefusal& refusal);

/// Gathers the answers to one text, in any order (section 6 allows it).
class RpcAnswers {
public:
    /// Awaits as many answers as `text` has calls to be answered.
    explicit RpcAnswers(const RpcText& text) noexcept
        : batch_(text.batch), awaited_count_(text.answer_count) {}

    /// Takes one whole answer, as append_result() and append_error() write them.
    void add(std::string_view answer_json);

    /// True once every answer is there; at once for notifications alone.
    bool complete() const noexcept { return awaited_count_ == 0; }

    /// How much is held, in bytes.
    std::size_t bytes() const noexcept { return text_.size(); }

    /// What to send once complete: an object, an array for a batch; empty when nothing is answered.
    std::string take_text() noexcept { return std::exchange(text_, {}); }

private:
    bool batch_;
    std::size_t awaited_count_;
    std::string text_;
};

/// What a call is answered with: a JSON text, or an error.
using RpcResult = std::expected<std::string, RpcError>;

/// Appends the whole answer to the call of that id.
void append_answer(std::string& out, std::string_view id, const RpcResult& result);

/// Answers one text by `RpcResult handler(const RpcCall&)`, which is asked for each valid call, in
/// their order, notifications too. Empty when there is nothing to send.
template <class Handler>
std::string answer_rpc(RpcDecoder& decoder, Bytes text, Handler&& handler) {
    const auto decoded = decoder.decode(text);
    if (!decoded) return refusal_answer(decoded.error());
    RpcAnswers answers(*decoded);
    std::string answer;
    for (const RpcCall& call : decoded->calls) {
        const RpcResult result =
            call.valid ? handler(call)
                       : std::unexpected(rpc_error(rpc_code::invalid_request, call.detail));
        if (!call.is_answered()) continue;
        answer.clear();
        append_answer(answer, call.id, result);
        answers.add(answer);
    }
    return answers.take_text();
}

}  // namespace chatd::wire
