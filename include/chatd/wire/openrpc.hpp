#pragma once
// The OpenRPC document (https://spec.open-rpc.org, 1.3): what clients can ask for over JSON-RPC and
// what they are told, for people and for generators of clients. Served at /rpc/openrpc.json. Tests
// hold it against json_methods() and the encoders.

#include <string_view>

namespace chatd::wire {

/// The document, UTF-8 JSON for people to read; static. Any thread.
std::string_view openrpc_document();

}  // namespace chatd::wire
