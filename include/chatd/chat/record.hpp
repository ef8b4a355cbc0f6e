#pragma once
// The canonical record of a room's log: the event's parts, length-prefixed, independent of every
// wire form. In-memory only; the store has its own format.
//
//   kind 1 | from length 1 | body length 2 (host order) | from | body

#include <cstddef>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/event.hpp"

namespace chatd::chat {

inline constexpr std::size_t record_header_bytes = 4;

inline std::size_t record_bytes(const wire::Event& event) noexcept {
    return record_header_bytes + event.from.size() + event.body.size();
}

/// Writes record_bytes(event) bytes at `target`; `from` has at most 255 and `body` 65,535 bytes.
void write_record(std::byte* target, const wire::Event& event) noexcept;

/// Reads a record that write_record made; the views borrow from it. `room` is the caller's to set.
wire::Event read_record(Bytes record) noexcept;

}  // namespace chatd::chat
