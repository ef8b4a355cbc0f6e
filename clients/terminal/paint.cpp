#include "paint.hpp"

#include <array>
#include <cstdint>

#include "chatd/base/bytes.hpp"
#include "chatd/client/text_event.hpp"
#include "chatd/wire/shown.hpp"
#include "chatd/wire/utf8.hpp"

namespace chatd::terminal {

namespace {

using client::TextEvent;

constexpr std::string_view faint = "\x1b[2m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view magenta = "\x1b[35m";
constexpr std::string_view plain = "\x1b[0m";

// Bold colours that read on a light and on a dark ground.
constexpr std::array<std::string_view, nick_hues> nick_colours{
    "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1;35m", "\x1b[1;36m"};

void append_in(std::string& out, std::string_view colour, std::string_view text) {
    out += colour;
    out += text;
    out += plain;
}

// The room mark and the brackets stay as they are; only the nick has its colour.
void append_said(std::string& out, const std::string& line, const TextEvent& event) {
    const auto from_index = static_cast<std::size_t>(event.from.data() - line.data());
    out.append(line, 0, from_index);
    append_in(out, nick_colours[hue_of_nick(event.from)], event.from);
    out.append(line, from_index + event.from.size());
}

std::string_view colour_of(TextEvent::Severity severity) noexcept {
    switch (severity) {
        case TextEvent::Severity::fail:
            return red;
        case TextEvent::Severity::warn:
            return yellow;
        case TextEvent::Severity::note:
        case TextEvent::Severity::none:
            break;
    }
    return faint;
}

}  // namespace

void append_safe(std::string& out, std::string_view line) {
    if (wire::utf8_valid(as_bytes(line))) return wire::append_shown(out, line);
    // Not chatd's doing. What is not ASCII goes, since a terminal may obey single C1 bytes.
    std::string ascii;
    for (const char byte : line) {
        if (static_cast<unsigned char>(byte) < 0x80) {
            ascii += byte;
        } else {
            ascii += "\xef\xbf\xbd";  // U+FFFD
        }
    }
    wire::append_shown(out, ascii);
}

std::string safe(std::string_view text) {
    std::string out;
    append_safe(out, text);
    return out;
}

void append_painted(std::string& out, std::string_view line) {
    std::string safe;
    append_safe(safe, line);
    const TextEvent event = client::parse_text_event(safe);
    switch (event.kind) {
        case TextEvent::Kind::message:
        case TextEvent::Kind::action:
            return append_said(out, safe, event);
        case TextEvent::Kind::private_message:
            return append_in(out, magenta, safe);
        case TextEvent::Kind::datagram:
            return append_in(out, green, safe);
        case TextEvent::Kind::notice:
            return append_in(out, faint, safe);
        case TextEvent::Kind::reply:
            return append_in(out, colour_of(event.severity), safe);
        case TextEvent::Kind::other:
            break;
    }
    out += safe;
}

std::size_t hue_of_nick(std::string_view nick) noexcept {
    std::uint32_t mixed = 2166136261U;  // FNV-1a
    for (const char byte : nick)
        mixed = (mixed ^ static_cast<unsigned char>(byte)) * 16777619U;
    return mixed % nick_hues;
}

bool colours_wanted(const char* no_color, const char* term) noexcept {
    if (no_color != nullptr && *no_color != '\0') return false;
    return term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

}  // namespace chatd::terminal
