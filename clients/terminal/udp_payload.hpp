#pragma once
// The datagrams a user asked for, from --hex, --text, --file or standard input. Reading a file or
// standard input blocks; the line reader does not. Bytes are owned by the caller. One thread.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/client/exit_code.hpp"
#include "options.hpp"

namespace chatd::terminal {

using Payload = std::vector<std::byte>;

/// Why a payload cannot be sent: what to print, and how the program ends.
struct PayloadError {
    client::ExitCode exit_code = client::ExitCode::usage;
    std::string message;
};

/// The payload of every source but StdinHexLines, whose lines come one by one.
std::expected<Payload, PayloadError> read_payload(const PayloadOption& option, bool allow_empty);

/// Hex from the option or input named `where` ("--hex", "line 3"). The error shows the column.
std::expected<Payload, PayloadError> payload_from_hex(std::string_view hex, std::string_view where,
                                                      bool allow_empty);

/// True for a line of standard input without a datagram: blank, or a comment after '#'.
bool is_comment(std::string_view line) noexcept;

}  // namespace chatd::terminal
