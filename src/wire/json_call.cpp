#include "chatd/wire/json_call.hpp"

#include <fmt/core.h>

#include <variant>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/json_text.hpp"
#include "chatd/wire/time_text.hpp"

namespace chatd::wire {

namespace {

constexpr std::int64_t ms_per_second = 1000;
constexpr std::int64_t ms_per_minute = 60 * ms_per_second;
constexpr std::int64_t ms_per_hour = 60 * ms_per_minute;

std::string_view name_of(SlowReader slow_reader) noexcept {
    switch (slow_reader) {
        case SlowReader::backfill:
            return "backfill";
        case SlowReader::oldest:
            return "oldest";
        case SlowReader::latest:
            return "latest";
        case SlowReader::close:
            return "close";
    }
    return {};
}

void append_target(std::string& out, Position at) {
    if (at) return append_json_position(out, at);
    JsonObject object(out);
    object.integer("seq", at.seq);
    object.close();
}

std::string spelled(const When& when) {
    std::string out;
    switch (when.kind) {
        case When::Kind::after:
        case When::Kind::every:
            append_duration(out, when.ms);
            break;
        case When::Kind::at:
            append_time(out, when.ms);
            break;
        case When::Kind::time_of_day:
            out = fmt::format("{:02}:{:02}:{:02}", when.ms / ms_per_hour,
                              when.ms / ms_per_minute % 60, when.ms / ms_per_second % 60);
            break;
    }
    return out;
}

/// Writes the members of one request and tells its method.
class Caller {
public:
    explicit Caller(std::string& params) : out_(params), object_(params) {}

    std::string_view operator()(const Say& say) {
        object_.text("body", say.body);
        room(say.room);
        flag("action", say.action);
        text("key", say.key);
        if (say.reply_to.seq > 0) target("reply_to", say.reply_to);
        return "say";
    }
    std::string_view operator()(const Edit& edit) {
        target("target", edit.target);
        object_.text("body", edit.body);
        room(edit.room);
        return "edit";
    }
    std::string_view operator()(const Redact& redact) {
        target("target", redact.target);
        room(redact.room);
        return "redact";
    }
    std::string_view operator()(const React& react) {
        target("target", react.target);
        object_.text("reaction", react.reaction);
        room(react.room);
        flag("off", react.off);
        return "react";
    }
    std::string_view operator()(const Topic& topic) {
        room(topic.room);
        if (topic.text) object_.text("topic", *topic.text);
        return "topic";
    }
    std::string_view operator()(const Typing& typing) {
        room(typing.room);
        object_.boolean("on", typing.on);
        return "typing";
    }
    std::string_view operator()(const Read& read) {
        target("at", read.at);
        room(read.room);
        return "read";
    }
    std::string_view operator()(const Nick& nick) {
        object_.text("nick", nick.name);
        return "nick";
    }
    std::string_view operator()(const Join& join) {
        object_.text("room", join.room);
        since_and_slow_reader(object_, join.since, join.slow_reader);
        return "join";
    }
    std::string_view operator()(const Leave& leave) { return of_room(leave.room, "leave"); }
    std::string_view operator()(const Rooms&) { return "rooms"; }
    std::string_view operator()(const Who& who) { return of_room(who.room, "who"); }
    std::string_view operator()(const History& history) {
        room(history.room);
        if (history.after) object_.position("after", history.after);
        if (history.before) object_.position("before", history.before);
        if (history.limit > 0) object_.integer("limit", history.limit);
        return "history";
    }
    std::string_view operator()(const Search& search) {
        object_.text("query", search.query);
        room(search.room);
        if (search.limit > 0) object_.integer("limit", search.limit);
        if (search.skip > 0) object_.integer("skip", search.skip);
        return "search";
    }
    std::string_view operator()(const Msg& msg) {
        object_.text("nick", msg.nick);
        object_.text("body", msg.body);
        return "msg";
    }
    std::string_view operator()(const Ping& ping) {
        text("token", ping.token);
        return "ping";
    }
    std::string_view operator()(const Notices& notices) {
        object_.boolean("on", notices.on);
        return "notices";
    }
    std::string_view operator()(const Datagrams& datagrams) {
        object_.integer("hz", datagrams.hz);
        return "datagrams";
    }
    std::string_view operator()(const Datagram& datagram) {
        object_.name("hex");
        append_json_hex(out_, Bytes(datagram.payload));
        return "datagram";
    }
    std::string_view operator()(const Schedule& schedule) {
        object_.text("body", schedule.body);
        if (schedule.when.kind == When::Kind::every) {
            object_.text("every", spelled(schedule.when));
        } else {
            object_.text("when", spelled(schedule.when));
        }
        room(schedule.room);
        flag("action", schedule.action);
        if (schedule.id > 0) object_.integer("id", schedule.id);
        return "schedule";
    }
    std::string_view operator()(const Schedules&) { return "schedules"; }
    std::string_view operator()(const Unschedule& unschedule) {
        object_.integer("id", unschedule.id);
        return "unschedule";
    }
    std::string_view operator()(const Stats&) { return "stats"; }
    std::string_view operator()(const Connections& page) {
        if (page.after > 0) object_.integer("after", page.after);
        if (page.limit > 0) object_.integer("limit", page.limit);
        return "connections";
    }
    std::string_view operator()(const Hello& hello) {
        text("nick", hello.nick);
        rooms_and_notices(hello.rooms, hello.notices);
        return "hello";
    }
    std::string_view operator()(const Resume& resume) {
        object_.text("token", resume.token);
        rooms_and_notices(resume.rooms, resume.notices);
        return "resume";
    }
    std::string_view operator()(const Help&) { return {}; }
    std::string_view operator()(const Quit&) { return "quit"; }

    void close() { object_.close(); }

private:
    template <std::size_t size>
    void text(const char (&name)[size], std::string_view value) {
        if (!value.empty()) object_.text(name, value);
    }
    template <std::size_t size>
    void flag(const char (&name)[size], bool value) {
        if (value) object_.boolean(name, true);
    }
    template <std::size_t size>
    void target(const char (&name)[size], Position at) {
        object_.name(name);
        append_target(out_, at);
    }
    void room(std::string_view name) { text("room", name); }
    std::string_view of_room(std::string_view name, std::string_view method) {
        room(name);
        return method;
    }

    static void since_and_slow_reader(JsonObject& object, const std::optional<Position>& since,
                                      const std::optional<SlowReader>& slow_reader) {
        if (since) object.position("since", *since);
        if (slow_reader) object.text("slow_reader", name_of(*slow_reader));
    }

    void rooms_and_notices(const std::optional<std::vector<RoomSince>>& rooms,
                           const std::optional<bool>& notices) {
        if (rooms) {
            object_.name("rooms");
            append_json_array(out_, *rooms, [this](const RoomSince& one) {
                JsonObject object(out_);
                object.text("room", one.room);
                since_and_slow_reader(object, one.since, one.slow_reader);
                object.close();
            });
        }
        if (notices) object_.boolean("notices", *notices);
    }

    std::string& out_;
    JsonObject object_;
};

}  // namespace

std::string_view append_call_json(std::string& params, const Request& request) {
    if (std::holds_alternative<Help>(request)) return {};
    Caller caller(params);
    const std::string_view method = std::visit(caller, request);
    caller.close();
    return method;
}

}  // namespace chatd::wire
