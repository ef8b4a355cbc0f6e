#pragma once
// What a request is answered with, as JSON-RPC results and errors; the HTTP routes answer with the
// same objects. Append-only to a string of the caller's, any thread.
//
// Results, by the reply (a member that says nothing is left out; a position is {"epoch","seq"}):
//   Done            {}
//   SaidReply       {"room","epoch","seq","id","ts"}; "repeated":true
//   TopicReply      {"room","topic","from"}
//   NickReply       {"nick"}
//   JoinReply       a standing: {"room","epoch","seq","others","topic","recovered","missing"}, the
//                   position of the room's last message; recovered only if a position was named;
//                   missing is {"from":position,"to":position}
//   LeaveReply      {"room","current"}
//   RoomsReply      {"rooms":[{"room","people"}],"total"}
//   WhoReply        {"room","nicks":[…],"total"}
//   HistoryReply    {"room","events":[listed event],"more"} (wire/json_event.hpp)
//   SearchReply     {"hits":[{"event":listed event,"excerpt"}],"more"}
//   MsgReply        {"nick","kept"}
//   PingReply       {"token"}
//   NoticesReply    {"on"}
//   DatagramsReply  {"hz"}
//   ScheduleReply   {"id","room","body","action","due","every"}
//   SchedulesReply  {"schedules":[as ScheduleReply]}
//   StatsReply      {name: number, …}
//   HelloReply      {"version","session","nick","token","resumed","rooms":[standing]}
//   HelpReply, QuitReply  {}

#include <string>

#include "chatd/wire/json_request.hpp"
#include "chatd/wire/json_rpc.hpp"
#include "chatd/wire/reply.hpp"

namespace chatd::wire {

/// Appends the result: always an object.
void append_reply_json(std::string& out, const Reply& reply);

/// Whether the same request may succeed later as it is, without anything else having changed.
bool is_retried(const Failure& failure) noexcept;

/// Appends {"code":"NICK_IN_USE","retry":false,"retry_after_ms":…,"detail":…}, the last two if
/// there is something to say.
void append_failure_json(std::string& out, const Failure& failure);

/// The error that a refused request is answered with: code -32000, method_text_of() its Errc, and
/// append_failure_json() as data.
RpcError rpc_error_of(const Failure& failure);

/// The error for a call that is no request.
RpcError rpc_error_of(const RpcInvalid& invalid);

/// Appends the whole error answer to the call of that id.
void append_failure(std::string& out, std::string_view id, const Failure& failure);

/// Appends the whole answer to the call of that id.
void append_outcome(std::string& out, std::string_view id, const Outcome& outcome);

}  // namespace chatd::wire
