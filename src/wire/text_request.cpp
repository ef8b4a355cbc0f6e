#include "chatd/wire/text_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "chatd/base/bytes.hpp"
#include "chatd/wire/hex.hpp"
#include "chatd/wire/utf8.hpp"

namespace chatd::wire {

namespace {

constexpr std::size_t command_bytes_max = 16;   // longest that is echoed in a FAIL
constexpr std::uint32_t dgram_hz_default = 10;  // per sender and second
constexpr std::uint32_t dgram_hz_max = 1000;
constexpr std::string_view blanks = " \t";

constexpr std::array<std::string_view, 14> help{
    "/help                 this list",
    "/nick NAME            choose your name",
    "/join ROOM            enter a room, or make it the current one",
    "/leave [ROOM]         leave the current room, or ROOM",
    "/rooms                the rooms and how many are in each",
    "/who [ROOM]           who is here",
    "/msg NICK TEXT        say something to one person only",
    "/me TEXT              say what you do",
    "/ping [TOKEN]         answered at once",
    "/notices on|off       show who comes and goes",
    "/dgram on [HZ]|off    show the lobby's datagrams, at most HZ per sender and second",
    "/hex DE AD BE EF      send a datagram to the UDP peers",
    "/quit                 say goodbye",
    "//TEXT                say a line that begins with a slash",
};

struct Words {
    std::string_view rest;
    std::string_view next() {
        const auto start = rest.find_first_not_of(blanks);
        if (start == std::string_view::npos) {
            rest = {};
            return {};
        }
        const auto end = std::min(rest.find_first_of(blanks, start), rest.size());
        const auto word = rest.substr(start, end - start);
        rest = rest.substr(end);
        return word;
    }
    // Everything that is left, without the blanks around it.
    std::string_view remainder() const {
        const auto start = rest.find_first_not_of(blanks);
        if (start == std::string_view::npos) return {};
        return rest.substr(start, rest.find_last_not_of(blanks) - start + 1);
    }
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

using Decoded = std::expected<Request, TextRefusal>;

struct Command {
    std::string name;
    Words words;

    Decoded refuse(Errc error, std::string detail = {}) const {
        return std::unexpected(TextRefusal{name, error, std::move(detail)});
    }
    // A request made of exactly one word.
    template <class R>
    Decoded one_word() {
        const auto word = words.next();
        if (word.empty()) return refuse(Errc::need_more_params);
        if (!words.remainder().empty()) return refuse(Errc::bad_argument);
        return R{word};
    }
    // A request made of a word or none.
    template <class R>
    Decoded word_or_none() {
        const auto word = words.next();
        if (!words.remainder().empty()) return refuse(Errc::bad_argument);
        return R{word};
    }
};

std::optional<bool> on_or_off(std::string_view word) {
    if (word == "on") return true;
    if (word == "off") return false;
    return std::nullopt;
}

Decoded decode_msg(Command& command) {
    const auto nick = command.words.next();
    const auto body = command.words.remainder();
    if (nick.empty() || body.empty()) return command.refuse(Errc::need_more_params);
    return Msg{nick, body};
}

Decoded decode_notices(Command& command) {
    const auto word = command.words.next();
    if (word.empty()) return command.refuse(Errc::need_more_params);
    const auto on = on_or_off(word);
    if (!on || !command.words.remainder().empty()) return command.refuse(Errc::bad_argument);
    return Notices{*on};
}

Decoded decode_dgram(Command& command) {
    const auto word = command.words.next();
    if (word.empty()) return command.refuse(Errc::need_more_params);
    const auto on = on_or_off(word);
    if (!on) return command.refuse(Errc::bad_argument);
    std::uint32_t hz = *on ? dgram_hz_default : 0;
    const auto rate = command.words.remainder();
    if (!rate.empty()) {
        const auto [end, error] = std::from_chars(rate.data(), rate.data() + rate.size(), hz);
        const bool whole = error == std::errc{} && end == rate.data() + rate.size();
        if (!*on || !whole || hz == 0 || hz > dgram_hz_max)
            return command.refuse(Errc::bad_argument);
    }
    return Datagrams{hz};
}

Decoded decode_hex(const Command& command, std::size_t datagram_bytes_max) {
    const auto hex = command.words.remainder();
    if (hex.empty()) return command.refuse(Errc::need_more_params);
    auto payload = parse_hex(hex, datagram_bytes_max, false);
    if (!payload) {
        return command.refuse(Errc::bad_hex, "column " + std::to_string(payload.error().column) +
                                                 ": " + std::string(payload.error().message));
    }
    return Datagram{std::move(*payload)};
}

Decoded decode_command(std::string_view line, std::size_t datagram_bytes_max) {
    Words words{line};
    Command command{shown_command(words.next()), words};
    const std::string& name = command.name;
    if (name == "HELP") return Help{};
    if (name == "NICK") return command.one_word<Nick>();
    if (name == "JOIN") return command.one_word<Join>();
    if (name == "LEAVE") return command.word_or_none<Leave>();
    if (name == "ROOMS") return Rooms{};
    if (name == "WHO") return command.word_or_none<Who>();
    if (name == "MSG") return decode_msg(command);
    if (name == "PING") return Ping{command.words.remainder()};
    if (name == "NOTICES") return decode_notices(command);
    if (name == "DGRAM") return decode_dgram(command);
    if (name == "HEX") return decode_hex(command, datagram_bytes_max);
    if (name == "QUIT") return Quit{};
    if (name == "ME") {
        const auto body = command.words.remainder();
        if (body.empty()) return command.refuse(Errc::need_more_params);
        return Say{body, true};
    }
    return command.refuse(Errc::unknown_command);
}

}  // namespace

Decoded decode_text_request(std::string_view line, std::size_t datagram_bytes_max) {
    if (line.find('\0') != std::string_view::npos) {
        return std::unexpected(TextRefusal{"*", Errc::nul, {}});
    }
    if (!utf8_valid(as_bytes(line))) return std::unexpected(TextRefusal{"*", Errc::bad_utf8, {}});
    if (line.front() != '/') return Say{line, false};
    if (line.starts_with("//")) return Say{line.substr(1), false};
    return decode_command(line.substr(1), datagram_bytes_max);
}

std::span<const std::string_view> help_lines() noexcept {
    return help;
}

}  // namespace chatd::wire
