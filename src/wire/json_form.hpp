#pragma once
// The JSON forms of a room's records (wire/form.hpp): the same notification as a line, as a text
// frame, and as a Server-Sent Event. Append-only to a string of the caller's, any thread.

#include <string>
#include <string_view>

#include "chatd/wire/event.hpp"
#include "chatd/wire/form.hpp"

namespace chatd::wire {

/// Appends `event`, which `form` shows, in that form; `form` is one of JSON.
void append_json_event(std::string& out, Form form, const Event& event);

/// Appends what stands before the data of a Server-Sent Event; the data and "\n\n" follow.
void append_sse_head(std::string& out, std::string_view method, Position at);

}  // namespace chatd::wire
