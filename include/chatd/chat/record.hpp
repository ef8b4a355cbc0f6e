#pragma once
// The canonical record of a room's log: the event's parts, length-prefixed, independent of every
// wire form. In-memory only; the store has its own format.
//
//   kind 1 | flags 1 | from length 1 | key length 1 | body length 2 (host order)
//   | id 16 | session 8 | target epoch 8, seq 8      each only if it has one
//   | from | key | body

#include <cstddef>

#include "chatd/base/bytes.hpp"
#include "chatd/base/ids.hpp"
#include "chatd/wire/event.hpp"

namespace chatd::chat {

inline constexpr std::size_t record_header_bytes = 6;

/// The bytes that write_record() writes.
std::size_t record_bytes(const wire::Event& event, SessionKey session = 0) noexcept;

/// Writes record_bytes(event) bytes at `target`; `from` and `key` have at most 255 bytes, `body`
/// 65,535. `session` is the author's, 0 without one. Room, position and `removed` are not part of
/// it: the log knows them.
void write_record(std::byte* target, const wire::Event& event, SessionKey session = 0) noexcept;

/// Reads a record that write_record made; the views borrow from it.
wire::Event read_record(Bytes record) noexcept;
SessionKey session_of_record(Bytes record) noexcept;

}  // namespace chatd::chat
