#include "chatd/wire/openrpc.hpp"

#include <string>

#include "chatd/wire/errc.hpp"
#include "chatd/wire/json_reply.hpp"
#include "chatd/wire/json_text.hpp"
#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

namespace {

constexpr std::string_view head = R"json({
  "openrpc": "1.3.2",
  "info": {
    "title": "chatd",
    "version": "1",
    "description": "Rooms over JSON-RPC 2.0: TCP lines, WebSocket (chatd.json.v1) and POST /rpc. Events are the notifications of x-notifications. A refusal has code -32000 and its name in data.code: a method's x-refusals are all that it has, and the document's x-refusals say what each means and whether the same may succeed later."
  },
)json";

/// What each code means that one of the methods names, in the words of the errors themselves.
void append_refusals(std::string& document, std::string_view described) {
    std::string_view separator;
    for (auto value = static_cast<int>(Errc::none) + 1; value <= static_cast<int>(errc_last);
         ++value) {
        const Failure failure{static_cast<Errc>(value)};
        const std::string name = '"' + std::string(code_of(failure.error)) + '"';
        if (described.find(name) == std::string_view::npos) continue;
        document += separator;
        document += "    " + name + ": ";
        JsonObject entry(document);
        entry.text("message", method_text_of(failure.error));
        entry.boolean("retry", is_retried(failure));
        entry.close();
        separator = ",\n";
    }
}

std::string make_document() {
    std::string document(head);
    document += "  \"methods\": [\n";
    document += openrpc_session_methods();
    document += ",\n";
    document += openrpc_message_methods();
    document += ",\n";
    document += openrpc_other_methods();
    const std::string described = document;
    document += "\n  ],\n  \"x-refusals\": {\n";
    append_refusals(document, described);
    document += "\n  },\n  \"x-notifications\": [\n";
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
