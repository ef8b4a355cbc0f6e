#pragma once
// The table that chatcli top shows: rows in order, columns as many as there is room for. Pure
// functions, any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "top_options.hpp"
#include "top_page.hpp"

namespace chatd::terminal {

/// Puts the rows in order; those that are equal by number.
void sort_rows(std::vector<TopRow>& rows, TopOrder order, bool reversed);

/// Lines without their ends: the heads of the columns, then the rows, each at most `width` columns
/// wide and without blanks at its end. `now` is the time that ages are counted to.
std::vector<std::string> table_lines(const std::vector<TopRow>& rows, std::size_t width,
                                     UnixMs now);

/// "0", "999", "12.3k", "4M": at most five characters.
std::string short_bytes(double bytes);
/// "0.045", "12.3", "1234": milliseconds, at most six characters.
std::string short_ms(std::uint64_t us);
/// "5s", "12m", "3h", "2d".
std::string short_age(std::int64_t ms);

}  // namespace chatd::terminal
