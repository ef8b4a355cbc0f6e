#pragma once
// The body in what chatd tells of a message in JSON, as JSON-RPC and Server-Sent Events carry it.
// A look-out for one member, not a parser: it runs once a delivery. Any thread.

#include <string_view>

#include "load/adapter.hpp"

namespace chatd::load {

/// Adds the text of the member "body" of `params` to `heard.bodies`, its escapes resolved: those of
/// `"` and `\`, the only ones that bodies of ours need. Without a whole one nothing is added.
void take_json_body(std::string_view params, Heard& heard);

}  // namespace chatd::load
