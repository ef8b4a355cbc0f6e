#pragma once
// Server-Sent Events out (WHATWG HTML 9.2): the head of the answer and the events that follow it
// until the connection closes. Plain functions, any thread; `out` is the caller's and only grows.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chatd::wire {

/// A comment, for a connection that must not look dead to what stands between.
inline constexpr std::string_view event_stream_keepalive = ": \n\n";

/// Appends the head: 200, never stored, never held back by a proxy, its end is the connection's.
void encode_event_stream_head(std::string& out,
                              std::optional<std::chrono::sys_seconds> date = std::nullopt);

/// Appends how long a client waits before it connects again.
void append_sse_retry(std::string& out, std::chrono::milliseconds wait);

/// Appends one event. Without a name it is a "message" to the reader; without an id the reader
/// keeps the last one. Neither holds CR, LF or NUL: they are the server's own words. Each line of
/// `data` becomes a line of its own, so that no data can begin a field.
void append_sse_event(std::string& out, std::string_view name, std::string_view id,
                      std::string_view data);

}  // namespace chatd::wire
