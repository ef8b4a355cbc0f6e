// The part of a Reader that is about its client alone: answers to its requests, private messages.

#include <utility>

#include "simulation/reader.hpp"

namespace chatd::simulation {

void Reader::answer(std::string_view line) {
    const auto matches = [&] {
        if (person_.replies.empty()) return false;
        const Reply& reply = person_.replies.front();
        if (reply.kind == ReplyKind::sent) {
            return line.starts_with("NOTE MSG OK ") ||
                   line.starts_with("FAIL MSG RECIPIENT_FULL :") ||
                   line.starts_with("FAIL MSG NO_SUCH_NICK :");
        }
        if (!line.starts_with(reply.begins)) return false;
        const char behind = reply.begins.size() < line.size() ? line[reply.begins.size()] : ' ';
        return behind == ' ' || behind == ':';
    };
    while (!matches()) {
        if (person_.replies.empty() && (*resolve_)()) continue;
        violate("answers",
                context() + "'" + std::string(line) + "' came, expected '" +
                    (person_.replies.empty() ? "nothing" : person_.replies.front().begins) + "'");
    }
    const Reply reply = std::move(person_.replies.front());
    person_.replies.pop_front();
    answered(reply, line);
}

void Reader::answered(const Reply& reply, std::string_view line) {
    const std::int64_t listed = std::exchange(list_lines_, 0);
    if (listed != 0 && reply.kind != ReplyKind::list) {
        violate("answers", context() + "lines of a list before " + std::string(line));
    }
    switch (reply.kind) {
        case ReplyKind::plain:
            return;
        case ReplyKind::joined:
            if (reply.fresh) {
                placed(reply.room, reply.from.said[reply.room], reply.until.said[reply.room],
                       reply.from.told[reply.room]);
            }
            return;
        case ReplyKind::left:
            if (places_[reply.room].line > 0)
                violate("whole_records", context() + std::string(line));
            places_[reply.room].open = false;
            return;
        case ReplyKind::list:
            if (reply.list_lines >= 0 && reply.list_lines != listed) {
                violate("answers", context() + std::to_string(reply.list_lines) +
                                       " lines expected, " + std::to_string(listed) +
                                       " came: " + std::string(line));
            }
            return;
        case ReplyKind::sent:
            return sent(reply, line);
        case ReplyKind::notices:
            notices_ = reply.on;
            return;
    }
}

void Reader::sent(const Reply& reply, std::string_view line) {
    PrivateMessage& message = model_.message(reply.message);
    const bool accepted = line.starts_with("NOTE");
    message.state = accepted ? PrivateMessage::State::accepted : PrivateMessage::State::refused;
    if (!accepted && message.arrived)
        violate("private", context() + "arrived, yet: " + std::string(line));
    if (accepted && message.passed_over && !model_.fuzzy()) {
        violate("private", context() + "accepted, yet passed over: " + message.lines[0]);
    }
}

// A sender that is made to wait may have another nick than is known; its words are its own.
bool Reader::is_message(const PrivateMessage& message, std::string_view line) const {
    if (!model_.fuzzy()) return message.lines[0] == line;
    return message.lines[0].substr(message.lines[0].find(' ')) == line.substr(line.find(' '));
}

// Where connections are made to wait it is not known who had a nick when a message was carried out;
// then at least its words are somebody's, and come once.
bool Reader::stray_message_came(std::string_view line) {
    for (std::uint32_t index = 0; index < model_.message_count(); ++index) {
        PrivateMessage& message = model_.message(index);
        if (message.arrived || !is_message(message, line)) continue;
        message.arrived = true;
        if (message.lines.size() > 1) {
            private_at_ = index;
            private_line_ = 1;
        }
        return true;
    }
    return false;
}

void Reader::private_line(std::string_view line) {
    if (private_at_ != UINT32_MAX) {
        const PrivateMessage& begun = model_.message(private_at_);
        if (!model_.fuzzy() && begun.lines[private_line_] != line)
            violate("private", context() + std::string(line));
        if (++private_line_ == begun.lines.size()) private_at_ = UINT32_MAX;
        return;
    }
    for (const std::uint32_t index : person_.messages) {
        PrivateMessage& message = model_.message(index);
        if (message.arrived || !is_message(message, line)) continue;
        if (message.state == PrivateMessage::State::refused || message.passed_over) {
            if (!model_.fuzzy() || !message.passed_over)
                violate("private", context() + std::string(line));
        }
        message.arrived = true;
        for (const std::uint32_t earlier : person_.messages) {
            if (earlier == index) break;
            PrivateMessage& other = model_.message(earlier);
            if (other.arrived || other.passed_over) continue;
            other.passed_over = true;
            if (other.state == PrivateMessage::State::accepted && !model_.fuzzy()) {
                violate("private", context() + "lost: " + other.lines[0]);
            }
        }
        if (message.lines.size() > 1) {
            private_at_ = index;
            private_line_ = 1;
        }
        return;
    }
    if (model_.fuzzy() && stray_message_came(line)) return;
    violate("private", context() + "not addressed to it: " + std::string(line));
}

}  // namespace chatd::simulation
