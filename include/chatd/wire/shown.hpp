#pragma once
// Text made safe to show on a terminal, and split into its lines. What one person types must not
// move another's cursor, rewrite the title bar, reorder a line or forge a second one. Input is
// valid UTF-8 (wire/utf8.hpp); other bytes are harmless to this code but pass unchanged. Views are
// borrowed for the call. No state, any thread.
//
// What changes, everything else stays as it is:
//   C0 controls except tab (U+0000-001F)    their control pictures U+2400-241F: ESC shows as ␛
//   DEL (U+007F)                            its picture U+2421
//   C1 controls (U+0080-009F)               U+FFFD; terminals obey them as they obey ESC
//   bidi controls (U+202A-202E, 2066-2069)  U+FFFD; they reorder what stands around them
//   U+2028, U+2029, U+FEFF                  U+FFFD; line ends to some readers, invisible to others

#include <cstddef>
#include <string>
#include <string_view>

namespace chatd::wire {

/// Appends `utf8_text` to `out`, made safe. A byte grows to at most three. Plain text is appended
/// in one piece.
void append_shown(std::string& out, std::string_view utf8_text);

/// How many bytes append_shown() would append.
std::size_t shown_bytes(std::string_view utf8_text) noexcept;

/// True if append_shown() would change nothing.
bool is_plain(std::string_view utf8_text) noexcept;

/// Walks the lines of a text. A line ends at \n, \r\n, \r, U+2028 or U+2029; what follows the last
/// of them is a line if it is not empty. So "a\n" is one line, "\n" one empty line, "" none.
class LineSplitter {
public:
    /// `text` must stay valid while the splitter is used.
    explicit LineSplitter(std::string_view text) noexcept : rest_(text) {}

    /// Sets `line` to the next line without its end; false when there is none.
    bool next(std::string_view& line) noexcept;

private:
    std::string_view rest_;
};

/// Calls visit(line) for each line of `text`, in order.
template <class Visit>
void for_each_line(std::string_view text, Visit&& visit) {
    LineSplitter splitter(text);
    for (std::string_view line; splitter.next(line);)
        visit(line);
}

/// How many lines `text` has; counting stops at `count_max`.
std::size_t count_lines(std::string_view text, std::size_t count_max) noexcept;

}  // namespace chatd::wire
