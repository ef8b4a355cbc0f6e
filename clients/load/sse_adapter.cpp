// chatd's Server-Sent Events: a GET that never ends, and then events, each ended by an empty line.
// Who listens so cannot speak: the run's publishers need another dialect.

#include <fmt/format.h>

#include "chatd/base/assert.hpp"
#include "load/adapter.hpp"
#include "load/json_body.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view event_end = "\n\n";
constexpr std::string_view data_start = "data: ";

class SseAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {.listens_only = true}; }
    std::string greeting(const Member&) override {
        return fmt::format("GET /v1/rooms/{}/events HTTP/1.1\r\nHost: {}\r\n\r\n", venue_.room,
                           venue_.host);
    }
    void encode(std::string_view, std::string&) override {
        assertion_failed("nothing is said by who listens only", __FILE__, __LINE__);
    }
    void decode(std::string_view input, const Member&, bool ready, Heard& heard) override {
        if (!ready && !take_head(input, heard)) return;
        while (heard.consumed < input.size()) {
            const std::size_t end = input.find(event_end, heard.consumed);
            if (end == std::string_view::npos) return;
            take_event(input.substr(heard.consumed, end + 1 - heard.consumed), heard);
            heard.consumed = end + event_end.size();
        }
    }

private:
    static bool take_head(std::string_view input, Heard& heard) {
        const std::size_t end = input.find(head_end);
        if (end == std::string_view::npos) return false;
        if (!input.starts_with("HTTP/1.1 200 ")) {
            heard.refusal = input.substr(0, input.find("\r\n"));
            return false;
        }
        heard.consumed = end + head_end.size();
        heard.ready = true;
        return true;
    }

    /// The lines of one event: `id`, `event` and `data` of a message or a gap, or others.
    static void take_event(std::string_view event, Heard& heard) {
        bool message = false;
        for_each_line(event, [&](std::string_view line) {
            if (line == "event: message") {
                message = true;
            } else if (line == "event: gap") {
                ++heard.gaps;
            } else if (message && line.starts_with(data_start)) {
                take_json_body(line.substr(data_start.size()), heard);
            }
        });
    }
};

}  // namespace

std::unique_ptr<Adapter> make_sse_adapter(Venue venue) {
    return std::make_unique<SseAdapter>(std::move(venue));
}

}  // namespace chatd::load
