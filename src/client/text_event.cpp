#include "chatd/client/text_event.hpp"

#include <algorithm>
#include <charconv>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/form.hpp"

namespace chatd::client {

namespace {

using Kind = TextEvent::Kind;
using Severity = TextEvent::Severity;

// Wider than the server's rules for names, so that a newer server's names are still names, yet
// without the bytes that give a line its shape.
bool name_byte(char byte) noexcept {
    return static_cast<unsigned char>(byte) > 0x20 && byte != 0x7f &&
           std::string_view("<>[]#@*").find(byte) == std::string_view::npos;
}

bool is_name(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), name_byte);
}

bool code_byte(char byte) noexcept {
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

bool is_code(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), code_byte);
}

bool is_hex_digit(char byte) noexcept {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
}

template <class Number>
bool parse_number(std::string_view digits, Number& number) noexcept {
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc{} && stopped == end;
}

// Cuts `text` at the first `mark`: what stands before it, and the rest behind it left in `text`.
// False, and nothing changed, without a mark.
bool cut_at(std::string_view& text, std::string_view mark, std::string_view& before) noexcept {
    const auto found = text.find(mark);
    if (found == std::string_view::npos) return false;
    before = text.substr(0, found);
    text.remove_prefix(found + mark.size());
    return true;
}

// Takes one blank off the front. An empty rest passes too: a body may be empty.
bool skip_blank(std::string_view& text) noexcept {
    if (text.empty()) return true;
    if (text.front() != ' ') return false;
    text.remove_prefix(1);
    return true;
}

// "<ana> hello", '<' taken off.
bool parse_message(std::string_view rest, TextEvent& event) noexcept {
    if (!cut_at(rest, ">", event.from) || !is_name(event.from) || !skip_blank(rest)) return false;
    event.kind = Kind::message;
    event.body = rest;
    return true;
}

// "ana waves", the mark before it taken off.
bool parse_named(std::string_view rest, Kind kind, TextEvent& event) noexcept {
    event.from = next_word(rest);
    if (!is_name(event.from)) return false;
    event.kind = kind;
    event.body = rest;
    return true;
}

// "de ad" at the front of "de ad |..|".
std::string_view leading_hex(std::string_view text) noexcept {
    std::size_t taken = 0;
    for (std::size_t at = 0; at + 2 <= text.size(); at += 3) {
        if (!is_hex_digit(text[at]) || !is_hex_digit(text[at + 1])) break;
        taken = at + 2;
        if (taken == text.size() || text[taken] != ' ') break;
    }
    return text.substr(0, taken);
}

// "udp:7 #12 4B] de ad |..|", '[' taken off.
bool parse_datagram(std::string_view rest, TextEvent& event) noexcept {
    std::string_view head;
    if (!cut_at(rest, "]", head) || !skip_blank(rest)) return false;
    event.from = next_word(head);
    if (!is_name(event.from)) return false;
    if (head.starts_with('#')) {
        std::uint32_t number = 0;
        if (!parse_number(next_word(head).substr(1), number)) return false;
        event.datagram_number = number;
    }
    if (!head.ends_with('B')) return false;
    if (!parse_number(head.substr(0, head.size() - 1), event.datagram_bytes)) return false;
    event.kind = Kind::datagram;
    event.body = rest;
    event.hex = leading_hex(rest);
    return true;
}

// "NICK NICK_IN_USE ana :Taken.", the severity taken off.
bool parse_reply(std::string_view rest, Severity severity, TextEvent& event) noexcept {
    std::string_view head;
    // A context word never begins with a colon, so the first " :" begins the sentence.
    if (!cut_at(rest, " :", head)) return false;
    event.command = next_word(head);
    event.code = next_word(head);
    if (event.command != "*" && !is_code(event.command)) return false;
    if (!is_code(event.code)) return false;
    event.kind = Kind::reply;
    event.severity = severity;
    event.context = head;
    event.body = rest;
    return true;
}

// What may follow a room mark, or begin a line of the lobby.
bool parse_in_room(std::string_view line, TextEvent& event) noexcept {
    if (line.starts_with('<')) return parse_message(line.substr(1), event);
    if (line.starts_with("* ")) return parse_named(line.substr(2), Kind::action, event);
    if (line.starts_with('[')) return parse_datagram(line.substr(1), event);
    return false;
}

bool parse(std::string_view line, TextEvent& event) noexcept {
    if (line.starts_with('#')) {
        std::string_view room;
        line.remove_prefix(1);
        if (!cut_at(line, " ", room) || !is_name(room)) return false;
        event.room = room;
        return parse_in_room(line, event);
    }
    if (line.starts_with('@')) {
        return parse_named(line.substr(1), Kind::private_message, event);
    }
    if (line == "--" || line.starts_with("-- ")) {
        event.kind = Kind::notice;
        event.body = line.substr(std::min<std::size_t>(3, line.size()));
        return true;
    }
    if (line.starts_with("FAIL ")) return parse_reply(line.substr(5), Severity::fail, event);
    if (line.starts_with("WARN ")) return parse_reply(line.substr(5), Severity::warn, event);
    if (line.starts_with("NOTE ")) return parse_reply(line.substr(5), Severity::note, event);
    event.room = wire::lobby_name;
    return parse_in_room(line, event);
}

}  // namespace

TextEvent parse_text_event(std::string_view line) noexcept {
    TextEvent event;
    if (parse(line, event)) return event;
    TextEvent other;
    other.body = line;
    return other;
}

std::string_view next_word(std::string_view& words) noexcept {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    return word;
}

}  // namespace chatd::client
