#include "chatd/chat/names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "chat/spelling.hpp"

namespace chatd::chat {

namespace {

using namespace std::string_view_literals;
using limits::name_bytes_max;

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) noexcept {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
constexpr bool is_separator(char c) noexcept {
    return c == '-' || c == '_' || c == '.';
}

bool is_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= name_bytes_max &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || is_separator(c); });
}

/// How a reserved word is recognised: the skeleton, with 'i' as 'l' as well and without separators.
/// Stricter than between people, since nobody has a claim to a word near "admin".
constexpr Spelling bare_skeleton_of(std::string_view name) noexcept {
    const Spelling skeleton = skeleton_of(name);
    Spelling bare;
    for (const char c : skeleton.text()) {
        if (!is_separator(c)) bare.push_back(c == 'i' ? 'l' : c);
    }
    return bare;
}

/// The server and its parts; roles; addressees that mean many, nobody or the reader; and the words
/// its replies begin with.
constexpr std::array reserved_words{
    "chatd"sv,     "server"sv,     "service"sv,   "system"sv,  "daemon"sv,   "localhost"sv,
    "lobby"sv,     "room"sv,       "channel"sv,   "admin"sv,   "admins"sv,   "administrator"sv,
    "root"sv,      "operator"sv,   "oper"sv,      "owner"sv,   "mod"sv,      "mods"sv,
    "moderator"sv, "moderators"sv, "staff"sv,     "support"sv, "security"sv, "everyone"sv,
    "everybody"sv, "all"sv,        "here"sv,      "anyone"sv,  "anybody"sv,  "someone"sv,
    "somebody"sv,  "nobody"sv,     "noone"sv,     "none"sv,    "null"sv,     "nil"sv,
    "undefined"sv, "unknown"sv,    "anonymous"sv, "me"sv,      "you"sv,      "self"sv,
    "note"sv,      "notice"sv,     "warn"sv,      "warning"sv, "fail"sv,     "error"sv,
    "help"sv,      "welcome"sv,
};

bool is_reserved(std::string_view nick) noexcept {
    const Spelling bare = bare_skeleton_of(nick);
    return std::any_of(
        reserved_words.begin(), reserved_words.end(),
        [&bare](std::string_view word) { return bare_skeleton_of(word).text() == bare.text(); });
}

/// "guest" and what reads as a number or nothing: in a bare skeleton 0 is 'o', and 1 is 'l'.
bool is_guest_nick(std::string_view nick) noexcept {
    const Spelling bare = bare_skeleton_of(nick);
    const std::string_view text = bare.text();
    constexpr auto guest = "guest"sv;
    if (!text.starts_with(guest)) return false;
    return std::all_of(text.begin() + guest.size(), text.end(),
                       [](char c) { return is_digit(c) || c == 'o' || c == 'l'; });
}

}  // namespace

wire::Errc check_nick(std::string_view nick) noexcept {
    const bool good =
        is_name(nick) && is_letter(nick.front()) && !is_reserved(nick) && !is_guest_nick(nick);
    return good ? wire::Errc::none : wire::Errc::bad_nick;
}

wire::Errc check_room(std::string_view room) noexcept {
    const bool good = is_name(room) && !is_separator(room.front());
    return good ? wire::Errc::none : wire::Errc::bad_room;
}

std::string guest_nick(std::uint64_t number) {
    return "guest-" + std::to_string(number);
}

std::string fold(std::string_view name) {
    std::string folded;
    folded.reserve(name.size());
    write_fold(name, folded);
    return folded;
}

std::string skeleton(std::string_view name) {
    std::string skeleton;
    skeleton.reserve(2 * name.size());
    write_skeleton(name, skeleton);
    return skeleton;
}

}  // namespace chatd::chat
