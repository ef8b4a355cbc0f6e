#include "local_time.hpp"

#include <fmt/core.h>

#include <array>
#include <ctime>
#include <string_view>

namespace chatd::terminal {

namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

std::tm broken_down(UnixMs at) {
    const std::time_t seconds = at / 1000;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    return parts;
}

}  // namespace

std::string time_of_day(UnixMs at) {
    const std::tm parts = broken_down(at);
    return fmt::format("{:02}:{:02}", parts.tm_hour, parts.tm_min);
}

std::string day_of(UnixMs at) {
    const std::tm parts = broken_down(at);
    return fmt::format("{}, {} {} {}", weekdays[static_cast<std::size_t>(parts.tm_wday)],
                       parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)],
                       parts.tm_year + 1900);
}

}  // namespace chatd::terminal
