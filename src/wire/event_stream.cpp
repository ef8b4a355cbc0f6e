#include "chatd/wire/event_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "chatd/base/assert.hpp"
#include "chatd/wire/http.hpp"

namespace chatd::wire {

namespace {

using namespace std::string_view_literals;

// X-Accel-Buffering is how nginx is told to pass each event on at once.
constexpr auto stream_fields = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"sv;

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += '\n';
}

}  // namespace

void encode_event_stream_head(std::string& out, std::optional<std::chrono::sys_seconds> date) {
    encode_http_answer(out, {.content_type = "text/event-stream",
                             .extra = stream_fields,
                             .until_close = true,
                             .date = date});
}

void append_sse_retry(std::string& out, std::chrono::milliseconds wait) {
    fmt::format_to(std::back_inserter(out), "retry: {}\n\n", wait.count());
}

void append_sse_event(std::string& out, std::string_view name, std::string_view id,
                      std::string_view data) {
    constexpr auto breaking = "\r\n\0"sv;
    CHATD_ASSERT(name.find_first_of(breaking) == name.npos);
    CHATD_ASSERT(id.find_first_of(breaking) == id.npos);
    if (!name.empty()) append_field(out, "event", name);
    if (!id.empty()) append_field(out, "id", id);
    for (;;) {
        const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
        append_field(out, "data", data.substr(0, end));
        if (end == data.size()) break;
        data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    out += '\n';
}

}  // namespace chatd::wire
