#pragma once
// A client's side of JSON-RPC: one request of the vocabulary as a method and its parameters, the
// way decode_json_request() (wire/json_request.hpp) reads them. With decode_text_request() a client
// lets people type the text dialect's commands and speaks JSON to the server. Append-only to a
// string of the caller's; any thread.

#include <string>
#include <string_view>

#include "chatd/wire/request.hpp"

namespace chatd::wire {

/// Appends the params, always an object, and returns the method; empty, with nothing appended, for
/// Help, which JSON-RPC does not have. Members that say nothing are left out.
///
/// A position without an epoch is written without one, which only edit, redact and react take:
/// whoever calls puts the room's present epoch into the others.
std::string_view append_call_json(std::string& params, const Request& request);

}  // namespace chatd::wire
