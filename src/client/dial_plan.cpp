#include "chatd/client/dial_plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "chatd/base/assert.hpp"
#include "chatd/wire/shown.hpp"

namespace chatd::client {

std::expected<DialStrategy, std::string> parse_dial_strategy(std::string_view text) {
    if (text == "serial") return DialStrategy::serial;
    if (text == "parallel") return DialStrategy::parallel;
    if (text == "eyeballs") return DialStrategy::eyeballs;
    std::string shown;
    wire::append_shown(shown, text);
    return std::unexpected(
        fmt::format("\"{}\" is no way to dial: write serial, parallel or eyeballs.", shown));
}

DialPlan::DialPlan(std::size_t address_count, const DialOptions& options)
    : options_(options), attempts_(address_count) {}

bool DialPlan::due(Time now) const noexcept {
    if (started_ == failed_) return true;  // nothing is on its way
    switch (options_.strategy) {
        case DialStrategy::serial:
            return false;
        case DialStrategy::parallel:
            return true;
        case DialStrategy::eyeballs:
            return next_start_ <= now;
    }
    return false;
}

std::optional<std::size_t> DialPlan::start_next(Time now) {
    if (started_ == attempts_.size() || !due(now)) return std::nullopt;
    Attempt& attempt = attempts_[started_];
    attempt.stage = Stage::running;
    attempt.expires = now + options_.address_timeout;
    next_start_ = now + options_.attempt_delay;
    return started_++;
}

std::optional<std::size_t> DialPlan::expire_next(Time now) {
    for (std::size_t address = 0; address < started_; ++address) {
        if (attempts_[address].stage != Stage::running || attempts_[address].expires > now) {
            continue;
        }
        failed(address, ETIMEDOUT);
        return address;
    }
    return std::nullopt;
}

void DialPlan::failed(std::size_t address, int error) {
    CHATD_ASSERT(attempts_[address].stage == Stage::running);
    attempts_[address].stage = Stage::failed;
    attempts_[address].error = error;
    ++failed_;
    // Only the newest one's failure hastens the next: an older one has had its follower.
    if (address + 1 == started_) next_start_ = Time::min();
}

Time DialPlan::deadline() const noexcept {
    Time earliest = time_never;
    if (started_ < attempts_.size()) {
        if (due(Time::min())) return Time::min();
        if (options_.strategy == DialStrategy::eyeballs) earliest = next_start_;
    }
    for (const Attempt& attempt : attempts_) {
        if (attempt.stage == Stage::running) earliest = std::min(earliest, attempt.expires);
    }
    return earliest;
}

}  // namespace chatd::client
