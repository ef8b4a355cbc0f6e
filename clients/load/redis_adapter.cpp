// Redis publish/subscribe in RESP3, where one connection may both subscribe and publish. What a
// reader needs of RESP: a value is a type byte, a head up to CRLF, and for the aggregates as many
// values more.

#include <fmt/format.h>

#include <charconv>

#include "load/adapter.hpp"

namespace chatd::load {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr unsigned depth_max = 8;
constexpr std::int64_t elements_max = 1024;

/// Takes values off the front of an input.
class Reader {
public:
    /// Begins `at` bytes into `input`.
    Reader(std::string_view input, std::size_t at) noexcept : input_(input), at_(at) {}

    enum class Outcome : std::uint8_t { whole, unfinished, malformed };

    Outcome skip_value(unsigned depth = 0) noexcept {
        std::string_view head;
        if (const Outcome outcome = take_head(head); outcome != Outcome::whole) return outcome;
        switch (head.front()) {
            case '+':
            case '-':
            case ':':
            case '_':
            case ',':
            case '#':
            case '(':
                return Outcome::whole;
            case '$':
            case '=':
            case '!':
                return skip_blob(head);
            case '*':
            case '>':
            case '~':
            case '%':
                return skip_elements(head, depth);
            default:
                return Outcome::malformed;
        }
    }

    /// A bulk string ("$5 CRLF lobby CRLF").
    Outcome take_blob(std::string_view& blob) noexcept {
        std::string_view head;
        if (const Outcome outcome = take_head(head); outcome != Outcome::whole) return outcome;
        if (head.front() != '$') return Outcome::malformed;
        const std::size_t begin = at_;
        const Outcome outcome = skip_blob(head);
        if (outcome == Outcome::whole && at_ >= begin + line_end.size()) {
            blob = input_.substr(begin, at_ - begin - line_end.size());
        }
        return outcome;
    }

    std::size_t at() const noexcept { return at_; }

private:
    Outcome take_head(std::string_view& head) noexcept {
        const std::size_t end = input_.find(line_end, at_);
        if (end == std::string_view::npos) return Outcome::unfinished;
        if (end == at_) return Outcome::malformed;
        head = input_.substr(at_, end - at_);
        at_ = end + line_end.size();
        return Outcome::whole;
    }

    static bool count_in(std::string_view head, std::int64_t& count) noexcept {
        const char* end = head.data() + head.size();
        const auto result = std::from_chars(head.data() + 1, end, count);
        return result.ec == std::errc{} && result.ptr == end && count >= -1;
    }

    Outcome skip_blob(std::string_view head) noexcept {
        std::int64_t bytes = 0;
        if (!count_in(head, bytes)) return Outcome::malformed;
        if (bytes < 0) return Outcome::whole;  // null
        const std::size_t whole = static_cast<std::size_t>(bytes) + line_end.size();
        if (input_.size() - at_ < whole) return Outcome::unfinished;
        at_ += whole;
        return Outcome::whole;
    }

    Outcome skip_elements(std::string_view head, unsigned depth) noexcept {
        std::int64_t count = 0;
        if (!count_in(head, count) || count > elements_max || depth == depth_max) {
            return Outcome::malformed;
        }
        if (head.front() == '%') count *= 2;
        for (std::int64_t index = 0; index < count; ++index) {
            if (const Outcome outcome = skip_value(depth + 1); outcome != Outcome::whole) {
                return outcome;
            }
        }
        return Outcome::whole;
    }

    std::string_view input_;
    std::size_t at_ = 0;
};

class RedisAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {.echoes_own = true}; }
    std::string greeting(const Member& member) override {
        std::string hello = "HELLO 3\r\n";
        if (member.listens) hello += fmt::format("SUBSCRIBE {}\r\n", venue_.room);
        return hello;
    }
    void encode(std::string_view body, std::string& target) override {
        fmt::format_to(std::back_inserter(target),
                       "*3\r\n$7\r\nPUBLISH\r\n${}\r\n{}\r\n${}\r\n{}\r\n", venue_.room.size(),
                       venue_.room, body.size(), body);
    }
    void decode(std::string_view input, const Member& member, bool, Heard& heard) override {
        while (heard.consumed < input.size()) {
            const std::string_view rest = input.substr(heard.consumed);
            const bool push = rest.starts_with(push_head);
            Reader reader(rest, push ? push_head.size() : 0);
            const auto outcome =
                push ? take_push(reader, heard) : take_reply(reader, rest, member, heard);
            if (outcome == Reader::Outcome::malformed) heard.refusal = "an answer that is no RESP";
            if (outcome != Reader::Outcome::whole) return;
            heard.consumed += reader.at();
        }
    }

private:
    // Every push here has three elements: its kind, the channel, and a body or a count.
    static constexpr std::string_view push_head = ">3\r\n";

    static Reader::Outcome take_push(Reader& reader, Heard& heard) {
        std::string_view kind;
        std::string_view channel;
        std::string_view body;
        Reader::Outcome outcome = reader.take_blob(kind);
        if (outcome == Reader::Outcome::whole) outcome = reader.take_blob(channel);
        if (outcome != Reader::Outcome::whole) return outcome;
        const bool message = kind == "message";
        outcome = message ? reader.take_blob(body) : reader.skip_value();
        if (outcome != Reader::Outcome::whole) return outcome;
        if (message) heard.bodies.push_back(body);
        if (kind == "subscribe") heard.ready = true;
        return outcome;
    }

    static Reader::Outcome take_reply(Reader& reader, std::string_view rest, const Member& member,
                                      Heard& heard) {
        const Reader::Outcome outcome = reader.skip_value();
        if (outcome != Reader::Outcome::whole) return outcome;
        if (rest.front() == '-') heard.refusal = rest.substr(0, rest.find(line_end));
        // HELLO answers with a map; a subscriber waits for its subscription as well.
        if (rest.front() == '%' && !member.listens) heard.ready = true;
        return outcome;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_redis_adapter(Venue venue) {
    return std::make_unique<RedisAdapter>(std::move(venue));
}

}  // namespace chatd::load
