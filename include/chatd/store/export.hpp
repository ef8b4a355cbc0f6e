#pragma once
// Writes a room's history out, for `chatd export ROOM --format jsonl`: one JSON object a line, in
// the order of positions:
//   {"room":"dev","epoch":1,"seq":7,"id":"0197…","ts":"2026-11-26T10:00:00.123Z","from":"ana",
//    "kind":"message","body":"hi","key":"k1","target":{"epoch":1,"seq":3},"off":true,
//    "removed":true}
// `kind` is one of wire::EventKind's numbered ones; `key`, `target`, `off` and `removed` stand only
// where they say something. It only reads, page by page, so it works beside a running chatd and
// holds up nothing there. Any thread.

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "chatd/store/error.hpp"

namespace chatd::store {

/// Is given each line with its newline, valid for the call; false ends the export.
using LineSink = std::function<bool(std::string_view line)>;

/// How many lines the sink took. The room may be written with '#', in any case; that there is none
/// of that name is an error of the kind not_there, which names those there are.
std::expected<std::uint64_t, StoreError> export_room(const std::string& directory,
                                                     std::string_view room, const LineSink& sink);

}  // namespace chatd::store
