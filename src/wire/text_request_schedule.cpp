// Commands about what is said later.

#include "chatd/wire/time_text.hpp"
#include "wire/text_command.hpp"

namespace chatd::wire {

namespace {

enum class Timing : std::uint8_t { in, at, every };

std::expected<When, std::string> read_timing(Timing timing, std::string_view word) {
    if (timing == Timing::every) return parse_every(word);
    auto when = parse_when(word);
    if (!when) return when;
    const bool is_duration = when->kind == When::Kind::after;
    if (timing == Timing::in && !is_duration)
        return std::unexpected("/in takes a duration, /at a time");
    if (timing == Timing::at && is_duration)
        return std::unexpected("/at takes a time, /in a duration");
    return when;
}

// [#ROOM] WHEN TEXT; a text that begins with "/me " is an action, any other is said as it stands.
DecodedText decode_schedule(TextCommand& command, std::uint64_t id, Timing timing) {
    Schedule schedule;
    schedule.id = id;
    schedule.room = command.take_marked_room();
    const auto word = command.words.next();
    schedule.body = command.words.remainder();
    Words body{schedule.body};
    if (body.next() == "/me") {
        schedule.action = true;
        schedule.body = body.remainder();
    }
    if (schedule.body.empty()) return command.refuse(Errc::need_more_params);
    const auto when = read_timing(timing, word);
    if (!when) return command.refuse(Errc::bad_time, when.error());
    schedule.when = *when;
    return schedule;
}

std::optional<std::uint64_t> take_id(TextCommand& command) {
    return parse_count(command.words.next(), json_integer_max);
}

}  // namespace

DecodedText decode_in(TextCommand& command) {
    return decode_schedule(command, 0, Timing::in);
}

DecodedText decode_at(TextCommand& command) {
    return decode_schedule(command, 0, Timing::at);
}

DecodedText decode_every(TextCommand& command) {
    return decode_schedule(command, 0, Timing::every);
}

DecodedText decode_unschedule(TextCommand& command) {
    if (command.words.remainder().empty()) return command.refuse(Errc::need_more_params);
    const auto id = take_id(command);
    if (!id) return command.refuse(Errc::bad_argument);
    return command.whole(Unschedule{*id});
}

// /reschedule ID in|at|every [#ROOM] WHEN TEXT
DecodedText decode_reschedule(TextCommand& command) {
    if (command.words.remainder().empty()) return command.refuse(Errc::need_more_params);
    const auto id = take_id(command);
    if (!id) return command.refuse(Errc::bad_argument);
    const auto timing = command.words.next();
    if (timing == "in") return decode_schedule(command, *id, Timing::in);
    if (timing == "at") return decode_schedule(command, *id, Timing::at);
    if (timing == "every") return decode_schedule(command, *id, Timing::every);
    return command.refuse(timing.empty() ? Errc::need_more_params : Errc::bad_argument);
}

}  // namespace chatd::wire
