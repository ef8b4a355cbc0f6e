#pragma once
// What happened in a room as the wire tells it, made what a session's owner is told. A plain
// function, any thread.

#include "chatd/client/event.hpp"
#include "chatd/wire/kept_event.hpp"

namespace chatd::client {

/// `own`: said by this very person.
Event event_of(wire::KeptEvent&& event, bool own);

}  // namespace chatd::client
