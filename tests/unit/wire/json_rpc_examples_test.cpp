// The example exchanges of the JSON-RPC 2.0 specification, section 7, as they stand there: what is
// sent, what comes back, and nothing where nothing comes back.

#include <string>
#include <vector>

#include "chatd/wire/json_rpc.hpp"
#include "support/catch.hpp"
#include "support/json.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

long number(const JsonValue& value) {
    return std::stol(std::string(value.written()));
}

RpcResult subtract(const RpcCall& call) {
    std::vector<long> terms;
    if (call.params && call.params->is(JsonKind::array)) {
        for (const JsonValue term : *call.params)
            terms.push_back(number(term));
    } else if (call.params) {
        terms = {number(*call.params->find("minuend")), number(*call.params->find("subtrahend"))};
    }
    return std::to_string(terms.at(0) - terms.at(1));
}

RpcResult sum(const RpcCall& call) {
    long total = 0;
    for (const JsonValue term : *call.params)
        total += number(term);
    return std::to_string(total);
}

/// The methods that the examples take for granted; `foobar` is none of them.
struct Dispatcher {
    std::vector<std::string> notified;

    RpcResult operator()(const RpcCall& call) {
        if (!call.has_id) notified.emplace_back(call.method);
        if (call.method == "subtract") return subtract(call);
        if (call.method == "sum") return sum(call);
        if (call.method == "get_data") return R"(["hello", 5])";
        if (call.method == "update" || call.method == "notify_hello" ||
            call.method == "notify_sum") {
            return "null";
        }
        return std::unexpected(rpc_error(rpc_code::method_not_found));
    }
};

struct Example {
    const char* name;
    const char* sent;
    const char* answered;  ///< empty: nothing
    std::vector<std::string> notified{};
};

const std::vector<Example> examples = {
    {"positional parameters",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})",
     R"({"jsonrpc": "2.0", "result": 19, "id": 1})"},
    {"positional parameters, the other way round",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2})",
     R"({"jsonrpc": "2.0", "result": -19, "id": 2})"},
    {"named parameters",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3})",
     R"({"jsonrpc": "2.0", "result": 19, "id": 3})"},
    {"named parameters in another order",
     R"({"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4})",
     R"({"jsonrpc": "2.0", "result": 19, "id": 4})"},
    {"a notification",
     R"({"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]})",
     "",
     {"update"}},
    {"a notification of a method that is not there",
     R"({"jsonrpc": "2.0", "method": "foobar"})",
     "",
     {"foobar"}},
    {"a method that is not there", R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})",
     R"({"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"})"},
    {"invalid JSON", R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])",
     R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})"},
    {"an invalid request", R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})",
     R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})"},
    {"a batch that is invalid JSON", R"([
  {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
  {"jsonrpc": "2.0", "method"
])",
     R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})"},
    {"an empty array", "[]",
     R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})"},
    {"an invalid batch that is not empty", "[1]", R"([
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
])"},
    {"an invalid batch", "[1,2,3]", R"([
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
])"},
    {"a batch",
     R"([
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ])",
     R"([
        {"jsonrpc": "2.0", "result": 7, "id": "1"},
        {"jsonrpc": "2.0", "result": 19, "id": "2"},
        {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
        {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
        {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
    ])",
     {"notify_hello"}},
    {"a batch of notifications alone",
     R"([
        {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
    ])",
     "",
     {"notify_sum", "notify_hello"}},
};

}  // namespace

TEST_CASE("the specification's examples are answered as it says", "[wire][json][rpc]") {
    RpcDecoder decoder;
    for (const Example& example : examples) {
        CAPTURE(example.name);
        Dispatcher dispatcher;
        const std::string answer = answer_rpc(decoder, as_bytes(example.sent), dispatcher);
        CHECK(dispatcher.notified == example.notified);
        if (*example.answered == '\0') {
            CHECK(answer.empty());
        } else {
            CHECK(test::canonical(answer) == test::canonical(example.answered));
        }
    }
}
