#include "chatd/client/retry.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "chatd/wire/shown.hpp"

namespace chatd::client {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t attempts_limit = 1'000'000'000;
constexpr Duration delay_limit = 24h;
constexpr Duration lived_min = 1s;  // however short the waits are

struct Unit {
    std::string_view name;
    std::chrono::milliseconds length;
};
constexpr std::array<Unit, 4> units{{{"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}}};

std::unexpected<std::string> refuse(std::string_view text, std::string_view reason) {
    std::string shown;
    wire::append_shown(shown, text);
    return std::unexpected(fmt::format("\"{}\" is no back-off: {}", shown, reason));
}

// A whole number at the front of `text`, which keeps what follows it.
std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    return number;
}

std::optional<Duration> parse_delay(std::string_view text) noexcept {
    const auto number = take_number(text);
    const auto unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& one) { return one.name == text; });
    if (!number || *number == 0 || unit == units.end()) return std::nullopt;
    // The limit in this unit: so the product cannot overflow.
    if (*number > static_cast<std::uint64_t>(delay_limit / unit->length)) return std::nullopt;
    return unit->length * static_cast<std::int64_t>(*number);
}

std::string delay_text(Duration delay) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(delay);
    if (ms % 1s == 0ms) return fmt::format("{}s", ms / 1s);
    return fmt::format("{}ms", ms.count());
}

}  // namespace

std::string RetryPolicy::text() const {
    return fmt::format("max={},base={},cap={}", attempts_max, delay_text(base), delay_text(cap));
}

std::expected<RetryPolicy, std::string> parse_retry(std::string_view text) {
    const std::string_view whole = text;
    RetryPolicy policy;
    bool max_named = false;
    bool base_named = false;
    bool cap_named = false;
    bool more = true;
    while (more) {
        const std::size_t comma = text.find(',');
        const std::string_view setting = text.substr(0, comma);
        more = comma != std::string_view::npos;
        if (more) text.remove_prefix(comma + 1);

        const std::size_t equals = std::min(setting.find('='), setting.size());
        const std::string_view name = setting.substr(0, equals);
        std::string_view value = setting.substr(std::min(equals + 1, setting.size()));
        bool* const named = name == "max"    ? &max_named
                            : name == "base" ? &base_named
                            : name == "cap"  ? &cap_named
                                             : nullptr;
        if (named == nullptr) {
            return refuse(whole,
                          "it is max=N, base=TIME and cap=TIME, such as "
                          "max=200,base=250ms,cap=36s.");
        }
        if (*named) return refuse(whole, fmt::format("{} stands in it twice.", name));
        *named = true;
        if (name == "max") {
            const auto number = take_number(value);
            if (!number || !value.empty() || *number > attempts_limit) {
                return refuse(whole, "max is a number of attempts, 0 to 1000000000.");
            }
            policy.attempts_max = static_cast<std::uint32_t>(*number);
            continue;
        }
        const auto delay = parse_delay(value);
        if (!delay) {
            return refuse(whole, fmt::format("{} is a whole number with ms, s, m or h, such as "
                                             "250ms, from 1ms to 24h.",
                                             name));
        }
        (name == "base" ? policy.base : policy.cap) = *delay;
    }
    if (policy.cap < policy.base) {
        if (base_named && cap_named) return refuse(whole, "the cap is below the base.");
        (cap_named ? policy.base : policy.cap) = cap_named ? policy.cap : policy.base;
    }
    return policy;
}

Duration Backoff::delay_max(std::uint32_t attempt) const noexcept {
    Duration delay = policy_.base;
    // At most as often as a duration has bits: it doubles, or it is there.
    while (attempt-- > 0 && delay < policy_.cap)
        delay = delay > policy_.cap / 2 ? policy_.cap : delay * 2;
    return std::min(delay, policy_.cap);
}

std::optional<Duration> Backoff::next_delay() noexcept {
    if (attempts_ >= policy_.attempts_max) return std::nullopt;
    const auto longest = static_cast<std::uint64_t>(delay_max(attempts_++).count());
    return Duration(static_cast<Duration::rep>(chance_.between(0, longest)));
}

void Backoff::disconnected(Time now) noexcept {
    if (!connected_at_) return;
    const Duration waited = attempts_ == 0 ? Duration(0) : delay_max(attempts_ - 1);
    if (now - *connected_at_ >= std::max<Duration>(waited, lived_min)) attempts_ = 0;
    connected_at_.reset();
}

}  // namespace chatd::client
