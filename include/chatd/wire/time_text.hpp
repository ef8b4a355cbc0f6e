#pragma once
// Times and durations as people and programs write them: RFC 3339 times, ISO 8601 durations and
// their short forms, and the times of scheduled lines. No clock and no zone is asked: times are
// UTC unless the text or the caller names an offset. Pure functions, any thread; `out` is the
// caller's and only grows.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "chatd/base/position.hpp"
#include "chatd/wire/request.hpp"

namespace chatd::wire {

/// The years that RFC 3339 can write, 0000 to 9999; what lies outside is written as the nearest.
inline constexpr UnixMs time_ms_min = -62'167'219'200'000;
inline constexpr UnixMs time_ms_max = 253'402'300'799'999;

/// "2026-11-26T10:00:00.123Z".
inline constexpr std::size_t time_text_bytes = 24;
std::array<char, time_text_bytes> time_text(UnixMs at) noexcept;

/// Appends it.
void append_time(std::string& out, UnixMs at);

/// Appends the same moment as a zone shows it that is `zone_offset_s` seconds ahead of UTC:
/// "2026-11-26T12:00:00.123+02:00". RFC 3339 knows whole minutes; what is over is cut off, and an
/// offset of a day or more is taken for none.
void append_local_time(std::string& out, UnixMs at, std::int32_t zone_offset_s);

/// Reads an RFC 3339 time: date, 'T', time of day, any digits of a fraction (cut to milliseconds),
/// 'Z' or an offset; letters in either case. A leap second, which can only stand at 23:59:60 UTC,
/// is read as the last millisecond before it. nullopt for anything else.
std::optional<UnixMs> parse_time(std::string_view text) noexcept;

/// Reads a duration, in ms: ISO 8601 with weeks, days, hours, minutes and seconds ("PT10M",
/// "P1DT2H", "P2W"), or the short form ("90s", "10m", "2h30m", "1d", "2w"). Units stand from the
/// largest to the smallest, each once; seconds may have a fraction, cut to milliseconds. Months
/// and years have no fixed length and are refused, as is what passes 2^53 ms.
std::optional<std::int64_t> parse_duration(std::string_view text) noexcept;

/// Appends the short form of a duration of 0 ms and more: "1d2h", "90m" is "1h30m", "1.5s", "0s".
/// parse_duration() gives it back.
void append_duration(std::string& out, std::int64_t ms);

/// Reads when a line is to be said: a duration from now ("10m"), the next time that the clock
/// shows a time of day ("18:00", "18:00:30"), or an RFC 3339 time. Durations end at
/// limits::schedule_ahead_max; how far ahead a time is only a clock knows. The error says what is
/// wrong, as one part of a sentence.
std::expected<When, std::string> parse_when(std::string_view text);

/// Reads how often a line is to be said: a duration from limits::schedule_interval_min to
/// limits::schedule_ahead_max.
std::expected<When, std::string> parse_every(std::string_view text);

}  // namespace chatd::wire
