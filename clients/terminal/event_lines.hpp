#pragma once
// What happened in rooms, as the scriptable commands print it: lines of text as a text client gets
// them, or the JSON lines of `chatd export`. `out` is the caller's and only grows, by whole lines.
// Plain functions, any thread.

#include <optional>
#include <string>
#include <utility>

#include "chatd/client/event.hpp"
#include "chatd/wire/kept_event.hpp"

namespace chatd::terminal {

/// An event that has a number, with its time, which an id of zeroes can't tell.
struct NumberedEvent {
    wire::KeptEvent event;
    UnixMs ts = 0;
};

/// What a session told, if it has a number: messages, edits, redactions, reactions, topics. Only
/// messages come with their id.
std::optional<NumberedEvent> numbered_event(const client::Event& event);

/// The event with names that may be shown to people, whatever a server made of them. Its body is
/// made safe by what prints it, line by line.
wire::KeptEvent with_safe_names(wire::KeptEvent event);

/// Appends a line as `chatd export` has it, wire::append_export_line().
void append_json_line(std::string& out, const NumberedEvent& numbered);

/// Appends {"kind":"gap","room","epoch","from","to"}.
void append_gap_line(std::string& out, const client::Gap& gap);

/// What a reader that has everything up to `last` will never get of a room just entered: both ends
/// included. What a server lost that the reader has is no loss to it; of one that does not know the
/// position, all it has is missing, and the reader goes on from where the room stands.
std::optional<std::pair<Position, Position>> missing_after(const client::RoomStanding& standing,
                                                           Position last);

/// Appends "#room 3:41-3:57 is gone for good.", the name made safe, or, of a range not known to its
/// end, as much of it.
void append_missing(std::string& out, std::string_view room, Position from, Position to);

/// Appends "#room 7:1-7:20 was not read: …" of a server that does not know the position one had.
void append_unread(std::string& out, const client::RoomStanding& standing);

}  // namespace chatd::terminal
