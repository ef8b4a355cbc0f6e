#pragma once
// The project's exit codes under the names that client programs use.

#include "chatd/base/exit_code.hpp"

namespace chatd::client {

using chatd::ExitCode;
using chatd::status_of;

}  // namespace chatd::client
