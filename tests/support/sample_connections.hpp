#pragma once
// A page of connections with everything in it, for tests of how it is spelled.

#include "chatd/wire/reply.hpp"
#include "support/sample_event.hpp"

namespace chatd::test {

inline wire::ConnectionsReply sample_connections() {
    const TcpInfo tcp{.state = TcpState::established,
                      .rtt_us = 45,
                      .rttvar_us = 12,
                      .rto_us = 204'000,
                      .mss_bytes = 32'768,
                      .cwnd = 10,
                      .unacked = 3,
                      .lost = 1,
                      .retrans = 2,
                      .retrans_total = 4,
                      .notsent_bytes = 5,
                      .send_queue_bytes = 6,
                      .receive_queue_bytes = 7,
                      .last_sent_ms = 8,
                      .last_received_ms = 9,
                      .received_bytes = 120,
                      .sent_bytes = 4'000};
    wire::ConnectionsReply page;
    page.connections.push_back({.id = 7,
                                .dialect = "text",
                                .nick = "ana",
                                .rooms = {"dev", "lobby"},
                                .since = sample_ms,
                                .held_bytes = 11,
                                .behind = 13,
                                .transport = {ipv4_loopback(52'114), tcp}});
    page.connections.push_back(
        {.id = 8, .dialect = "undecided", .transport = {ipv6_loopback(7), {}}});
    page.peers.push_back({.slot = 1,
                          .peer = ipv4_loopback(4'000),
                          .heard = sample_ms,
                          .received = 3,
                          .received_bytes = 12,
                          .sent = 9,
                          .sent_bytes = 36});
    page.total = 4;
    page.peers_total = 2;
    page.next = 100;
    return page;
}

}  // namespace chatd::test
