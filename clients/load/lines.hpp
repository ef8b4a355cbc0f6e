#pragma once
// Walks the whole lines at the front of an input: what the line protocols have in common. The
// input is borrowed for the call. Any thread.

#include <string_view>

namespace chatd::load {

/// Calls take(line) for each whole line, without its LF or CRLF, and returns how many bytes they
/// and their ends were. An unfinished line at the end is left.
template <class Take>
std::size_t for_each_line(std::string_view input, Take&& take) {
    std::size_t begin = 0;
    while (begin < input.size()) {
        const std::size_t end = input.find('\n', begin);
        if (end == std::string_view::npos) break;
        std::string_view line = input.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        take(line);
        begin = end + 1;
    }
    return begin;
}

/// The body of `<nick> body`, `#room <nick> body`, or of a line without a name.
inline std::string_view said_in(std::string_view line) noexcept {
    if (line.starts_with('#')) {
        const std::size_t blank = line.find(' ');
        if (blank != std::string_view::npos) line.remove_prefix(blank + 1);
    }
    if (line.starts_with('<')) {
        const std::size_t end = line.find("> ");
        if (end != std::string_view::npos) line.remove_prefix(end + 2);
    }
    return line;
}

}  // namespace chatd::load
