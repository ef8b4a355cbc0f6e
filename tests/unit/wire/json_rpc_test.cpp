#include "chatd/wire/json_rpc.hpp"

#include <string>
#include <vector>

#include "chatd/base/limits.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

std::string call_text(std::string_view id) {
    return R"({"jsonrpc":"2.0","method":"m","id":)" + std::string(id) + "}";
}

std::string batch_of(std::size_t count) {
    std::string text = "[";
    for (std::size_t index = 0; index < count; ++index)
        text += (index == 0 ? "" : ",") + call_text(std::to_string(index));
    return text + "]";
}

struct Refused {
    int code;
    std::string detail;
    friend bool operator==(const Refused&, const Refused&) = default;
};

Refused refusal(RpcDecoder& decoder, std::string_view text) {
    const auto decoded = decoder.decode(as_bytes(text));
    if (decoded) return {0, {}};
    return {decoded.error().code, std::string(decoded.error().detail)};
}

/// The one call of a text that is no batch.
RpcCall call_of(RpcDecoder& decoder, std::string_view text) {
    const auto decoded = decoder.decode(as_bytes(text));
    CAPTURE(text);
    REQUIRE(decoded);
    REQUIRE_FALSE(decoded->batch);
    REQUIRE(decoded->calls.size() == 1);
    return decoded->calls.front();
}

}  // namespace

TEST_CASE("a call is its method, its params and its id", "[wire][json][rpc]") {
    RpcDecoder decoder;
    const RpcCall call = call_of(
        decoder,
        R"({"id":"7\u0041","params":{"a":[1]},"jsonrpc":"2.0","extra":{},"method":"s\u0061y"})");
    CHECK(call.valid);
    CHECK(call.has_id);
    CHECK(call.id == R"("7\u0041")");
    CHECK(call.method == "say");
    REQUIRE(call.params);
    CHECK(call.params->written() == R"({"a":[1]})");
    CHECK(call.is_answered());

    const RpcCall notification = call_of(decoder, R"({"jsonrpc":"2.0","method":"","params":[]})");
    CHECK(notification.valid);
    CHECK_FALSE(notification.has_id);
    CHECK_FALSE(notification.is_answered());
    CHECK(notification.params->is(JsonKind::array));
    CHECK(notification.method.empty());

    CHECK_FALSE(call_of(decoder, call_text("1")).params);
}

TEST_CASE("an id is given back as it was written, whatever number it is", "[wire][json][rpc]") {
    RpcDecoder decoder;
    for (const char* id : {"0", "-1", "1.5", "1e3", "1E400", "9007199254740993", "-0.0", "null",
                           "123456789012345678901234567890", "\"\"", "\"a b\"", R"("\n\u0000")",
                           "\"gr\xc3\xbc\xc3\x9f\""}) {
        CAPTURE(id);
        const RpcCall call = call_of(decoder, call_text(id));
        CHECK(call.valid);
        CHECK(call.has_id);
        CHECK(call.id == id);
        std::string out;
        append_result(out, call.id, "true");
        CHECK(out == R"({"jsonrpc":"2.0","result":true,"id":)" + std::string(id) + "}");
    }
}

TEST_CASE("an entry that is no request is answered so, without an id", "[wire][json][rpc]") {
    RpcDecoder decoder;
    for (const char* text : {"1",
                             "null",
                             "\"x\"",
                             "true",
                             "{}",
                             R"({"jsonrpc":"2.0"})",
                             R"({"method":"m","id":1})",
                             R"({"jsonrpc":"1.0","method":"m","id":1})",
                             R"({"jsonrpc":2.0,"method":"m","id":1})",
                             R"({"jsonrpc":"2.0 ","method":"m","id":1})",
                             R"({"jsonrpc":null,"method":"m","id":1})",
                             R"({"JSONRPC":"2.0","method":"m","id":1})",
                             R"({"jsonrpc":"2.0","id":1})",
                             R"({"jsonrpc":"2.0","method":null,"id":1})",
                             R"({"jsonrpc":"2.0","method":["m"],"id":1})",
                             R"({"jsonrpc":"2.0","method":"m","params":null,"id":1})",
                             R"({"jsonrpc":"2.0","method":"m","params":"p","id":1})",
                             R"({"jsonrpc":"2.0","method":"m","params":1,"id":1})",
                             R"({"jsonrpc":"2.0","method":"m","id":true})",
                             R"({"jsonrpc":"2.0","method":"m","id":[1]})",
                             R"({"jsonrpc":"2.0","method":"m","id":{}})"}) {
        CAPTURE(text);
        const RpcCall call = call_of(decoder, text);
        CHECK_FALSE(call.valid);
        CHECK(call.is_answered());
        CHECK(call.id == "null");
        CHECK(call.detail.empty());
    }
}

TEST_CASE("of several members of one name the last counts", "[wire][json][rpc]") {
    RpcDecoder decoder;
    const RpcCall call = call_of(
        decoder,
        R"({"jsonrpc":"1.0","id":1,"method":1,"params":3,"jsonrpc":"2.0","method":"m","params":[],"id":2})");
    CHECK(call.valid);
    CHECK(call.id == "2");
    CHECK(call.method == "m");
    CHECK_FALSE(call_of(decoder, R"({"jsonrpc":"2.0","method":"m","id":1,"method":2})").valid);
}

TEST_CASE("a batch keeps its order and counts what is answered", "[wire][json][rpc]") {
    RpcDecoder decoder;
    const auto decoded = decoder.decode(
        as_bytes(R"([{"jsonrpc":"2.0","method":"a","id":1},{"jsonrpc":"2.0","method":"b"},[],)"
                 R"({"jsonrpc":"2.0","method":"c","id":null}])"));
    REQUIRE(decoded);
    CHECK(decoded->batch);
    REQUIRE(decoded->calls.size() == 4);
    CHECK(decoded->answer_count == 3);
    CHECK(decoded->calls[0].method == "a");
    CHECK(decoded->calls[1].method == "b");
    CHECK_FALSE(decoded->calls[2].valid);
    CHECK(decoded->calls[3].has_id);
}

TEST_CASE("each limit lets pass what it says and refuses one more", "[wire][json][rpc]") {
    RpcDecoder decoder;
    SECTION("the length of a text") {
        const std::string call = call_text("1");
        const std::string longest =
            call + std::string(limits::rpc_text_bytes_max - call.size(), ' ');
        CHECK(refusal(decoder, longest) == Refused{0, {}});
        CHECK(refusal(decoder, longest + " ") ==
              Refused{-32600, "one text has at most 65536 bytes"});
    }
    SECTION("the entries of a batch") {
        CHECK(refusal(decoder, batch_of(limits::rpc_batch_max - 1)) == Refused{0, {}});
        CHECK(refusal(decoder, batch_of(limits::rpc_batch_max)) == Refused{0, {}});
        CHECK(refusal(decoder, batch_of(limits::rpc_batch_max + 1)) ==
              Refused{-32600, "one batch has at most 64 entries"});
        CHECK(refusal(decoder, "[ ]") == Refused{-32600, {}});
    }
    SECTION("the depth") {
        const auto nested = [](std::size_t depth) {  // of the whole text: the call is one
            return R"({"jsonrpc":"2.0","method":"m","params":)" + std::string(depth - 1, '[') +
                   std::string(depth - 1, ']') + "}";
        };
        CHECK(refusal(decoder, nested(limits::rpc_depth_max)) == Refused{0, {}});
        CHECK(refusal(decoder, nested(limits::rpc_depth_max + 1)) ==
              Refused{-32600, "arrays and objects nest at most 16 deep"});
    }
    SECTION("the length of an id") {
        const std::string longest = "\"" + std::string(limits::rpc_id_bytes_max - 2, 'x') + "\"";
        CHECK(call_of(decoder, call_text(longest)).valid);
        const RpcCall call = call_of(decoder, call_text("1" + std::string(128, '0')));
        CHECK_FALSE(call.valid);
        CHECK(call.id == "null");
        CHECK(call.detail == "an id has at most 128 bytes");
    }
}

TEST_CASE("a text that is cut is refused as a whole, and its calls with it", "[wire][json][rpc]") {
    RpcDecoder decoder;
    const std::string text = "[" + call_text("1") + "," + call_text("\"\\ud83d\\ude00\"") + "]";
    int asked = 0;
    const auto handler = [&](const RpcCall&) {
        ++asked;
        return RpcResult("1");
    };
    for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
        CAPTURE(bytes);
        CHECK(answer_rpc(decoder, as_bytes(text).first(bytes), handler) ==
              R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})");
    }
    CHECK(asked == 0);
    CHECK(answer_rpc(decoder, as_bytes(text), handler).starts_with("[{"));
    CHECK(asked == 2);
}

TEST_CASE("the decoder's views stay until it decodes again", "[wire][json][rpc]") {
    RpcDecoder decoder;
    std::string text = R"({"jsonrpc":"2.0","method":"sa\u0079","params":["a\u0062"],"id":"x"})";
    const auto decoded = decoder.decode(as_bytes(text));
    REQUIRE(decoded);
    text.assign(text.size(), '#');
    CHECK(decoded->calls[0].method == "say");
    CHECK(decoded->calls[0].id == "\"x\"");
    CHECK((*decoded->calls[0].params->begin()).text() == "ab");
}

TEST_CASE("errors carry the specification's words, and a detail if there is one",
          "[wire][json][rpc]") {
    const auto written = [](const RpcError& error) {
        std::string out;
        append_error(out, "7", error);
        return out;
    };
    CHECK(written(rpc_error(rpc_code::parse_error)) ==
          R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":7})");
    CHECK(written(rpc_error(rpc_code::invalid_request)) ==
          R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":7})");
    CHECK(written(rpc_error(rpc_code::method_not_found)) ==
          R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":7})");
    CHECK(written(rpc_error(rpc_code::internal_error)) ==
          R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":7})");
    CHECK(written(rpc_error(rpc_code::invalid_params, "body: \"x\"")) ==
          R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params",)"
          R"("data":{"detail":"body: \"x\""}},"id":7})");
    CHECK(refusal_answer({rpc_code::invalid_request, "too much"}) ==
          R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request",)"
          R"("data":{"detail":"too much"}},"id":null})");
}

TEST_CASE("a call is its id, its method and its params, if any", "[wire][json][rpc]") {
    std::string out;
    append_call(out, 7, "say", R"({"body":"hi"})");
    append_call(out, 0, "x\"y", {});
    CHECK(out == R"({"jsonrpc":"2.0","id":7,"method":"say","params":{"body":"hi"}})"
                 R"({"jsonrpc":"2.0","id":0,"method":"x\"y"})");
}

TEST_CASE("a notification is its method and its params, if any", "[wire][json][rpc]") {
    std::string out;
    append_notification(out, "message", R"({"a":1})");
    append_notification(out, "x\"y", {});
    CHECK(out == R"({"jsonrpc":"2.0","method":"message","params":{"a":1}})"
                 R"({"jsonrpc":"2.0","method":"x\"y"})");
}

TEST_CASE("the answers of a batch are gathered as they come", "[wire][json][rpc]") {
    RpcDecoder decoder;
    const auto decoded = decoder.decode(as_bytes(batch_of(3)));
    RpcAnswers answers(*decoded);
    CHECK_FALSE(answers.complete());
    answers.add("{\"b\":2}");
    decoder.decode(as_bytes("[]"));  // the decoder reads on meanwhile
    answers.add("{\"a\":1}");
    CHECK_FALSE(answers.complete());
    answers.add("{\"c\":3}");
    CHECK(answers.complete());
    CHECK(answers.bytes() == 25);
    CHECK(answers.take_text() == R"([{"b":2},{"a":1},{"c":3}])");
    CHECK(answers.bytes() == 0);

    const auto single = decoder.decode(as_bytes(call_text("1")));
    RpcAnswers answer(*single);
    answer.add("{}");
    CHECK(answer.complete());
    CHECK(answer.take_text() == "{}");

    const auto silent = decoder.decode(as_bytes(R"([{"jsonrpc":"2.0","method":"m"}])"));
    CHECK(RpcAnswers(*silent).complete());
    CHECK(RpcAnswers(*silent).take_text().empty());

    const auto lone = decoder.decode(as_bytes("[" + call_text("1") + "]"));
    RpcAnswers array(*lone);
    array.add("{}");
    CHECK(array.take_text() == "[{}]");
}
