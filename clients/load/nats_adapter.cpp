// The NATS client protocol: CONNECT without echo, SUB, PUB, and a PING whose PONG ends the login.

#include <fmt/format.h>

#include <charconv>

#include "load/adapter.hpp"

namespace chatd::load {

namespace {

constexpr std::string_view line_end = "\r\n";

class NatsAdapter final : public Adapter {
public:
    using Adapter::Adapter;

    Traits traits() const noexcept override { return {}; }
    std::string greeting(const Member& member) override {
        std::string hello = "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\n";
        if (member.listens) hello += fmt::format("SUB {} 1\r\n", venue_.room);
        return hello + "PING\r\n";
    }
    void encode(std::string_view body, std::string& target) override {
        fmt::format_to(std::back_inserter(target), "PUB {} {}\r\n{}\r\n", venue_.room, body.size(),
                       body);
    }
    void decode(std::string_view input, const Member&, bool, Heard& heard) override {
        while (true) {
            const std::string_view rest = input.substr(heard.consumed);
            const std::size_t end = rest.find(line_end);
            if (end == std::string_view::npos) return;
            const std::string_view line = rest.substr(0, end);
            const std::size_t taken = line.starts_with("MSG ") ? take_message(line, rest, heard)
                                                               : take_operation(line, heard);
            if (taken == 0) return;
            heard.consumed += taken;
        }
    }

private:
    /// `MSG subject sid [reply] size`, then as many bytes and CRLF; 0 while they are not all there.
    static std::size_t take_message(std::string_view line, std::string_view rest, Heard& heard) {
        const std::string_view digits = line.substr(line.rfind(' ') + 1);
        std::size_t body_bytes = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), body_bytes);
        if (error != std::errc{} || end != digits.data() + digits.size()) {
            heard.refusal = line;
            return 0;
        }
        const std::size_t body_begin = line.size() + line_end.size();
        if (rest.size() - body_begin < body_bytes + line_end.size()) return 0;
        heard.bodies.push_back(rest.substr(body_begin, body_bytes));
        return body_begin + body_bytes + line_end.size();
    }

    static std::size_t take_operation(std::string_view line, Heard& heard) {
        if (line == "PING") heard.reply += "PONG\r\n";
        if (line == "PONG") heard.ready = true;
        if (line.starts_with("-ERR")) heard.refusal = line;
        return line.size() + line_end.size();
    }
};

}  // namespace

std::unique_ptr<Adapter> make_nats_adapter(Venue venue) {
    return std::make_unique<NatsAdapter>(std::move(venue));
}

}  // namespace chatd::load
