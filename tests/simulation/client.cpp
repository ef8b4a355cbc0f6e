#include "simulation/client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "chatd/base/limits.hpp"
#include "chatd/wire/websocket.hpp"

namespace chatd::simulation {

namespace {

using wire::WebSocketOpcode;

wire::MaskKey draw_key(Prng& prng) {
    wire::MaskKey key;
    for (std::byte& byte : key)
        byte = static_cast<std::byte>(prng.below(256));
    return key;
}

// Pieces of text and how they are shown. The shown forms are written out here rather than made by
// the server's code. An empty `shown` ends a text line.
struct Piece {
    std::string_view typed;
    std::string_view shown;
};
constexpr std::array<Piece, 10> pieces{{
    {" and", " and"},
    {"\xc3\xa9", "\xc3\xa9"},                  // é
    {"\xe6\xbc\xa2", "\xe6\xbc\xa2"},          // 漢
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},  // a face
    {"\x1b[2J", "\xe2\x90\x9b[2J"},            // ESC
    {"\x7f", "\xe2\x90\xa1"},                  // DEL
    {"\xc2\x85", "\xef\xbf\xbd"},              // NEL, a C1 control
    {"\xe2\x80\xae", "\xef\xbf\xbd"},          // right-to-left override
    {"\xe2\x80\xa8", ""},                      // U+2028 ends a text line
    {"\r", ""},
}};

struct Body {
    std::string typed;
    std::vector<std::string> shown;
};

// Begins with a token that no other line has, ends in a full stop.
Body draw_body(Prng& prng, std::string token, std::size_t bytes_max) {
    Body body{.typed = token, .shown = {std::move(token)}};
    const bool plain = prng.chance(80);
    const std::size_t bytes = prng.below(bytes_max + 1);
    while (body.typed.size() < bytes) {
        if (plain || prng.chance(70)) {
            const std::string filler(1 + prng.below(std::min<std::size_t>(bytes, 200)), 'x');
            body.typed += filler;
            body.shown.back() += filler;
            continue;
        }
        const Piece& piece = pieces[prng.below(pieces.size())];
        body.typed += piece.typed;
        body.shown.back() += piece.shown;
        if (!piece.shown.empty()) continue;
        body.typed += 'y';  // so that no text line is empty
        body.shown.emplace_back("y");
    }
    body.typed += '.';
    body.shown.back() += '.';
    return body;
}

constexpr std::array<std::string_view, 5> strange_words{
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nosuch\"}\n",
    "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nhello\n",
    "BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n",
};

}  // namespace

std::string Client::own_nick(std::uint64_t variant) const {
    // Letters of which no two, alone or together, look like others.
    constexpr std::string_view letters = "abcdefghkp";
    std::string nick = "p";
    for (std::uint32_t rest = person.number; nick.size() == 1 || rest > 0; rest /= 10)
        nick += letters[rest % 10];
    return nick + "-" + letters[variant % letters.size()];
}

void Client::open(Prng& prng, const Plan& plan) {
    bytewise = prng.chance(plan.weather.input_bytewise);
    never_reads = prng.chance(plan.weather.never_reads);
    if (kind == ClientKind::stranger) {
        pipe = prng.chance(20) ? std::string("\x16\x03\x01\x02", 4)
                               : std::string(strange_words[prng.below(strange_words.size())]);
    } else if (kind == ClientKind::websocket) {
        framed_ = true;
        pipe =
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: chatd.text.v1\r\n\r\n";
        person.requests.push_back({.kind = RequestKind::upgrade,
                                   .argument = "lobby",
                                   .shown = {},
                                   .ready_at = pipe.size(),
                                   .since = {}});
    } else if (kind == ClientKind::text && (plan.tight || prng.chance(30))) {
        const std::string nick = own_nick(0);
        request(prng, RequestKind::nick, "/nick " + nick, nick);
    }
}

void Client::write_line(Prng& prng, std::string_view line) {
    if (!framed_) {
        pipe += line;
        pipe += prng.chance(10) ? "\r\n" : "\n";
        return;
    }
    Bytes rest = as_bytes(line);
    WebSocketOpcode opcode = WebSocketOpcode::text;
    while (prng.chance(15)) {
        const Bytes part = rest.first(prng.below(rest.size() + 1));
        wire::append_masked_frame(pipe, opcode, part, draw_key(prng), false);
        rest = rest.subspan(part.size());
        opcode = WebSocketOpcode::continuation;
        if (!prng.chance(20)) continue;
        const std::string payload = "between " + std::to_string(++pings_);
        wire::append_masked_frame(pipe, WebSocketOpcode::ping, as_bytes(payload), draw_key(prng));
        reader.expect_pong(payload);
    }
    wire::append_masked_frame(pipe, opcode, rest, draw_key(prng));
}

void Client::request(Prng& prng, RequestKind request_kind, std::string_view line,
                     std::string argument, std::vector<std::string> shown) {
    write_line(prng, line);
    person.requests.push_back({.kind = request_kind,
                               .argument = std::move(argument),
                               .shown = std::move(shown),
                               .ready_at = pipe.size(),
                               .since = {}});
}

void Client::write_pong(Prng& prng, std::string_view payload) {
    if (writes()) {
        wire::append_masked_frame(pipe, WebSocketOpcode::pong, as_bytes(payload), draw_key(prng));
    }
}

void Client::write_body(Prng& prng, RequestKind request_kind, std::string_view prefix,
                        std::string argument, std::size_t bytes_max) {
    Body body =
        draw_body(prng, std::to_string(person.number) + "." + std::to_string(++token_), bytes_max);
    request(prng, request_kind, std::string(prefix) + body.typed, std::move(argument),
            std::move(body.shown));
}

void Client::write_refused(Prng& prng) {
    using namespace std::string_view_literals;
    switch (prng.below(framed_ ? 4 : 5)) {
        case 0:
            return request(prng, RequestKind::refused, "/nosuch thing",
                           "FAIL NOSUCH UNKNOWN_COMMAND");
        case 1:
            return request(prng, RequestKind::refused, "/join", "FAIL JOIN NEED_MORE_PARAMS");
        case 2:
            return request(prng, RequestKind::refused, "nul\0inside"sv, "FAIL * NUL");
        case 3: {
            const std::string line(limits::line_bytes_max + 1 + prng.below(100), 'z');
            const std::size_t start = pipe.size();
            request(prng, RequestKind::refused, line, "FAIL * LINE_TOO_LONG");
            // It is told as soon as the bound is passed, however the rest comes.
            if (!framed_) person.requests.back().ready_at = start + limits::line_bytes_max + 1;
            return;
        }
        default:
            return request(prng, RequestKind::refused, "bad \xc3( utf-8", "FAIL * BAD_UTF8");
    }
}

void Client::half_close(Prng& prng, const Plan& plan) {
    // An unfinished last line counts as a line.
    if (!framed_ && kind == ClientKind::text && prng.chance(50)) {
        write_body(prng, RequestKind::say, "", {}, plan.body_bytes_max);
        while (pipe.back() == '\n' || pipe.back() == '\r')
            pipe.pop_back();
        person.requests.back().ready_at = pipe.size() + 1;
    }
    fin_queued = true;
}

void Client::end_websocket(Prng& prng, bool badly) {
    const std::size_t start = pipe.size();
    if (badly) {
        wire::append_frame(pipe, WebSocketOpcode::text, as_bytes("unmasked"));
    } else {
        wire::append_masked_close(pipe, wire::close_code::normal, "bye", draw_key(prng));
    }
    // The second byte tells whether a frame is masked.
    person.requests.push_back({.kind = RequestKind::websocket_close,
                               .argument = {},
                               .shown = {},
                               .ready_at = badly ? start + 2 : pipe.size(),
                               .since = {}});
}

void Client::act(Prng& prng, const Plan& plan, const Model& model, Act act) {
    if (kind == ClientKind::silent || kind == ClientKind::stranger) {
        if (act == Act::half_close) fin_queued = true;
        if (act == Act::reset) reset_queued = true;
        return;
    }
    const std::string room(room_names[prng.below(plan.room_count)]);
    switch (act) {
        case Act::say:
            return write_body(prng, RequestKind::say, "", {}, plan.body_bytes_max);
        case Act::action:
            return write_body(prng, RequestKind::action, "/me ", {}, plan.body_bytes_max);
        case Act::say_long:
            return write_body(prng, RequestKind::say, "", {}, 3'500);
        case Act::nick: {
            std::string nick = own_nick(prng.below(10));
            // Somebody else's, now and then; not where it is not known who has it just now.
            if (!plan.tight && prng.chance(20)) nick = model.some_nick(prng.next()).value_or(nick);
            const std::string line = "/nick " + nick;
            if (nick.starts_with("guest-")) {
                return request(prng, RequestKind::refused, line, "FAIL NICK BAD_NICK");
            }
            return request(prng, RequestKind::nick, line, nick);
        }
        case Act::join:
            return request(prng, RequestKind::join, (prng.chance(50) ? "/join #" : "/join ") + room,
                           room);
        case Act::leave:
            if (prng.chance(50)) return request(prng, RequestKind::leave, "/leave");
            return request(prng, RequestKind::leave, "/leave " + room, room);
        case Act::msg: {
            const std::string nick = model.some_nick(prng.next()).value_or("nobody");
            return write_body(prng, RequestKind::msg, "/msg " + nick + " ", nick,
                              plan.body_bytes_max);
        }
        case Act::who:
            return request(prng, RequestKind::who, "/who");
        case Act::rooms:
            return request(prng, RequestKind::rooms, "/rooms");
        case Act::ping: {
            const std::string token = std::to_string(++token_);
            return request(prng, RequestKind::ping, "/ping " + token, token);
        }
        case Act::notices: {
            const std::string on = prng.chance(60) ? "on" : "off";
            return request(prng, RequestKind::notices, "/notices " + on, on);
        }
        case Act::help:
            return request(prng, RequestKind::help, "/help");
        case Act::refused:
            return write_refused(prng);
        case Act::empty:
            return write_line(prng, "");
        case Act::hex: {
            const std::string payload =
                "posted " + std::to_string(person.number) + "." + std::to_string(++token_);
            std::string line = "/hex";
            for (const char byte : payload) {
                constexpr std::string_view digits = "0123456789abcdef";
                line += ' ';
                line += digits[static_cast<unsigned char>(byte) >> 4];
                line += digits[static_cast<unsigned char>(byte) & 15];
            }
            return request(prng, RequestKind::hex, line, payload);
        }
        case Act::dgram: {
            reader.sees_datagrams = true;
            const std::string on = prng.chance(70) ? "on 100" : "off";
            return request(prng, RequestKind::dgram, "/dgram " + on, on);
        }
        case Act::quit:
            return request(prng, RequestKind::quit, "/quit");
        case Act::half_close:
            return half_close(prng, plan);
        case Act::reset:
            reset_queued = true;
            return;
        case Act::websocket_ping: {
            if (!framed_) return;
            const std::string payload = "ping " + std::to_string(++pings_);
            reader.expect_pong(payload);
            wire::append_masked_frame(pipe, WebSocketOpcode::ping, as_bytes(payload),
                                      draw_key(prng));
            return;
        }
        case Act::websocket_close:
        case Act::websocket_bad:
            if (!framed_) return;
            return end_websocket(prng, act == Act::websocket_bad);
    }
}

}  // namespace chatd::simulation
