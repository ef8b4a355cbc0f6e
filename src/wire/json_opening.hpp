#pragma once
// How every JSON-RPC text of ours begins (JSON-RPC 2.0, section 4).

#include <string_view>

namespace chatd::wire {

inline constexpr std::string_view json_opening = R"({"jsonrpc":"2.0",)";

}  // namespace chatd::wire
