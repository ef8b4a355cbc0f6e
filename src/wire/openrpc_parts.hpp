#pragma once
// The parts of the OpenRPC document, each the inside of one array or object of it. Static texts.

#include <string_view>

namespace chatd::wire {

/// Methods in the order of json_methods(): hello to leave, say to topic, history to quit.
std::string_view openrpc_session_methods() noexcept;
std::string_view openrpc_message_methods() noexcept;
std::string_view openrpc_other_methods() noexcept;

std::string_view openrpc_notifications() noexcept;

/// Schemas and errors.
std::string_view openrpc_components() noexcept;

}  // namespace chatd::wire
