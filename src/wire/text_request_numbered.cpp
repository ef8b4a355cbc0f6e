// Commands about numbered messages: reading them back, and changing what was said.

#include <array>

#include "chatd/base/limits.hpp"
#include "chatd/wire/position_text.hpp"
#include "wire/text_command.hpp"

namespace chatd::wire {

namespace {

constexpr std::string_view position_hint = "write N, or EPOCH:N for one of another epoch";

bool is_number(std::string_view word) noexcept {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

// The next word as the number of a message. The refusal is ready when it is none.
std::expected<Position, TextRefusal> take_message(TextCommand& command) {
    const auto word = command.words.next();
    if (word.empty()) return std::unexpected(TextRefusal{command.name, Errc::need_more_params, {}});
    const auto at = parse_position(word);
    if (at && at->seq > 0) return *at;
    return std::unexpected(
        TextRefusal{command.name, Errc::bad_position, std::string(position_hint)});
}

std::optional<SlowReader> slow_reader_of(std::string_view word) noexcept {
    constexpr std::array<std::pair<std::string_view, SlowReader>, 4> readers{{
        {"backfill", SlowReader::backfill},
        {"oldest", SlowReader::oldest},
        {"latest", SlowReader::latest},
        {"close", SlowReader::close},
    }};
    for (const auto& [name, reader] : readers)
        if (word == name) return reader;
    return std::nullopt;
}

}  // namespace

// /join ROOM [SINCE] [backfill|oldest|latest|close]
DecodedText decode_join(TextCommand& command) {
    Join join;
    join.room = command.words.next();
    if (join.room.empty()) return command.refuse(Errc::need_more_params);
    auto word = command.words.next();
    if (!word.empty() && is_number(word.substr(0, 1))) {
        join.since = parse_position(word);
        if (!join.since) return command.refuse(Errc::bad_position, std::string(position_hint));
        word = command.words.next();
    }
    if (!word.empty()) {
        join.slow_reader = slow_reader_of(word);
        if (!join.slow_reader) return command.refuse(Errc::bad_argument);
    }
    return command.whole(join);
}

// /history [ROOM] [before|after N] [COUNT]: a room whose name is a number, "before" or "after" is
// written with its '#'.
DecodedText decode_history(TextCommand& command) {
    History history;
    const auto is_side = [](std::string_view word) { return word == "before" || word == "after"; };
    auto word = command.words.next();
    if (!word.empty() && !is_number(word) && !is_side(word)) {
        history.room = word;
        word = command.words.next();
    }
    if (is_side(word)) {
        const auto number = command.words.next();
        if (number.empty()) return command.refuse(Errc::need_more_params);
        const auto at = parse_position(number);
        if (!at) return command.refuse(Errc::bad_position, std::string(position_hint));
        (word == "before" ? history.before : history.after) = *at;
        word = command.words.next();
    }
    if (!word.empty()) {
        const auto limit = parse_count(word, limits::history_page_max);
        if (!limit) {
            return command.refuse(Errc::bad_argument,
                                  "a count is 1 to " + std::to_string(limits::history_page_max));
        }
        history.limit = static_cast<std::uint32_t>(*limit);
    }
    return command.whole(history);
}

DecodedText decode_search(TextCommand& command) {
    Search search;
    search.query = command.words.remainder();
    if (search.query.empty()) return command.refuse(Errc::need_more_params);
    if (search.query.size() > limits::search_query_bytes_max) {
        return command.refuse(
            Errc::bad_query,
            "at most " + std::to_string(limits::search_query_bytes_max) + " bytes");
    }
    return search;
}

// /topic [#ROOM] [TEXT]; a lone "-" clears it, since an empty text asks.
DecodedText decode_topic(TextCommand& command) {
    Topic topic;
    topic.room = command.take_marked_room();
    const auto text = command.words.remainder();
    if (!text.empty()) topic.text = text == "-" ? std::string_view() : text;
    return topic;
}

DecodedText decode_reply(TextCommand& command) {
    Say say;
    say.room = command.take_marked_room();
    const auto target = take_message(command);
    if (!target) return std::unexpected(target.error());
    say.reply_to = *target;
    say.body = command.words.remainder();
    if (say.body.empty()) return command.refuse(Errc::need_more_params);
    return say;
}

DecodedText decode_edit(TextCommand& command) {
    Edit edit;
    edit.room = command.take_marked_room();
    const auto target = take_message(command);
    if (!target) return std::unexpected(target.error());
    edit.target = *target;
    edit.body = command.words.remainder();
    if (edit.body.empty()) return command.refuse(Errc::need_more_params);
    return edit;
}

DecodedText decode_redact(TextCommand& command) {
    Redact redact;
    redact.room = command.take_marked_room();
    const auto target = take_message(command);
    if (!target) return std::unexpected(target.error());
    redact.target = *target;
    return command.whole(redact);
}

// /react [#ROOM] N WORD; "-WORD" takes it off.
DecodedText decode_react(TextCommand& command) {
    React react;
    react.room = command.take_marked_room();
    const auto target = take_message(command);
    if (!target) return std::unexpected(target.error());
    react.target = *target;
    react.reaction = command.words.next();
    react.off = react.reaction.starts_with('-');
    if (react.off) react.reaction.remove_prefix(1);
    if (react.reaction.empty()) return command.refuse(Errc::need_more_params);
    if (react.reaction.size() > limits::reaction_bytes_max) {
        return command.refuse(
            Errc::bad_argument,
            "a reaction has at most " + std::to_string(limits::reaction_bytes_max) + " bytes");
    }
    return command.whole(react);
}

DecodedText decode_read(TextCommand& command) {
    Read read;
    read.room = command.take_marked_room();
    const auto at = take_message(command);
    if (!at) return std::unexpected(at.error());
    read.at = *at;
    return command.whole(read);
}

}  // namespace chatd::wire
