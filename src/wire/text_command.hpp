#pragma once
// A command of the text dialect on its way to a request: its name, the words behind it, and the
// decoders by family. Everything borrows from the line; valid for the call.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "chatd/wire/errc.hpp"
#include "chatd/wire/request.hpp"
#include "chatd/wire/text_request.hpp"

namespace chatd::wire {

using DecodedText = std::expected<Request, TextRefusal>;

/// What stands between spaces and tabs.
struct Words {
    static constexpr std::string_view blanks = " \t";

    std::string_view rest;

    /// The next word, empty when there is none.
    std::string_view next() {
        const auto start = rest.find_first_not_of(blanks);
        if (start == std::string_view::npos) {
            rest = {};
            return {};
        }
        const auto end = std::min(rest.find_first_of(blanks, start), rest.size());
        const auto word = rest.substr(start, end - start);
        rest = rest.substr(end);
        return word;
    }

    /// Everything that is left, without the blanks around it.
    std::string_view remainder() const {
        const auto start = rest.find_first_not_of(blanks);
        if (start == std::string_view::npos) return {};
        return rest.substr(start, rest.find_last_not_of(blanks) - start + 1);
    }
};

struct TextCommand {
    std::string name;  ///< in upper case
    Words words;
    std::size_t datagram_bytes_max = 0;

    DecodedText refuse(Errc error, std::string detail = {}) const {
        return std::unexpected(TextRefusal{name, error, std::move(detail)});
    }

    /// `request`, if nothing is left behind its arguments.
    DecodedText whole(Request request) const {
        if (!words.remainder().empty()) return refuse(Errc::bad_argument);
        return request;
    }

    /// The next word if it is a room with its '#'; else empty, and nothing is taken.
    std::string_view take_marked_room() {
        if (!words.remainder().starts_with('#')) return {};
        return words.next();
    }
};

/// "on", "off" or neither.
std::optional<bool> on_or_off(std::string_view word) noexcept;

/// All of `digits` as a number from 1 to `number_max`.
std::optional<std::uint64_t> parse_count(std::string_view digits,
                                         std::uint64_t number_max) noexcept;

// text_request_numbered.cpp: what has to do with the numbers of messages.
DecodedText decode_join(TextCommand& command);
DecodedText decode_history(TextCommand& command);
DecodedText decode_search(TextCommand& command);
DecodedText decode_topic(TextCommand& command);
DecodedText decode_reply(TextCommand& command);
DecodedText decode_edit(TextCommand& command);
DecodedText decode_redact(TextCommand& command);
DecodedText decode_react(TextCommand& command);
DecodedText decode_read(TextCommand& command);

// text_request_schedule.cpp: what is said later.
DecodedText decode_in(TextCommand& command);
DecodedText decode_at(TextCommand& command);
DecodedText decode_every(TextCommand& command);
DecodedText decode_unschedule(TextCommand& command);
DecodedText decode_reschedule(TextCommand& command);

}  // namespace chatd::wire
