#include "chatd/client/servers.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "chatd/base/assert.hpp"
#include "chatd/wire/shown.hpp"

namespace chatd::client {

namespace {

void shuffle(std::vector<Target>& servers, Prng& chance) {
    for (std::size_t left = servers.size(); left > 1; --left)
        std::swap(servers[left - 1], servers[chance.below(left)]);
}

}  // namespace

std::expected<Balance, std::string> parse_balance(std::string_view text) {
    if (text == "first") return Balance::first;
    if (text == "random") return Balance::random;
    if (text == "two-choices") return Balance::two_choices;
    std::string shown;
    wire::append_shown(shown, text);
    return std::unexpected(fmt::format(
        "\"{}\" is no way to choose a server: write first, random or two-choices.", shown));
}

std::expected<std::vector<Target>, std::string> parse_servers(std::string_view text,
                                                              std::uint16_t port_default) {
    std::vector<Target> servers;
    for (bool more = true; more;) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view one = text.substr(0, comma);
        more = comma < text.size();
        text.remove_prefix(more ? comma + 1 : comma);
        if (one.empty() && (more || !servers.empty())) {
            return std::unexpected("between two commas stands no server; write a,b,c.");
        }
        auto server = parse_target(one, port_default);
        if (!server) return std::unexpected(std::move(server.error()));
        if (std::find(servers.begin(), servers.end(), *server) != servers.end()) {
            return std::unexpected(fmt::format("{} stands in the list twice.", server->text()));
        }
        servers.push_back(std::move(*server));
        if (servers.size() > servers_max) {
            return std::unexpected(fmt::format("a list has at most {} servers.", servers_max));
        }
    }
    return servers;
}

ServerList::ServerList(std::vector<Target> servers, Balance balance, std::uint64_t seed)
    : servers_(std::move(servers)), balance_(balance), chance_(seed) {
    CHATD_ASSERT(!servers_.empty());
}

std::vector<Target> ServerList::next() {
    if (!begun_) begin_round();
    if (left_.empty()) {
        begun_ = false;
        return {};
    }
    const bool pair = balance_ == Balance::two_choices && !last_first_ && left_.size() > 1;
    last_first_ = false;
    std::vector<Target> chosen;
    for (int count = pair ? 2 : 1; count > 0; --count) {
        chosen.push_back(std::move(left_.back()));
        left_.pop_back();
    }
    return chosen;
}

void ServerList::begin_round() {
    begun_ = true;
    left_ = servers_;
    if (balance_ == Balance::first) {
        std::reverse(left_.begin(), left_.end());
    } else {
        shuffle(left_, chance_);
    }
    const auto last = last_ ? std::find(left_.begin(), left_.end(), *last_) : left_.end();
    last_first_ = last != left_.end();
    if (last_first_) std::rotate(last, last + 1, left_.end());
}

void ServerList::connected(const Target& server) {
    last_ = server;
    begun_ = false;
}

ServerDialling::ServerDialling(const std::vector<Target>& servers, const DialOptions& options) {
    CHATD_ASSERT(!servers.empty());
    lanes_.reserve(servers.size());
    for (const Target& server : servers)
        lanes_.push_back({server, Dialling(server, options)});
}

Time ServerDialling::deadline() const noexcept {
    Time earliest = time_never;
    for (const Lane& lane : lanes_)
        earliest = std::min(earliest, lane.dialling.deadline());
    return earliest;
}

void ServerDialling::step(Time now) {
    if (state_ != State::dialling) return;
    polled_.clear();
    bool any = false;
    for (Lane& lane : lanes_) {
        lane.dialling.step(now);
        if (lane.dialling.state() == State::connected) {
            state_ = State::connected;
            won_ = lane.dialling.take();
            server_ = lane.server;
            break;
        }
        any = any || lane.dialling.state() == State::dialling;
        const auto fds = lane.dialling.poll_fds();
        polled_.insert(polled_.end(), fds.begin(), fds.end());
    }
    if (state_ == State::dialling && !any) all_failed();
    if (state_ == State::dialling) return;
    lanes_.clear();
    polled_.clear();
}

void ServerDialling::all_failed() {
    state_ = State::failed;
    error_.reason = DialError::Reason::timed_out;
    for (const Lane& lane : lanes_) {
        const DialError& one = lane.dialling.error();
        if (!error_.message.empty()) error_.message += ' ';
        error_.message += one.message;
        if (one.reason != DialError::Reason::timed_out) error_.reason = one.reason;
    }
}

}  // namespace chatd::client
