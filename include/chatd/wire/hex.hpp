#pragma once
// Bytes as people write and read them: the hex grammar shared by chatcli, /hex and later JSON, and
// the ways to print a datagram. Pure functions, any thread; results are owned by the caller.
//
// Grammar: tokens between separators (space, tab, newline as LF or CRLF, and , ; : - _). A token is
// runs of an even count of hex digits in either case, each run with an optional `0x` or `\x` before
// it. `\xde\xad`, `0xdeadbeef`, `DE:AD-be ef` and `0xde,0xad` are all of that form. One exception
// to the even count: a token `0xA` of a single digit is 0a. Offsets of hex dumps are not
// understood.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/bytes.hpp"

namespace chatd::wire {

struct HexError {
    std::size_t column = 0;    ///< 1-based byte position in the text of what is wrong
    std::string_view message;  ///< a static sentence
};

/// Reads hex. Refused, with the column: anything outside the grammar, the digit without a partner,
/// the first byte past `bytes_max`, and a text without any byte unless `allow_empty`.
std::expected<std::vector<std::byte>, HexError> parse_hex(std::string_view text,
                                                          std::size_t bytes_max, bool allow_empty);

/// "de ad be ef"; parse_hex() gives the bytes back.
std::string print_hex(Bytes bytes);

/// Appends "de ad be ef |....|": hex and the printable ASCII, '.' for the rest. For no bytes "||".
void append_hex_ascii(std::string& out, Bytes bytes);

/// Rows of 16 as `xxd` prints them: "00000000: 6865 6c6c 6f                             hello".
/// Each row ends with a newline.
std::string print_dump(Bytes bytes);

/// True if the bytes can go to a terminal as they are: UTF-8 without control characters apart from
/// tab and newline, and without what wire/shown.hpp replaces.
bool is_terminal_text(Bytes bytes) noexcept;

/// The bytes themselves if they are terminal text, else their dump.
std::string print_auto(Bytes bytes);

}  // namespace chatd::wire
