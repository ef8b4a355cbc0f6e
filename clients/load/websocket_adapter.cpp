// chatd in WebSocket text messages: one of its dialects, named as subprotocol, one line each
// without its newline. After the upgrade every input is decoded from the first byte of a message,
// so no decoder need be kept per connection.

#include <fmt/format.h>

#include <cstring>

#include "chatd/base/prng.hpp"
#include "chatd/wire/websocket.hpp"
#include "load/dialect.hpp"
#include "load/lines.hpp"

namespace chatd::load {

namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr wire::WebSocketLimits limits{.message_bytes_max = 64 * 1024, .fragments_max = 16};

class WebSocketAdapter final : public Adapter {
public:
    WebSocketAdapter(Venue venue, std::unique_ptr<Dialect> dialect)
        : Adapter(std::move(venue)), dialect_(std::move(dialect)), prng_(venue_.seed) {}

    Traits traits() const noexcept override {
        return {.publishers_hear = true, .echoes_own = dialect_->echoes_own()};
    }

    std::string greeting(const Member&) override {
        // RFC 6455 4.1: the key is 16 bytes in base64. Which ones is of no use to a load
        // generator, so all connections send one.
        return fmt::format(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: Y2hhdGxvYWQgaGVyZS4uLg==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: {}\r\n\r\n",
            venue_.host, dialect_->subprotocol());
    }

    void encode(std::string_view body, std::string& target) override {
        said_.clear();
        dialect_->append_said(body, said_);
        append_text(target, said_);
    }

    void decode(std::string_view input, const Member& member, bool ready, Heard& heard) override {
        // No frame begins with an H, whose second bit is reserved (RFC 6455 5.2).
        if (!ready && input.starts_with('H') && !take_response(input, member, heard)) return;
        take_frames(input, heard);
    }

private:
    bool take_response(std::string_view input, const Member& member, Heard& heard) {
        const std::size_t end = input.find(head_end);
        if (end == std::string_view::npos) return false;
        if (!input.starts_with("HTTP/1.1 101 ")) {
            heard.refusal = input.substr(0, input.find("\r\n"));
            return false;
        }
        heard.consumed = end + head_end.size();
        for_each_line(dialect_->login(nick_of(member)),
                      [&](std::string_view line) { append_text(heard.reply, line); });
        return true;
    }

    void take_frames(std::string_view input, Heard& heard) {
        wire::WebSocketDecoder decoder(wire::WebSocketRole::client);
        message_.clear();
        const wire::WebSocketMemory memory{message_, scratch_, limits.message_bytes_max};
        std::size_t at = heard.consumed;
        while (at < input.size()) {
            const auto step = decoder.step(as_bytes(input.substr(at)), limits, memory);
            if (step.kind == wire::WebSocketStep::Kind::none) return;
            at += step.consumed;
            take_step(step, input, heard);
            if (!heard.refusal.empty()) return;
            // A control frame inside a fragmented message is seen again with the message.
            if (decoder.between_messages()) heard.consumed = at;
        }
    }

    void take_step(const wire::WebSocketStep& step, std::string_view input, Heard& heard) {
        using Kind = wire::WebSocketStep::Kind;
        const std::string_view payload = as_text(step.payload);
        switch (step.kind) {
            case Kind::text:
                dialect_->take(within(input, payload) ? payload : heard.kept.emplace_back(payload),
                               heard);
                break;
            case Kind::ping:
                append_masked(heard.reply, wire::WebSocketOpcode::pong, step.payload);
                break;
            case Kind::close:
                heard.refusal = fmt::format("closed with {} {}", step.code, payload);
                break;
            case Kind::failed:
                heard.refusal = fmt::format("no WebSocket: {}", payload);
                break;
            case Kind::none:
            case Kind::binary:
            case Kind::pong:
                break;
        }
    }

    static bool within(std::string_view input, std::string_view part) noexcept {
        const std::less_equal<const char*> not_after;
        return not_after(input.data(), part.data()) &&
               not_after(part.data() + part.size(), input.data() + input.size());
    }

    void append_text(std::string& target, std::string_view line) {
        append_masked(target, wire::WebSocketOpcode::text, as_bytes(line));
    }

    void append_masked(std::string& target, wire::WebSocketOpcode opcode, Bytes payload) {
        const std::uint64_t drawn = prng_.next();
        wire::MaskKey key;
        std::memcpy(key.data(), &drawn, key.size());
        wire::append_masked_frame(target, opcode, payload, key);
    }

    std::unique_ptr<Dialect> dialect_;
    Prng prng_;
    std::string said_;
    std::string message_;
    std::string scratch_;
};

}  // namespace

std::unique_ptr<Adapter> make_websocket_adapter(Venue venue) {
    auto dialect = make_text_dialect(venue);
    return std::make_unique<WebSocketAdapter>(std::move(venue), std::move(dialect));
}

std::unique_ptr<Adapter> make_websocket_json_adapter(Venue venue) {
    auto dialect = make_json_dialect(venue);
    return std::make_unique<WebSocketAdapter>(std::move(venue), std::move(dialect));
}

}  // namespace chatd::load
