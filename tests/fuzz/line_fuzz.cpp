// Any line decodes to a request whose views lie within it, or to a refusal that can be shown; and
// what is said of it, whatever it holds, reads back as said by its author in its room.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "chatd/base/assert.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/form.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/text_request.hpp"
#include "chatd/wire/utf8.hpp"

using namespace chatd;
using namespace chatd::wire;

namespace {

constexpr std::size_t datagram_bytes_max = 8;

/// What must hold of each request, given the line it came from.
struct Check {
    std::string_view line;

    void within(std::string_view view) const {
        if (view.empty()) return;
        CHATD_ASSERT(view.data() >= line.data());
        CHATD_ASSERT(view.data() + view.size() <= line.data() + line.size());
    }
    void word(std::string_view view) const {
        within(view);
        CHATD_ASSERT(view.find_first_of(" \t") == std::string_view::npos);
    }

    void operator()(const Say& say) const {
        within(say.body);
        CHATD_ASSERT(!say.body.empty());
        const bool is_line = !say.action && say.reply_to == Position{};
        CHATD_ASSERT(line.ends_with(say.body) || !is_line);
        marked(say.room);
        reads_back(say);
    }
    void marked(std::string_view room) const {
        word(room);
        CHATD_ASSERT(room.empty() || room.starts_with('#'));
    }
    static void message(const Position& at) {
        CHATD_ASSERT(at.seq > 0);
        CHATD_ASSERT(at.seq <= json_integer_max);
        CHATD_ASSERT(at.epoch <= json_integer_max);
    }
    void operator()(const Edit& edit) const {
        marked(edit.room);
        message(edit.target);
        within(edit.body);
        CHATD_ASSERT(!edit.body.empty());
    }
    void operator()(const Redact& redact) const {
        marked(redact.room);
        message(redact.target);
    }
    void operator()(const React& react) const {
        marked(react.room);
        message(react.target);
        word(react.reaction);
        CHATD_ASSERT(!react.reaction.empty());
        CHATD_ASSERT(react.reaction.size() <= limits::reaction_bytes_max);
    }
    void operator()(const Topic& topic) const {
        marked(topic.room);
        if (topic.text) within(*topic.text);
    }
    void operator()(const Typing& typing) const { marked(typing.room); }
    void operator()(const Read& read) const {
        marked(read.room);
        message(read.at);
    }
    void operator()(const History& history) const {
        word(history.room);
        CHATD_ASSERT(history.before == Position{} || history.after == Position{});
        CHATD_ASSERT(history.limit <= limits::history_page_max);
    }
    void operator()(const Search& search) const {
        within(search.query);
        CHATD_ASSERT(!search.query.empty());
        CHATD_ASSERT(search.query.size() <= limits::search_query_bytes_max);
    }
    void operator()(const Schedule& schedule) const {
        marked(schedule.room);
        within(schedule.body);
        CHATD_ASSERT(!schedule.body.empty());
        CHATD_ASSERT(schedule.when.ms > 0 || schedule.when.kind == When::Kind::time_of_day ||
                     schedule.when.kind == When::Kind::at);
    }
    void operator()(const Schedules&) const {}
    void operator()(const Unschedule& unschedule) const { CHATD_ASSERT(unschedule.id > 0); }
    void operator()(const Stats&) const {}
    void operator()(const Connections&) const {}
    // No line asks for a session.
    void operator()(const Hello&) const { CHATD_ASSERT(false); }
    void operator()(const Resume&) const { CHATD_ASSERT(false); }
    void operator()(const Nick& nick) const {
        word(nick.name);
        CHATD_ASSERT(!nick.name.empty());
    }
    void operator()(const Join& join) const {
        word(join.room);
        CHATD_ASSERT(!join.room.empty());
        CHATD_ASSERT(!join.since || *join.since != Position{});
    }
    void operator()(const Leave& leave) const { word(leave.room); }
    void operator()(const Rooms&) const {}
    void operator()(const Who& who) const { word(who.room); }
    void operator()(const Msg& msg) const {
        word(msg.nick);
        within(msg.body);
        CHATD_ASSERT(!msg.nick.empty());
        CHATD_ASSERT(!msg.body.empty());
    }
    void operator()(const Ping& ping) const { within(ping.token); }
    void operator()(const Notices&) const {}
    void operator()(const Datagrams& datagrams) const {
        CHATD_ASSERT(datagrams.hz <= limits::dgram_hz_max);
    }
    void operator()(const Datagram& datagram) const {
        CHATD_ASSERT(!datagram.payload.empty());
        CHATD_ASSERT(datagram.payload.size() <= datagram_bytes_max);
    }
    void operator()(const Help&) const {}
    void operator()(const Quit&) const {}

    static void reads_back(const Say& say) {
        std::string out;
        append_event(out, Form::text,
                     {.kind = say.action ? EventKind::action : EventKind::message,
                      .room = "dev",
                      .from = "ana",
                      .body = say.body});
        CHATD_ASSERT(out.size() <= limits::record_bytes_max ||
                     count_lines(say.body, limits::body_lines_max + 1) > limits::body_lines_max);
        using client::TextEvent;
        for (std::size_t start = 0; start < out.size();) {
            const std::size_t end = out.find('\n', start);
            CHATD_ASSERT(end != std::string::npos);
            const std::string_view shown = std::string_view(out).substr(start, end - start);
            const TextEvent event = client::parse_text_event(shown);
            CHATD_ASSERT(event.kind ==
                         (say.action ? TextEvent::Kind::action : TextEvent::Kind::message));
            CHATD_ASSERT(event.from == "ana");
            CHATD_ASSERT(event.room == "dev");
            CHATD_ASSERT(is_plain(shown));
            start = end + 1;
        }
    }
};

void check_refusal(std::string_view line, const TextRefusal& refusal) {
    CHATD_ASSERT(refusal.error != Errc::none);
    const auto shown = [](char letter) {
        return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
               letter == '-';
    };
    const bool named = !refusal.command.empty() && refusal.command.size() <= 16 &&
                       std::all_of(refusal.command.begin(), refusal.command.end(), shown);
    CHATD_ASSERT(refusal.command == "*" || named);
    CHATD_ASSERT(is_plain(refusal.detail));
    CHATD_ASSERT(refusal.error == Errc::nul || refusal.error == Errc::bad_utf8 ||
                 line.starts_with('/'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > limits::line_bytes_max) return 0;
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto request = decode_text_request(line, datagram_bytes_max);
    const bool has_nul = line.find('\0') != std::string_view::npos;
    const bool is_text = utf8_valid(as_bytes(line));
    if (!request) {
        check_refusal(line, request.error());
        CHATD_ASSERT((request.error().error == Errc::nul) == has_nul);
        CHATD_ASSERT((request.error().error == Errc::bad_utf8) == (!has_nul && !is_text));
        return 0;
    }
    CHATD_ASSERT(!has_nul);
    CHATD_ASSERT(is_text);
    std::visit(Check{line}, *request);
    return 0;
}
