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
        CHATD_ASSERT(line.ends_with(say.body) || say.action);
        reads_back(say);
    }
    void operator()(const Nick& nick) const {
        word(nick.name);
        CHATD_ASSERT(!nick.name.empty());
    }
    void operator()(const Join& join) const {
        word(join.room);
        CHATD_ASSERT(!join.room.empty());
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
