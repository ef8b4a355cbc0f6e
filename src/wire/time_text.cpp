#include "chatd/wire/time_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "chatd/base/ascii.hpp"
#include "chatd/base/limits.hpp"

namespace chatd::wire {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t civil_bytes = time_text_bytes - 1;  // without the zone
constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t week_ms = 7 * day_ms;
constexpr auto duration_ms_max = static_cast<std::int64_t>(json_integer_max);
constexpr std::int64_t ahead_ms_max = milliseconds(limits::schedule_ahead_max).count();
constexpr std::int64_t interval_ms_min = milliseconds(limits::schedule_interval_min).count();

// From the largest to the smallest, in the order in which they may stand.
constexpr std::array<std::pair<char, std::int64_t>, 5> units{{
    {'w', week_ms},
    {'d', day_ms},
    {'h', hour_ms},
    {'m', minute_ms},
    {'s', second_ms},
}};

constexpr bool is_digit(char byte) noexcept {
    return byte >= '0' && byte <= '9';
}

// Reads a text from the left; what does not fit leaves it where it is and gives false or none.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : rest_(text) {}

    bool done() const noexcept { return rest_.empty(); }

    bool take(char wanted) noexcept {
        if (rest_.empty() || ascii_lower(rest_.front()) != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // Exactly `count` digits.
    std::optional<int> number(std::size_t count) noexcept {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (const char digit : rest_.substr(0, count)) {
            if (!is_digit(digit)) return std::nullopt;
            value = value * 10 + (digit - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    // One digit or more; none past `value_max`.
    std::optional<std::int64_t> digits(std::int64_t value_max) noexcept {
        if (rest_.empty() || !is_digit(rest_.front())) return std::nullopt;
        std::int64_t value = 0;
        while (!rest_.empty() && is_digit(rest_.front())) {
            value = value * 10 + (rest_.front() - '0');
            if (value > value_max) return std::nullopt;
            rest_.remove_prefix(1);
        }
        return value;
    }

    // One digit or more behind a point, as milliseconds; finer digits are cut off.
    std::optional<std::int64_t> fraction_ms() noexcept {
        if (rest_.empty() || !is_digit(rest_.front())) return std::nullopt;
        std::int64_t value = 0;
        for (std::int64_t scale = 100; !rest_.empty() && is_digit(rest_.front()); scale /= 10) {
            value += scale * (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

private:
    std::string_view rest_;
};

void append_padded(std::string& out, unsigned value, std::size_t width) {
    std::array<char, 4> digits{};
    for (std::size_t index = width; index > 0; --index, value /= 10)
        digits[index - 1] = static_cast<char>('0' + value % 10);
    out.append(digits.data(), width);
}

// Writes "2026-11-26T10:00:00.123" of a time within the bounds, digit by digit: every message that
// is told in JSON has one.
void put_civil(std::span<char, civil_bytes> text, UnixMs at) noexcept {
    const std::chrono::sys_time<milliseconds> time{milliseconds(at)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const auto clock_ms = static_cast<std::uint32_t>((time - day).count());
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const std::uint32_t ms = clock_ms % 1'000;
    std::memcpy(text.data(), "0000-00-00T00:00:00.000", civil_bytes);
    const auto put_pair = [text](std::size_t place, unsigned value) {
        text[place] = static_cast<char>('0' + value / 10);
        text[place + 1] = static_cast<char>('0' + value % 10);
    };
    put_pair(0, year / 100);
    put_pair(2, year % 100);
    put_pair(5, static_cast<unsigned>(date.month()));
    put_pair(8, static_cast<unsigned>(date.day()));
    put_pair(11, clock_ms / 3'600'000);
    put_pair(14, clock_ms / 60'000 % 60);
    put_pair(17, clock_ms / 1'000 % 60);
    text[20] = static_cast<char>('0' + ms / 100);
    put_pair(21, ms % 100);
}

// "2026-11-26" as the milliseconds at its midnight.
std::optional<UnixMs> read_date(Reader& reader) noexcept {
    const auto year = reader.number(4);
    if (!year || !reader.take('-')) return std::nullopt;
    const auto month = reader.number(2);
    if (!month || !reader.take('-')) return std::nullopt;
    const auto day = reader.number(2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days{date}.time_since_epoch();
    return milliseconds(days).count();
}

struct ClockTime {
    std::int64_t ms = 0;       // since midnight
    bool leap_second = false;  // it ends in :60
};

// "10:00:00.123".
std::optional<ClockTime> read_clock(Reader& reader) noexcept {
    const auto hour = reader.number(2);
    if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
    const auto minute = reader.number(2);
    if (!minute || *minute > 59 || !reader.take(':')) return std::nullopt;
    const auto second = reader.number(2);
    if (!second || *second > 60) return std::nullopt;
    std::optional<std::int64_t> fraction = 0;
    if (reader.take('.')) fraction = reader.fraction_ms();
    if (!fraction) return std::nullopt;
    ClockTime clock{*hour * hour_ms + *minute * minute_ms + *second * second_ms + *fraction, false};
    if (*second == 60) clock = {*hour * hour_ms + *minute * minute_ms + minute_ms - 1, true};
    return clock;
}

// "Z" or "+02:00", in ms ahead of UTC.
std::optional<std::int64_t> read_offset(Reader& reader) noexcept {
    if (reader.take('z')) return 0;
    const bool behind = reader.take('-');
    if (!behind && !reader.take('+')) return std::nullopt;
    const auto hours = reader.number(2);
    if (!hours || *hours > 23 || !reader.take(':')) return std::nullopt;
    const auto minutes = reader.number(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    const std::int64_t offset = *hours * hour_ms + *minutes * minute_ms;
    return behind ? -offset : offset;
}

// One number and its unit, added to `total`; `unit_index` moves behind the unit. `unit_end` is
// behind the last unit that may stand here.
bool read_unit(Reader& reader, std::size_t& unit_index, std::size_t unit_end,
               std::int64_t& total) noexcept {
    const auto count = reader.digits(duration_ms_max);
    if (!count) return false;
    std::optional<std::int64_t> fraction = 0;
    // ISO 8601 writes either.
    const bool has_fraction = reader.take('.') || reader.take(',');
    if (has_fraction) fraction = reader.fraction_ms();
    if (!fraction) return false;
    for (; unit_index < unit_end; ++unit_index) {
        const auto [letter, unit_ms] = units[unit_index];
        if (!reader.take(letter)) continue;
        ++unit_index;
        if (has_fraction && unit_ms != second_ms) return false;
        const std::int64_t left = duration_ms_max - total - *fraction;
        if (left < 0 || *count > left / unit_ms) return false;
        total += *count * unit_ms + *fraction;
        return true;
    }
    return false;
}

// "1DT2H", the 'P' taken off: weeks and days, then 'T' and what is smaller.
std::optional<std::int64_t> read_iso_duration(Reader reader) noexcept {
    constexpr std::size_t time_unit_index = 2;
    std::int64_t total = 0;
    std::size_t unit_index = 0;
    bool in_time = false;
    bool any = false;
    while (!reader.done()) {
        if (!in_time && reader.take('t')) {
            in_time = true;
            any = false;  // something must follow
            unit_index = time_unit_index;
            continue;
        }
        if (!read_unit(reader, unit_index, in_time ? units.size() : time_unit_index, total))
            return std::nullopt;
        any = true;
    }
    if (!any) return std::nullopt;
    return total;
}

std::optional<std::int64_t> read_short_duration(Reader reader) noexcept {
    if (reader.done()) return std::nullopt;
    std::int64_t total = 0;
    for (std::size_t unit_index = 0; !reader.done();)
        if (!read_unit(reader, unit_index, units.size(), total)) return std::nullopt;
    return total;
}

// "18:00", "9:30" or "18:00:30", in ms since midnight.
std::optional<std::int64_t> read_time_of_day(std::string_view text) noexcept {
    Reader reader(text);
    const auto hour = reader.number(text.find(':') == 1 ? 1 : 2);
    if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
    const auto minute = reader.number(2);
    if (!minute || *minute > 59) return std::nullopt;
    std::optional<int> second = 0;
    if (reader.take(':')) second = reader.number(2);
    if (!second || *second > 59 || !reader.done()) return std::nullopt;
    return *hour * hour_ms + *minute * minute_ms + *second * second_ms;
}

// Why a duration is no wait for a schedule; empty if it is.
std::string fault_of_wait(std::int64_t ms, std::int64_t ms_min) {
    if (ms > ahead_ms_max) {
        std::string text = "at most ";
        append_duration(text, ahead_ms_max);
        return text + " ahead";
    }
    if (ms >= ms_min) return {};
    if (ms_min == 1) return "that is no time at all";
    std::string text = "at least ";
    append_duration(text, ms_min);
    return text;
}

}  // namespace

std::array<char, time_text_bytes> time_text(UnixMs at) noexcept {
    // What is said in one turn has one time, which is told with each of it, more than once.
    thread_local UnixMs last_at = time_ms_max + 1;
    thread_local std::array<char, time_text_bytes> last;
    if (at != last_at) {
        last_at = at;
        put_civil(std::span(last).first<civil_bytes>(), std::clamp(at, time_ms_min, time_ms_max));
        last.back() = 'Z';
    }
    return last;
}

void append_time(std::string& out, UnixMs at) {
    const auto text = time_text(at);
    out.append(text.data(), text.size());
}

void append_local_time(std::string& out, UnixMs at, std::int32_t zone_offset_s) {
    std::int64_t offset_min = zone_offset_s / 60;
    if (offset_min <= -24 * 60 || offset_min >= 24 * 60) offset_min = 0;
    const UnixMs local = std::clamp(at, time_ms_min, time_ms_max) + offset_min * minute_ms;
    std::array<char, civil_bytes> civil;
    put_civil(civil, std::clamp(local, time_ms_min, time_ms_max));
    out.append(civil.data(), civil.size());
    out += offset_min < 0 ? '-' : '+';
    const auto minutes = static_cast<unsigned>(offset_min < 0 ? -offset_min : offset_min);
    append_padded(out, minutes / 60, 2);
    out += ':';
    append_padded(out, minutes % 60, 2);
}

std::optional<UnixMs> parse_time(std::string_view text) noexcept {
    Reader reader(text);
    const auto date = read_date(reader);
    if (!date || !reader.take('t')) return std::nullopt;
    const auto clock = read_clock(reader);
    if (!clock) return std::nullopt;
    const auto offset = read_offset(reader);
    if (!offset || !reader.done()) return std::nullopt;
    const UnixMs at = *date + clock->ms - *offset;
    // RFC 3339 5.7: leap seconds end a day of UTC, wherever the zone's clock stands.
    const bool at_day_end = ((at + 1) % day_ms) == 0;
    if (clock->leap_second && !at_day_end) return std::nullopt;
    if (at < time_ms_min || at > time_ms_max) return std::nullopt;
    return at;
}

std::optional<std::int64_t> parse_duration(std::string_view text) noexcept {
    Reader reader(text);
    if (reader.take('p')) return read_iso_duration(reader);
    return read_short_duration(reader);
}

void append_duration(std::string& out, std::int64_t ms) {
    ms = std::max<std::int64_t>(ms, 0);
    const std::size_t start = out.size();
    // Weeks are read and not written: "2w" says no more than "14d".
    for (const auto& [letter, unit_ms] : units) {
        if (letter == 'w' || ms < unit_ms || unit_ms == second_ms) continue;
        out += std::to_string(ms / unit_ms);
        out += letter;
        ms %= unit_ms;
    }
    if (ms == 0 && out.size() > start) return;
    out += std::to_string(ms / second_ms);
    if (auto fraction = static_cast<unsigned>(ms % second_ms); fraction > 0) {
        std::size_t width = 3;
        for (; fraction % 10 == 0; fraction /= 10)
            --width;
        out += '.';
        append_padded(out, fraction, width);
    }
    out += 's';
}

std::expected<When, std::string> parse_when(std::string_view text) {
    if (const auto ms = parse_duration(text)) {
        if (std::string fault = fault_of_wait(*ms, 1); !fault.empty())
            return std::unexpected(std::move(fault));
        return When{When::Kind::after, *ms};
    }
    if (const auto ms = read_time_of_day(text)) return When{When::Kind::time_of_day, *ms};
    if (const auto at = parse_time(text)) return When{When::Kind::at, *at};
    return std::unexpected("neither a duration nor a time");
}

std::expected<When, std::string> parse_every(std::string_view text) {
    const auto ms = parse_duration(text);
    if (!ms) return std::unexpected("not a duration");
    if (std::string fault = fault_of_wait(*ms, interval_ms_min); !fault.empty())
        return std::unexpected(std::move(fault));
    return When{When::Kind::every, *ms};
}

}  // namespace chatd::wire
