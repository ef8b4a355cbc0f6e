#include "chatd/wire/openrpc.hpp"

#include <string>

#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

namespace {

constexpr std::string_view head = R"json({
  "openrpc": "1.3.2",
  "info": {
    "title": "chatd",
    "version": "1",
    "description": "Rooms over JSON-RPC 2.0: TCP lines, WebSocket (chatd.json.v1) and POST /rpc. Events are the notifications of x-notifications. A refusal has code -32000 and its name in data.code; x-refusals lists those of a method."
  },
)json";

std::string make_document() {
    std::string document(head);
    document += "  \"methods\": [\n";
    document += openrpc_session_methods();
    document += ",\n";
    document += openrpc_message_methods();
    document += ",\n";
    document += openrpc_other_methods();
    document += "\n  ],\n  \"x-notifications\": [\n";
    document += openrpc_notifications();
    document += "\n  ],\n  \"components\": {\n";
    document += openrpc_components();
    document += "\n  }\n}\n";
    return document;
}

}  // namespace

std::string_view openrpc_document() {
    static const std::string document = make_document();
    return document;
}

}  // namespace chatd::wire
