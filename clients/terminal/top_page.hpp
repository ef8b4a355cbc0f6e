#pragma once
// What chatd answers to /v1/connections, as values: one row for each connection and UDP peer.
// Pure functions, any thread.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatd/base/uuid.hpp"

namespace chatd::terminal {

struct TopTcp {
    std::string state{};
    std::uint64_t rtt_us = 0;
    std::uint64_t rttvar_us = 0;
    std::uint64_t cwnd = 0;
    std::uint64_t unacked = 0;
    std::uint64_t lost = 0;
    std::uint64_t retrans_total = 0;
    std::uint64_t send_queue_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
};

struct TopRow {
    std::string id{};  ///< "7", "udp:1": the same as long as it is there
    std::string dialect{};
    std::string peer{};
    std::string nick{};   ///< empty: none
    std::string rooms{};  ///< "#dev,#lobby"
    UnixMs since = 0;     ///< of a UDP peer: when it was last heard
    std::uint64_t held_bytes = 0;
    std::uint64_t behind = 0;
    std::optional<TopTcp> tcp{};       ///< none: a UDP peer, or the kernel does not say
    std::uint64_t in_bytes = 0;        ///< from it
    std::uint64_t out_bytes = 0;       ///< to it
    std::optional<double> in_rate{};   ///< bytes a second since the table before, if it was there
    std::optional<double> out_rate{};  ///< the same

    std::uint64_t queue_bytes() const noexcept {
        return held_bytes + (tcp ? tcp->send_queue_bytes : 0);
    }
    double rate() const noexcept { return in_rate.value_or(0) + out_rate.value_or(0); }
};

/// All pages of one moment.
struct TopMoment {
    std::vector<TopRow> rows{};
    std::size_t connection_count = 0;
    std::size_t peer_count = 0;
    std::string connections_json{};  ///< the elements of both arrays, as they came
    std::string peers_json{};

    /// Adds a page; what the next one comes after, or none, or a sentence on what is wrong with it.
    std::expected<std::optional<std::uint64_t>, std::string> add_page(std::string_view json);
    /// Sets the rates of the rows that were there in `before`, `seconds` ago.
    void compare(const TopMoment& before, double seconds);
    /// {"connections":[...],"peers":[...],"total":N,"peers_total":N}, without a newline.
    std::string json() const;
};

}  // namespace chatd::terminal
