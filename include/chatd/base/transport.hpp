#pragma once
// What the I/O side can tell of a connection that the engine has: who is at the other end, and what
// the kernel knows of the TCP between. Plain values, any thread.

#include <cstdint>
#include <optional>
#include <string_view>

#include "chatd/base/address.hpp"

namespace chatd {

/// RFC 9293 3.3.2, numbered as Linux does (include/net/tcp_states.h).
enum class TcpState : std::uint8_t {
    unknown,
    established,
    syn_sent,
    syn_received,
    fin_wait_1,
    fin_wait_2,
    time_wait,
    closed,
    close_wait,
    last_ack,
    listening,
    closing,
};

/// "ESTAB", "FIN-WAIT-1": the words of `ss`.
std::string_view word_of(TcpState state) noexcept;

/// Linux' tcp_info, under the names that `ss -ti` prints, units last.
struct TcpInfo {
    TcpState state = TcpState::unknown;
    std::uint32_t rtt_us = 0;     ///< smoothed (RFC 6298)
    std::uint32_t rttvar_us = 0;  ///< its variance
    std::uint32_t rto_us = 0;     ///< when what is unanswered is sent again
    std::uint32_t mss_bytes = 0;
    std::uint32_t cwnd = 0;                 ///< segments
    std::uint32_t unacked = 0;              ///< segments sent and not acknowledged
    std::uint32_t lost = 0;                 ///< of these, taken for lost
    std::uint32_t retrans = 0;              ///< of these, sent again
    std::uint32_t retrans_total = 0;        ///< segments sent again since the beginning
    std::uint32_t notsent_bytes = 0;        ///< in the kernel, not sent even once
    std::uint32_t send_queue_bytes = 0;     ///< in the kernel, not acknowledged
    std::uint32_t receive_queue_bytes = 0;  ///< in the kernel, not read by us
    std::uint32_t last_sent_ms = 0;         ///< since data was last sent
    std::uint32_t last_received_ms = 0;     ///< since data was last received
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;  ///< what was sent again not counted
};

struct Transport {
    Address peer{};                ///< Family::none: the connection is gone
    std::optional<TcpInfo> tcp{};  ///< none: the kernel does not say
};

}  // namespace chatd
