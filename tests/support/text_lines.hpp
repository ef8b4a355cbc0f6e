#pragma once
// Lines that a text client got, counted.

#include <sstream>
#include <string>
#include <string_view>

namespace chatd::test {

/// How many lines begin so.
inline std::size_t count_of(const std::string& text, std::string_view line_start) {
    std::size_t count = 0;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        count += line.starts_with(line_start) ? 1 : 0;
    return count;
}

}  // namespace chatd::test
