#pragma once
// Text lines as one-line descriptions of what they decode to, so that a table of both is a test.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chatd/base/limits.hpp"
#include "chatd/wire/hex.hpp"
#include "chatd/wire/position_text.hpp"
#include "chatd/wire/text_request.hpp"
#include "support/catch.hpp"
#include "support/split.hpp"

namespace chatd::test {

inline std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

inline std::string written(const Position& at) {
    std::string text;
    wire::append_position(text, at, 0);
    return text;
}

/// A request as one word and its arguments; a room stands first, if there is one.
struct Describe {
    static std::string in(std::string_view room) {
        return room.empty() ? "" : "in " + std::string(room) + " ";
    }

    std::string operator()(const wire::Say& say) const {
        std::string verb = say.action ? "me " : "say ";
        if (say.reply_to != Position{}) verb = "reply " + written(say.reply_to) + " ";
        return in(say.room) + verb + quoted(say.body);
    }
    std::string operator()(const wire::Edit& edit) const {
        return in(edit.room) + "edit " + written(edit.target) + " " + quoted(edit.body);
    }
    std::string operator()(const wire::Redact& redact) const {
        return in(redact.room) + "redact " + written(redact.target);
    }
    std::string operator()(const wire::React& react) const {
        return in(react.room) + (react.off ? "unreact " : "react ") + written(react.target) + " " +
               quoted(react.reaction);
    }
    std::string operator()(const wire::Topic& topic) const {
        return in(topic.room) + "topic " + (topic.text ? quoted(*topic.text) : "?");
    }
    std::string operator()(const wire::Typing& typing) const {
        return in(typing.room) + (typing.on ? "typing on" : "typing off");
    }
    std::string operator()(const wire::Read& read) const {
        return in(read.room) + "read " + written(read.at);
    }
    std::string operator()(const wire::Nick& nick) const { return "nick " + quoted(nick.name); }
    std::string operator()(const wire::Join& join) const {
        std::string text = "join " + quoted(join.room);
        if (join.since) text += " since " + written(*join.since);
        if (join.slow_reader)
            text += " slow " + std::to_string(static_cast<int>(*join.slow_reader));
        return text;
    }
    std::string operator()(const wire::Leave& leave) const { return "leave " + quoted(leave.room); }
    std::string operator()(const wire::Rooms&) const { return "rooms"; }
    std::string operator()(const wire::Who& who) const { return "who " + quoted(who.room); }
    std::string operator()(const wire::History& history) const {
        std::string text = in(history.room) + "history";
        if (history.after != Position{}) text += " after " + written(history.after);
        if (history.before != Position{}) text += " before " + written(history.before);
        return text + " " + std::to_string(history.limit);
    }
    std::string operator()(const wire::Search& search) const {
        return "search " + quoted(search.query);
    }
    std::string operator()(const wire::Msg& msg) const {
        return "msg " + quoted(msg.nick) + " " + quoted(msg.body);
    }
    std::string operator()(const wire::Ping& ping) const { return "ping " + quoted(ping.token); }
    std::string operator()(const wire::Notices& notices) const {
        return notices.on ? "notices on" : "notices off";
    }
    std::string operator()(const wire::Datagrams& datagrams) const {
        return "dgram " + std::to_string(datagrams.hz);
    }
    std::string operator()(const wire::Datagram& datagram) const {
        return "hex " + wire::print_hex(datagram.payload);
    }
    std::string operator()(const wire::Schedule& schedule) const {
        static constexpr const char* kinds[] = {"after", "at", "time_of_day", "every"};
        return in(schedule.room) + "schedule " + std::to_string(schedule.id) + " " +
               kinds[static_cast<int>(schedule.when.kind)] + " " +
               std::to_string(schedule.when.ms) + (schedule.action ? " me " : " ") +
               quoted(schedule.body);
    }
    std::string operator()(const wire::Schedules&) const { return "schedules"; }
    std::string operator()(const wire::Unschedule& unschedule) const {
        return "unschedule " + std::to_string(unschedule.id);
    }
    std::string operator()(const wire::Stats&) const { return "stats"; }
    std::string operator()(const wire::Connections& wanted) const {
        return "connections " + std::to_string(wanted.after);
    }
    std::string operator()(const wire::Hello&) const { return "hello"; }
    std::string operator()(const wire::Resume&) const { return "resume"; }
    std::string operator()(const wire::Help&) const { return "help"; }
    std::string operator()(const wire::Quit&) const { return "quit"; }
};

/// The description of a line's request, or "COMMAND CODE (detail)".
inline std::string decoded(std::string_view line) {
    const auto request = wire::decode_text_request(line, limits::datagram_bytes_max);
    if (request) return std::visit(Describe{}, *request);
    const wire::TextRefusal& refusal = request.error();
    return refusal.command + " " + std::string(wire::code_of(refusal.error)) +
           (refusal.detail.empty() ? "" : " (" + refusal.detail + ")");
}

struct TextCase {
    std::string line;
    std::string request;
};

/// Each line decodes as described, and so does every part of it without a byte from past its end.
inline void check_cases(const std::vector<TextCase>& cases) {
    for (const auto& [line, request] : cases) {
        CAPTURE(line);
        CHECK(decoded(line) == request);
        CHECK(decoded(Guarded(line).text()) == request);
        for_every_cut(line, [](std::string_view first, std::string_view) {
            if (!first.empty()) CHECK(decoded(Guarded(first).text()) == decoded(first));
        });
    }
}

}  // namespace chatd::test
