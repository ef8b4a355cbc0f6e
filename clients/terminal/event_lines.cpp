#include "event_lines.hpp"

#include <fmt/core.h>

#include "chatd/wire/json_event.hpp"
#include "chatd/wire/json_text.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using wire::EventKind;

struct Numbering {
    template <class Told>
    static NumberedEvent of(EventKind kind, const Told& told) {
        return {.event = {.kind = kind, .room = told.room, .from = told.from, .at = told.at},
                .ts = told.ts};
    }

    std::optional<NumberedEvent> operator()(const client::Message& told) const {
        auto numbered = of(told.action ? EventKind::action : EventKind::message, told);
        numbered.event.body = told.body;
        numbered.event.key = told.key;
        numbered.event.id = told.id;
        numbered.event.target = told.reply_to;
        numbered.event.removed = told.removed;
        return numbered;
    }
    std::optional<NumberedEvent> operator()(const client::Edited& told) const {
        auto numbered = of(EventKind::edited, told);
        numbered.event.target = told.target;
        numbered.event.body = told.body;
        return numbered;
    }
    std::optional<NumberedEvent> operator()(const client::Redacted& told) const {
        auto numbered = of(EventKind::redacted, told);
        numbered.event.target = told.target;
        return numbered;
    }
    std::optional<NumberedEvent> operator()(const client::Reacted& told) const {
        auto numbered = of(EventKind::reacted, told);
        numbered.event.target = told.target;
        numbered.event.body = told.reaction;
        numbered.event.off = told.off;
        return numbered;
    }
    std::optional<NumberedEvent> operator()(const client::TopicSet& told) const {
        auto numbered = of(EventKind::topic, told);
        numbered.event.body = told.topic;
        return numbered;
    }
    template <class Other>
    std::optional<NumberedEvent> operator()(const Other&) const {
        return std::nullopt;
    }
};

}  // namespace

std::optional<NumberedEvent> numbered_event(const client::Event& event) {
    return std::visit(Numbering{}, event);
}

wire::KeptEvent with_safe_names(wire::KeptEvent event) {
    event.room = safe(event.room);
    event.from = safe(event.from);
    return event;
}

void append_json_line(std::string& out, const NumberedEvent& numbered) {
    wire::append_export_line(out, numbered.event.view(), numbered.ts);
}

void append_gap_line(std::string& out, const client::Gap& gap) {
    wire::JsonObject line(out);
    line.text("kind", "gap");
    line.text("room", gap.room);
    line.integer("epoch", gap.epoch);
    line.integer("from", gap.from);
    line.integer("to", gap.to);
    line.close();
    out += '\n';
}

std::optional<std::pair<Position, Position>> missing_after(const client::RoomStanding& standing,
                                                           Position last) {
    if (standing.recovered != false || !standing.missing_from) return std::nullopt;
    // `last` is another server's position, which clips nothing here.
    if (standing.position_unknown()) return std::pair(standing.missing_from, standing.missing_to);
    Position from = standing.missing_from;
    if (standing.missing_to <= last) return std::nullopt;
    if (from <= last && from.epoch == last.epoch) from.seq = last.seq + 1;
    return std::pair(from, standing.missing_to);
}

void append_unread(std::string& out, const client::RoomStanding& standing) {
    out += fmt::format(
        "#{} {}:1-{}:{} was not read: this server does not know what came before. --since all "
        "prints what it has.",
        safe(standing.room), standing.at.epoch, standing.at.epoch, standing.at.seq);
}

void append_missing(std::string& out, std::string_view room, Position from, Position to) {
    out += fmt::format("#{} ", safe(room));
    if (!from) {
        out += "has lost something after the position that was asked for.";
    } else if (from == to) {
        out += fmt::format("{}:{} is gone for good.", from.epoch, from.seq);
    } else {
        out += fmt::format("{}:{}-{}:{} is gone for good.", from.epoch, from.seq, to.epoch, to.seq);
    }
}

}  // namespace chatd::terminal
