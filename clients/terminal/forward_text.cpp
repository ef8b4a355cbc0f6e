#include "forward_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "chatd/wire/form.hpp"
#include "chatd/wire/json_call.hpp"
#include "chatd/wire/notification.hpp"
#include "chatd/wire/shown.hpp"
#include "event_lines.hpp"
#include "paint.hpp"

namespace chatd::terminal {

namespace {

using namespace std::string_view_literals;
using wire::JsonName;
using wire::JsonValue;

// -- requests ----------------------------------------------------------------------------------

/// Fills in the room and the epochs that a text client leaves out.
struct Completion {
    const ForwardedPlace& place;

    void complete(std::string_view room, Position& at) const {
        if (at != Position{} && at.epoch == 0) at.epoch = place.epoch_of(room);
    }

    void operator()(wire::Read& read) const {
        fill(read.room);
        complete(read.room, read.at);
    }
    void operator()(wire::History& history) const {
        fill(history.room);
        complete(history.room, history.after);
        complete(history.room, history.before);
    }
    void operator()(wire::Join& join) const {
        if (join.since) complete(join.room, *join.since);
    }
    void operator()(wire::Search&) const {}  // without a room it is of all of them
    template <class Other>
    void operator()(Other& other) const {
        if constexpr (requires { other.room; }) fill(other.room);
    }

private:
    void fill(std::string_view& room) const {
        if (room.empty()) room = place.current;
    }
};

// Doing these twice is more than doing them once.
bool is_repeatable(const wire::Request& request) noexcept {
    const auto* topic = std::get_if<wire::Topic>(&request);
    return !(topic != nullptr && topic->text) && !std::holds_alternative<wire::Edit>(request) &&
           !std::holds_alternative<wire::Redact>(request) &&
           !std::holds_alternative<wire::React>(request) &&
           !std::holds_alternative<wire::Msg>(request);
}

constexpr std::array carried{"edit"sv,    "redact"sv,  "react"sv,  "topic"sv, "typing"sv,
                             "read"sv,    "nick"sv,    "join"sv,   "leave"sv, "rooms"sv,
                             "who"sv,     "history"sv, "search"sv, "msg"sv,   "ping"sv,
                             "notices"sv, "stats"sv};

// -- answers -----------------------------------------------------------------------------------

// A room or a nick: a line client may be a terminal.
std::string name_in(const JsonValue& object, const JsonName& name) {
    return safe(object.text_of(name));
}

wire::RoomStanding standing_of(const JsonValue& result) {
    wire::RoomStanding standing{.room = name_in(result, "room"),
                                .at = wire::read_position(result).value_or(Position{}),
                                .others = static_cast<std::uint32_t>(result.integer_of("others")),
                                .topic = result.text_of("topic")};
    if (const auto recovered = result.find("recovered")) standing.recovered = recovered->truth();
    if (const auto missing = result.find("missing")) {
        const auto from = missing->find("from");
        const auto to = missing->find("to");
        if (from && to) {
            standing.missing_from = wire::read_position(*from).value_or(Position{});
            standing.missing_to = wire::read_position(*to).value_or(Position{});
        }
    }
    return standing;
}

wire::HistoryReply history_of(const JsonValue& result, Epoch epoch) {
    wire::HistoryReply reply{
        .room = name_in(result, "room"), .more = result.truth_of("more"), .epoch = epoch};
    if (const auto events = result.find("events")) {
        for (const JsonValue event : *events) {
            if (auto kept = wire::read_listed_event(event))
                reply.events.push_back(with_safe_names(std::move(*kept)));
        }
    }
    return reply;
}

wire::SearchReply search_of(const JsonValue& result) {
    wire::SearchReply reply{.more = result.truth_of("more")};
    if (const auto hits = result.find("hits")) {
        for (const JsonValue hit : *hits) {
            const auto event = hit.find("event");
            auto kept = event ? wire::read_listed_event(*event) : std::nullopt;
            if (!kept) continue;
            reply.hits.push_back({with_safe_names(std::move(*kept)), hit.text_of("excerpt")});
        }
    }
    return reply;
}

wire::RoomsReply rooms_of(const JsonValue& result) {
    wire::RoomsReply reply{.total = result.integer_of("total")};
    if (const auto rooms = result.find("rooms")) {
        for (const JsonValue room : *rooms) {
            reply.rooms.push_back(
                {name_in(room, "room"), static_cast<std::uint32_t>(room.integer_of("people"))});
        }
    }
    return reply;
}

wire::WhoReply who_of(const JsonValue& result) {
    wire::WhoReply reply{.room = name_in(result, "room"), .total = result.integer_of("total")};
    if (const auto nicks = result.find("nicks")) {
        for (const JsonValue nick : *nicks)
            reply.nicks.push_back(safe(nick.text()));
    }
    return reply;
}

wire::StatsReply stats_of(const JsonValue& result) {
    wire::StatsReply reply;
    for (const JsonValue value : result)
        reply.values.emplace_back(safe(value.name()), value.integer().value_or(0));
    return reply;
}

// -- what happens ------------------------------------------------------------------------------

/// Appends what a text client is told of each event.
struct Teller {
    std::string& out;
    std::string_view nick;
    bool notices;

    void line(std::string_view text) const { wire::append_line(out, false, text); }
    void show(const wire::KeptEvent& event) const {
        wire::append_event(out, notices ? wire::Form::text_notices : wire::Form::text,
                           with_safe_names(event).view());
    }

    void operator()(const client::Joined& joined) const {
        if (!joined.from.empty()) {
            return show(
                {.kind = wire::EventKind::joined, .room = joined.room, .from = joined.from});
        }
        if (notices) crowd("joined", joined.room, joined.count, joined.people);
    }
    void operator()(const client::Left& left) const {
        if (!left.from.empty()) {
            return show({.kind = wire::EventKind::left,
                         .room = left.room,
                         .from = left.from,
                         .body = left.reason});
        }
        if (notices) crowd("left", left.room, left.count, left.people);
    }
    void crowd(std::string_view what, std::string_view room, std::uint64_t count,
               std::uint64_t people) const {
        line(fmt::format("-- {} {} #{} ({} here)", count, what, safe(room), people));
    }
    void operator()(const client::Renamed& renamed) const {
        if (renamed.own || renamed.room.empty()) return;
        show({.kind = wire::EventKind::renamed,
              .room = renamed.room,
              .from = renamed.from,
              .body = safe(renamed.nick)});
    }
    void operator()(const client::Private& told) const {
        wire::for_each_line(told.body, [&](std::string_view text) {
            std::string shown = "@" + safe(told.from) + " ";
            append_safe(shown, text);
            line(shown);
        });
    }
    void operator()(const client::Typing& typing) const {
        if (!notices) return;
        std::string shown;
        wire::append_typing_text(shown, safe(typing.room), safe(typing.from), typing.on);
        line(shown);
    }
    void operator()(const client::Read& read) const {
        if (!notices) return;
        std::string shown;
        wire::append_read_text(shown, safe(read.room), safe(read.from), read.at, 0);
        line(shown);
    }
    void operator()(const client::Gap& gap) const {
        append_gap_notice(out, gap.room, {gap.epoch, gap.from}, {gap.epoch, gap.to}, {});
    }
    void operator()(const client::Notice& notice) const {
        if (!notices || !notice.code.starts_with("STORE_")) return;
        std::string shown = "NOTE * " + safe(notice.code) + " :";
        append_safe(shown, notice.text);
        line(shown);
    }
    void operator()(const client::Refused& refused) const {
        std::string shown = "FAIL * " + safe(refused.code) + " :";
        append_safe(shown, refused.text);
        line(shown);
    }
    template <class Other>
    void operator()(const Other&) const {}
};

}  // namespace

std::optional<ForwardedCall> call_of(const wire::Request& request, const ForwardedPlace& place) {
    wire::Request whole = request;
    std::visit(Completion{place}, whole);
    ForwardedCall call{.repeatable = is_repeatable(request)};
    call.method = wire::append_call_json(call.params, whole);
    if (std::find(carried.begin(), carried.end(), call.method) == carried.end())
        return std::nullopt;
    return call;
}

std::optional<wire::Reply> reply_of(std::string_view method, const JsonValue& result, Epoch epoch) {
    if (method == "join") return wire::JoinReply{standing_of(result)};
    if (method == "leave") {
        return wire::LeaveReply{name_in(result, "room"), name_in(result, "current")};
    }
    if (method == "nick") return wire::NickReply{name_in(result, "nick")};
    if (method == "rooms") return rooms_of(result);
    if (method == "who") return who_of(result);
    if (method == "history") return history_of(result, epoch);
    if (method == "search") return search_of(result);
    if (method == "msg") return wire::MsgReply{name_in(result, "nick"), result.truth_of("kept")};
    if (method == "ping") return wire::PingReply{result.text_of("token")};
    if (method == "notices") return wire::NoticesReply{result.truth_of("on")};
    if (method == "stats") return stats_of(result);
    if (method == "typing" || method == "read") return wire::Done{};
    if (method == "topic" && !result.find("seq")) {
        return wire::TopicReply{name_in(result, "room"), result.text_of("topic"),
                                name_in(result, "from")};
    }
    if (const auto at = wire::read_position(result)) {
        return wire::SaidReply{.room = name_in(result, "room"), .at = *at};
    }
    return std::nullopt;
}

void append_told(std::string& out, const client::Event& event, std::string_view nick,
                 bool notices) {
    const Teller teller{out, nick, notices};
    const auto numbered = numbered_event(event);
    if (!numbered) return std::visit(teller, event);
    const auto* message = std::get_if<client::Message>(&event);
    const bool own = message != nullptr ? message->own : numbered->event.from == nick;
    if (!own) teller.show(numbered->event);
}

void append_gap_notice(std::string& out, std::string_view room, Position from, Position to,
                       std::string_view why) {
    // How many they are is known within an epoch alone.
    const bool counted = from.epoch == to.epoch;
    const std::string end =
        counted ? fmt::format("{}", to.seq) : fmt::format("{}:{}", to.epoch, to.seq);
    const std::string what =
        counted ? fmt::format("{} messages", to.seq - from.seq + 1) : "Messages";
    wire::append_line(
        out, false,
        fmt::format("NOTE * GAP #{} {}:{}-{} :{} were not delivered to you{}{}.", safe(room),
                    from.epoch, from.seq, end, what, why.empty() ? "" : "; ", why));
}

}  // namespace chatd::terminal
