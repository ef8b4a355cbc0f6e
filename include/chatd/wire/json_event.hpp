#pragma once
// What happens, as JSON-RPC tells it: a notification whose method is the kind of event and whose
// params are one object, written here. Append-only to a string of the caller's; views are for the
// call. Any thread.
//
// Numbered events carry room, epoch, seq, id, ts (the id's own millisecond) and from. Members that
// say nothing are left out: key, reply_to, action, off and removed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/event.hpp"

namespace chatd::wire {

/// "message", "edited", "redacted", "reacted", "topic", "joined", "left" or "renamed": actions are
/// messages, several who come or go are joined or left.
std::string_view event_method(EventKind kind) noexcept;

/// Appends the params of an event's notification:
///   message   body; "action":true; reply_to, a position; "removed":true with an empty body
///   edited    target, a position; body
///   redacted  target
///   reacted   target; reaction; "off":true
///   topic     topic, empty when it was cleared
///   joined    room and from; or room and count
///   left      the same; reason
///   renamed   room, from and nick
void append_event_json(std::string& out, const Event& event);

/// The same with "kind", the method, as its first member: where several kinds stand in one list.
void append_listed_event_json(std::string& out, const Event& event);

/// Appends a line of an export, an object and LF: {"room","epoch","seq","id","ts","from","kind",
/// "body"} and perhaps key, target, off and removed. Kind is a method, but "action" for actions;
/// body is also a reaction's word and a topic. An id of zeroes is none.
void append_export_line(std::string& out, const Event& event, UnixMs ts);

// -- told to one connection, outside of any log: params as well ------------------------------

/// "private": {"from","body","ts"}.
void append_private_json(std::string& out, std::string_view from, std::string_view body, UnixMs at);

/// "typing": {"room","from","on"}.
void append_typing_json(std::string& out, std::string_view room, std::string_view from, bool on);

/// "read": {"room","from","epoch","seq"}.
void append_read_json(std::string& out, std::string_view room, std::string_view from, Position at);

/// "gap": {"room","epoch","from","to"}, the first and the last number that will not come.
void append_gap_json(std::string& out, std::string_view room, Epoch epoch, Seq from, Seq to);

/// "datagram": {"room","from","number","bytes","hex"}; `from` is "udp:7" or a nick, `number` is of
/// a sender that counts.
void append_datagram_json(std::string& out, std::string_view room, std::string_view from,
                          std::optional<std::uint64_t> number, Bytes payload);

/// "notice": {"code","text"}, what the text dialect tells by NOTE and WARN.
void append_notice_json(std::string& out, std::string_view code, std::string_view text);

/// "draining": {"reconnect_after_ms"}: the server is about to stop; come back after that time.
void append_draining_json(std::string& out, std::uint32_t reconnect_after_ms);

/// Appends one Server-Sent Event (WHATWG HTML 9.2) with these params as its data. A position
/// becomes its id, "epoch:seq", which a reader sends back as Last-Event-ID.
void append_sse_event(std::string& out, std::string_view method, std::string_view params_json,
                      Position at = {});

}  // namespace chatd::wire
