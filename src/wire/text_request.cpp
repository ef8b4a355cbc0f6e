#include "chatd/wire/text_request.hpp"

#include <array>
#include <charconv>
#include <utility>
#include <variant>

#include "chatd/base/bytes.hpp"
#include "chatd/base/limits.hpp"
#include "chatd/wire/hex.hpp"
#include "chatd/wire/utf8.hpp"
#include "wire/text_command.hpp"

namespace chatd::wire {

namespace {

constexpr std::size_t command_bytes_max = 16;  // longest that is echoed in a FAIL

constexpr std::array<std::string_view, 31> help{
    "/help                 this list",
    "/nick NAME            choose your name",
    "/join ROOM            enter a room, or make it the current one",
    "/leave [ROOM]         leave the current room, or ROOM",
    "/rooms                the rooms and how many are in each",
    "/who [ROOM]           who is here",
    "/topic [#ROOM] [TEXT] what a room is about; TEXT sets it, - clears it",
    "/history [ROOM] [N]   the last N messages; /history [ROOM] before|after NUMBER [N]",
    "/search QUERY         words, \"phrases\", from:NICK, in:ROOM, before:DATE, after:DATE",
    "/msg NICK TEXT        say something to one person only",
    "/me TEXT              say what you do",
    "/reply N TEXT         answer message number N",
    "/edit N TEXT          change what you said as message N",
    "/redact N             take back what you said as message N",
    "/react N WORD         put an emoji or a word on message N; -WORD takes it off",
    "/read N               tell the others that you have read as far as message N",
    "/typing on|off        tell the others that you are writing",
    "/in DURATION TEXT     say it later: in 90s, 10m, 2h30m, 1d",
    "/at TIME TEXT         say it later: at 18:00, or 2027-01-31T18:00:00Z",
    "/every DURATION TEXT  say it again and again",
    "/schedules            what you will say later",
    "/unschedule ID        never mind that",
    "/reschedule ID in|at|every WHEN TEXT   something else, or another time",
    "/ping [TOKEN]         answered at once",
    "/notices on|off       show who comes, goes, types",
    "/dgram on [HZ]|off    show the lobby's datagrams, at most HZ per sender and second",
    "/hex DE AD BE EF      send a datagram to the UDP peers",
    "/stats                the server's counters",
    "/connections [AFTER]  who is connected, and how; told on the server's own machine",
    "/quit                 say goodbye",
    "//TEXT                say a line that begins with a slash",
};

constexpr char upper(char letter) noexcept {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

// The command as a FAIL line names it: upper case, or "*" when it is no plain word.
std::string shown_command(std::string_view word) {
    std::string shown;
    for (const char letter : word) {
        shown += upper(letter);
        const bool plain = (shown.back() >= 'A' && shown.back() <= 'Z') ||
                           (shown.back() >= '0' && shown.back() <= '9') || shown.back() == '-';
        if (!plain) return "*";
    }
    return shown.empty() || shown.size() > command_bytes_max ? "*" : shown;
}

// A request that is its name alone; what follows is ignored.
template <class R>
DecodedText decode_bare(TextCommand&) {
    return R{};
}

// A request made of exactly one word.
template <class R>
DecodedText decode_word(TextCommand& command) {
    const auto word = command.words.next();
    if (word.empty()) return command.refuse(Errc::need_more_params);
    return command.whole(R{word});
}

// A request made of a word or none.
template <class R>
DecodedText decode_word_or_none(TextCommand& command) {
    return command.whole(R{command.words.next()});
}

DecodedText decode_msg(TextCommand& command) {
    const auto nick = command.words.next();
    const auto body = command.words.remainder();
    if (nick.empty() || body.empty()) return command.refuse(Errc::need_more_params);
    return Msg{nick, body};
}

DecodedText decode_me(TextCommand& command) {
    Say say;
    say.body = command.words.remainder();
    say.action = true;
    if (say.body.empty()) return command.refuse(Errc::need_more_params);
    return say;
}

DecodedText decode_ping(TextCommand& command) {
    return Ping{command.words.remainder()};
}

DecodedText decode_notices(TextCommand& command) {
    const auto word = command.words.next();
    if (word.empty()) return command.refuse(Errc::need_more_params);
    const auto on = on_or_off(word);
    if (!on) return command.refuse(Errc::bad_argument);
    return command.whole(Notices{*on});
}

DecodedText decode_typing(TextCommand& command) {
    Typing typing;
    typing.room = command.take_marked_room();
    const auto word = command.words.next();
    if (word.empty()) return command.refuse(Errc::need_more_params);
    const auto on = on_or_off(word);
    if (!on) return command.refuse(Errc::bad_argument);
    typing.on = *on;
    return command.whole(typing);
}

DecodedText decode_dgram(TextCommand& command) {
    const auto word = command.words.next();
    if (word.empty()) return command.refuse(Errc::need_more_params);
    const auto on = on_or_off(word);
    if (!on) return command.refuse(Errc::bad_argument);
    const auto rate = command.words.remainder();
    if (rate.empty()) return Datagrams{*on ? limits::dgram_hz_default : 0};
    const auto hz = parse_count(rate, limits::dgram_hz_max);
    if (!*on || !hz) return command.refuse(Errc::bad_argument);
    return Datagrams{static_cast<std::uint32_t>(*hz)};
}

DecodedText decode_connections(TextCommand& command) {
    const auto word = command.words.next();
    if (word.empty()) return Connections{};
    const auto after = parse_count(word, UINT32_MAX);
    if (!after) return command.refuse(Errc::bad_argument);
    return command.whole(Connections{.after = static_cast<std::uint32_t>(*after)});
}

DecodedText decode_hex(TextCommand& command) {
    const auto hex = command.words.remainder();
    if (hex.empty()) return command.refuse(Errc::need_more_params);
    auto payload = parse_hex(hex, command.datagram_bytes_max, false);
    if (!payload) {
        return command.refuse(Errc::bad_hex, "column " + std::to_string(payload.error().column) +
                                                 ": " + std::string(payload.error().message));
    }
    return Datagram{std::move(*payload)};
}

struct Decoder {
    std::string_view name;
    DecodedText (*decode)(TextCommand&);
};

constexpr std::array<Decoder, 30> decoders{{
    {"HELP", decode_bare<Help>},
    {"NICK", decode_word<Nick>},
    {"JOIN", decode_join},
    {"LEAVE", decode_word_or_none<Leave>},
    {"ROOMS", decode_bare<Rooms>},
    {"WHO", decode_word_or_none<Who>},
    {"TOPIC", decode_topic},
    {"HISTORY", decode_history},
    {"SEARCH", decode_search},
    {"MSG", decode_msg},
    {"ME", decode_me},
    {"REPLY", decode_reply},
    {"EDIT", decode_edit},
    {"REDACT", decode_redact},
    {"REACT", decode_react},
    {"READ", decode_read},
    {"TYPING", decode_typing},
    {"IN", decode_in},
    {"AT", decode_at},
    {"EVERY", decode_every},
    {"SCHEDULES", decode_bare<Schedules>},
    {"UNSCHEDULE", decode_unschedule},
    {"RESCHEDULE", decode_reschedule},
    {"PING", decode_ping},
    {"NOTICES", decode_notices},
    {"DGRAM", decode_dgram},
    {"HEX", decode_hex},
    {"STATS", decode_bare<Stats>},
    {"CONNECTIONS", decode_connections},
    {"QUIT", decode_bare<Quit>},
}};
static_assert(help.size() == decoders.size() + 1, "each command, and the slash that begins a line");

DecodedText decode_command(std::string_view line, std::size_t datagram_bytes_max) {
    Words words{line};
    TextCommand command{shown_command(words.next()), {}, datagram_bytes_max};
    command.words = words;
    for (const auto& [name, decode] : decoders)
        if (name == command.name) return decode(command);
    return command.refuse(Errc::unknown_command);
}

Say said(std::string_view line) {
    Say say;
    say.body = line;
    return say;
}

struct CommandName {
    std::string_view operator()(const Say& say) const {
        if (say.reply_to != Position{}) return "REPLY";
        return say.action ? "ME" : "*";
    }
    std::string_view operator()(const Edit&) const { return "EDIT"; }
    std::string_view operator()(const Redact&) const { return "REDACT"; }
    std::string_view operator()(const React&) const { return "REACT"; }
    std::string_view operator()(const Topic&) const { return "TOPIC"; }
    std::string_view operator()(const Typing&) const { return "TYPING"; }
    std::string_view operator()(const Read&) const { return "READ"; }
    std::string_view operator()(const Nick&) const { return "NICK"; }
    std::string_view operator()(const Join&) const { return "JOIN"; }
    std::string_view operator()(const Leave&) const { return "LEAVE"; }
    std::string_view operator()(const Rooms&) const { return "ROOMS"; }
    std::string_view operator()(const Who&) const { return "WHO"; }
    std::string_view operator()(const History&) const { return "HISTORY"; }
    std::string_view operator()(const Search&) const { return "SEARCH"; }
    std::string_view operator()(const Msg&) const { return "MSG"; }
    std::string_view operator()(const Ping&) const { return "PING"; }
    std::string_view operator()(const Notices&) const { return "NOTICES"; }
    std::string_view operator()(const Datagrams&) const { return "DGRAM"; }
    std::string_view operator()(const Datagram&) const { return "HEX"; }
    std::string_view operator()(const Schedule& schedule) const {
        if (schedule.id != 0) return "RESCHEDULE";
        if (schedule.when.kind == When::Kind::every) return "EVERY";
        return schedule.when.kind == When::Kind::after ? "IN" : "AT";
    }
    std::string_view operator()(const Schedules&) const { return "SCHEDULES"; }
    std::string_view operator()(const Unschedule&) const { return "UNSCHEDULE"; }
    std::string_view operator()(const Stats&) const { return "STATS"; }
    std::string_view operator()(const Connections&) const { return "CONNECTIONS"; }
    std::string_view operator()(const Hello&) const { return "HELLO"; }
    std::string_view operator()(const Resume&) const { return "RESUME"; }
    std::string_view operator()(const Help&) const { return "HELP"; }
    std::string_view operator()(const Quit&) const { return "QUIT"; }
};

}  // namespace

std::optional<bool> on_or_off(std::string_view word) noexcept {
    if (word == "on") return true;
    if (word == "off") return false;
    return std::nullopt;
}

std::optional<std::uint64_t> parse_count(std::string_view digits,
                                         std::uint64_t number_max) noexcept {
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc{} || stopped != end || number == 0 || number > number_max)
        return std::nullopt;
    return number;
}

std::expected<Request, TextRefusal> decode_text_request(std::string_view line,
                                                        std::size_t datagram_bytes_max) {
    if (line.find('\0') != std::string_view::npos) {
        return std::unexpected(TextRefusal{"*", Errc::nul, {}});
    }
    if (!utf8_valid(as_bytes(line))) return std::unexpected(TextRefusal{"*", Errc::bad_utf8, {}});
    if (line.front() != '/') return said(line);
    if (line.starts_with("//")) return said(line.substr(1));
    return decode_command(line.substr(1), datagram_bytes_max);
}

std::string_view command_of(const Request& request) noexcept {
    return std::visit(CommandName{}, request);
}

std::span<const std::string_view> help_lines() noexcept {
    return help;
}

}  // namespace chatd::wire
