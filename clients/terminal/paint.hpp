#pragma once
// A line of the server made fit for the terminal: nothing in it can move the cursor, and, where
// colours are wanted, each kind of line has its own. Pure functions, any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace chatd::terminal {

/// Appends `line` as it may be shown: control characters, escape sequences and bidi controls
/// replaced (wire/shown.hpp), and every byte that is no UTF-8.
void append_safe(std::string& out, std::string_view line);

/// The same by itself, for a name among words of ours.
std::string safe(std::string_view text);

/// append_safe() with colours: each nick its own, replies by severity, notices faint.
void append_painted(std::string& out, std::string_view line);

/// Which of the colours for nicks this one has: the same everywhere. Red is not among them; it
/// stays with failures.
inline constexpr std::size_t nick_hues = 5;
std::size_t hue_of_nick(std::string_view nick) noexcept;

/// False under NO_COLOR (no-color.org: set and not empty) and where TERM is dumb or unset.
bool colours_wanted(const char* no_color, const char* term) noexcept;

}  // namespace chatd::terminal
